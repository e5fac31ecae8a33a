/// What a module may hold under a key: a parameter, a buffer or another module.
public protocol ModuleMember: AnyObject {}

/// A tensor that training changes.
///
/// Two keys may hold the same object: then they share one weight.
public final class Parameter: ModuleMember {
  /// The value, a leaf that autograd follows.
  public private(set) var value: Tensor

  /// Makes a parameter with the values of a tensor, as a new leaf.
  public init(_ value: Tensor) throws(TorchError) {
    self.value = try value.detached().requireGrad()
  }

  /// Takes another value.
  public func replace(_ value: Tensor) throws(TorchError) {
    self.value = try value.detached().requireGrad(self.value.requiresGrad)
  }
}

/// A tensor of a module's state that training does not change.
public final class Buffer: ModuleMember {
  /// The value.
  public private(set) var value: Tensor
  /// Whether the options determine the value, so that loading checks it instead of replacing it.
  public let isConstant: Bool

  /// Makes a buffer; a constant one also keeps its type when the module's changes.
  public init(_ value: Tensor, isConstant: Bool = false) throws(TorchError) {
    self.value = try value.detached()
    self.isConstant = isConstant
  }

  /// Takes another value.
  public func replace(_ value: Tensor) throws(TorchError) { self.value = try value.detached() }
}
