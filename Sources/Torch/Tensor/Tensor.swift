internal import CTorch

/// An n-dimensional array of libtorch, freed with its last reference.
///
/// Tensors are values by convention: no operation of this package changes its arguments, except
/// those whose name implies it (`copy(from:)`, an optimiser's step). A tensor may be used from
/// several threads as long as none changes it.
public final class Tensor: @unchecked Sendable {
  let handle: OpaquePointer

  init(owning handle: OpaquePointer) { self.handle = handle }

  deinit { ct_tensor_free(handle) }

  /// The number of dimensions.
  public var rank: Int { Int(ct_tensor_rank(handle)) }

  /// The length of each dimension.
  public var shape: [Int] { (0..<ct_tensor_rank(handle)).map { Int(ct_tensor_size(handle, $0)) } }

  /// The distance in elements between neighbours along each dimension.
  public var strides: [Int] {
    (0..<ct_tensor_rank(handle)).map { Int(ct_tensor_stride(handle, $0)) }
  }

  /// The number of elements in the storage before the first one.
  public var storageOffset: Int { Int(ct_tensor_offset(handle)) }

  /// The number of elements.
  public var count: Int { Int(ct_tensor_count(handle)) }

  /// The length of one dimension; negative numbers count from the last.
  public func size(_ dimension: Int) -> Int {
    let rank = self.rank
    let index = dimension < 0 ? dimension + rank : dimension
    precondition(
      index >= 0 && index < rank, "there is no dimension \(dimension) in a tensor of rank \(rank)")
    return Int(ct_tensor_size(handle, Int64(index)))
  }

  /// The type of the elements.
  public var dtype: DType {
    guard let type = DType(scalarType: ct_tensor_dtype(handle)) else {
      preconditionFailure("libtorch made a tensor of type \(ct_tensor_dtype(handle))")
    }
    return type
  }

  /// Whether elements lie row-major without gaps.
  public var isContiguous: Bool { ct_tensor_is_contiguous(handle) != 0 }

  /// Whether the elements are in main memory.
  public var isOnCPU: Bool { ct_tensor_is_cpu(handle) != 0 }

  /// Whether two tensors hold their elements in the same memory.
  public func sharesStorage(with other: Tensor) -> Bool {
    guard let mine = ct_tensor_storage(handle) else { return false }
    return mine == ct_tensor_storage(other.handle)
  }

  /// Whether autograd records operations on this tensor.
  public var requiresGrad: Bool { ct_tensor_requires_grad(handle) != 0 }

  /// The gradient that backward passes have accumulated in a leaf.
  public var grad: Tensor? {
    var out: OpaquePointer?
    guard ct_tensor_grad(handle, &out) == 0 else { return nil }
    return out.map(Tensor.init(owning:))
  }

  /// Removes the gradient.
  public func clearGrad() throws(TorchError) { try check(ct_tensor_set_grad(handle, nil), "grad") }

  /// Replaces the gradient of a leaf.
  public func setGrad(_ gradient: Tensor) throws(TorchError) {
    let status = withExtendedLifetime(gradient) { ct_tensor_set_grad(handle, gradient.handle) }
    try check(status, "grad", [self, gradient])
  }

  /// Makes autograd record operations on a leaf, or not, and returns it.
  @discardableResult
  public func requireGrad(_ on: Bool = true) throws(TorchError) -> Tensor {
    try check(ct_tensor_set_requires_grad(handle, on ? 1 : 0), "requires_grad", [self])
    return self
  }
}

extension Tensor: CustomStringConvertible {
  /// The type and shape, and the elements if they are few.
  public var description: String {
    let head = "\(dtype)\(shape)"
    guard count <= 32, let values = try? doubles() else { return head }
    return head + " " + values.map { "\($0)" }.joined(separator: " ")
  }
}
