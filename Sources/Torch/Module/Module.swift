package import Synchronization

/// A computation with parameters, buffers and submodules, each under its key.
///
/// A subclass names its members once, in the call of `super.init`. A module is used by one thread
/// at a time while it trains; in evaluation, calls may run concurrently.
open class Module: ModuleMember, CustomStringConvertible {
  /// The members in the order in which they were given.
  public let members: [(key: String, member: any ModuleMember)]

  /// What errors call the module; a registry gives a part its kind and name.
  public var title = ""

  /// Whether the module is in training mode: dropout is on, random features are redrawn.
  public private(set) var isTraining = true

  /// What a caller has computed from the options, which do not change.
  package let remembered = Mutex<(any Sendable)?>(nil)

  /// How often it was called by name: a check that never calls the part it judges proves nothing.
  package let callsByName = Atomic<Int>(0)

  /// Makes a module; members that are nil are left out.
  public init(_ members: KeyValuePairs<String, (any ModuleMember)?> = [:]) {
    self.members = members.compactMap { key, member in member.map { (key, $0) } }
  }

  /// Makes a module of members that are only known when it is made; those that are nil are left out.
  public init(members: [(key: String, member: (any ModuleMember)?)]) {
    self.members = members.compactMap { key, member in member.map { (key, $0) } }
  }

  /// The submodules and their keys.
  public var children: [(key: String, module: Module)] {
    members.compactMap { member in
      (member.member as? Module).map { (member.key, $0) }
    }
  }

  /// Puts the module and its submodules in training mode.
  public func train() { setTraining(true) }

  /// Puts the module and its submodules in evaluation mode.
  public func eval() { setTraining(false) }

  private func setTraining(_ on: Bool) {
    isTraining = on
    for child in children { child.module.setTraining(on) }
  }

  /// Restarts the random draws of this module and its submodules from a seed.
  open func reseed(_ seed: UInt64) throws {
    for child in children { try child.module.reseed(seed) }
  }

  /// Remembers the mode of this module and its submodules and what decides what they draw next, and
  /// returns what goes back there, so that a computation can be repeated.
  ///
  /// A module with draws of its own adds what decides them.
  open func bookmark() throws -> () throws -> Void {
    let isTraining = isTraining
    let inner = try children.map { try $0.module.bookmark() }
    return {
      if self.isTraining != isTraining { self.isTraining = isTraining }
      for goBack in inner { try goBack() }
    }
  }

  /// How many calls count for what this module draws next, beside its generator; a module that counts
  /// them overrides this, so that a training goes on where it stopped.
  open var countedCalls: Int {
    get { 0 }
    set {}
  }

  /// The counts of this module and its submodules that are not 0, by key; setting them sets all.
  public var allCountedCalls: [String: Int] {
    get {
      var counts = countedCalls == 0 ? [:] : ["": countedCalls]
      for (key, child) in children {
        for (name, count) in child.allCountedCalls {
          counts[name.isEmpty ? key : "\(key).\(name)"] = count
        }
      }
      return counts
    }
    set {
      countedCalls = newValue[""] ?? 0
      for (key, child) in children {
        child.allCountedCalls = newValue.reduce(into: [:]) { own, count in
          if count.key == key { own[""] = count.value }
          guard count.key.hasPrefix("\(key).") else { return }
          own[String(count.key.dropFirst(key.count + 1))] = count.value
        }
      }
    }
  }

  /// The keys of parameters that the original has here and that have no effect in this module.
  ///
  /// Loading drops them, with their submodules', instead of refusing them.
  open var deadKeys: [String] { [] }

  /// The keys of parameters that the original does not save, and that are 0 there.
  open var unsavedKeys: [String] { [] }

  /// Tensors of a checkpoint of the original under the keys and in the layout of this module; those
  /// of derivatives are converted alike. By default each submodule converts its own.
  open func converted(original state: [String: Tensor]) throws -> [String: Tensor] {
    var converted = state
    for (key, module) in children {
      let own = state.filter { $0.key.hasPrefix("\(key).") }
      let inner = Dictionary(
        uniqueKeysWithValues: own.map { (String($0.key.dropFirst(key.count + 1)), $0.value) })
      for key in own.keys { converted[key] = nil }
      for (name, value) in try module.converted(original: inner) {
        converted["\(key).\(name)"] = value
      }
    }
    return converted
  }

  /// Changes the floating type of every parameter and buffer except constants.
  ///
  /// - Throws: `TorchError` when the type is not floating.
  @discardableResult
  public func to(_ dtype: DType) throws(TorchError) -> Self {
    guard dtype.isFloating else {
      throw TorchError(operation: "to", message: "parameters have a floating type, not \(dtype)")
    }
    for entry in namedTensors where !entry.isConstant && entry.value.dtype != dtype {
      try entry.replace(entry.value.to(dtype))
    }
    return self
  }

  /// The tree of modules with keys, types and shapes, one a line.
  public var description: String { lines(key: nil).joined(separator: "\n") }

  private func lines(key: String?) -> [String] {
    let head = key.map { "\($0): " } ?? ""
    let inner = members.flatMap { key, member -> [String] in
      switch member {
      case let module as Module: module.lines(key: key)
      case let parameter as Parameter: ["\(key): \(parameter.value.dtype)\(parameter.value.shape)"]
      case let buffer as Buffer: ["\(key): \(buffer.value.dtype)\(buffer.value.shape) (buffer)"]
      default: []
      }
    }
    return ["\(head)\(type(of: self))"] + inner.map { "  " + $0 }
  }
}
