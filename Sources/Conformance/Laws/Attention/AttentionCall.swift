internal import Parts
internal import Properties
internal import Torch

/// The tensors of one call of an attention, its query, key, value and masks told apart.
///
/// A part is called by name, and each kind has its own; the order of its signature says which is
/// which. Queries, keys and values have tokens on their last axis but one.
struct AttentionCall {
  /// The names of the query, the key and the value.
  let names: [String]
  /// The tensors by name.
  var tensors: [String: Tensor]

  /// Takes the tensors of a scenario as they are; keys and values may be left out.
  init(_ setting: Setting, _ part: any PartModule) throws {
    names = part.signature.inputs.map(\.name)
    tensors = try setting.inputs()
    guard names.count >= 3 else {
      throw KitError("an attention takes a query, a key and a value, not \(names)")
    }
  }

  /// The queries.
  var query: Tensor {
    get throws { try tensor(names[0]) }
  }
  /// The keys; those left out are the queries.
  var key: Tensor {
    get throws { try tensors[names[1]] ?? query }
  }
  /// The values; those left out are the keys.
  var value: Tensor {
    get throws { try tensors[names[2]] ?? key }
  }
  /// The mask of pairs, Bool or added to the logits.
  var mask: Tensor? { tensors["att_mask"] }
  /// The mask of keys.
  var padding: Tensor? { tensors["key_padding_mask"] }

  /// The number of keys.
  var keys: Int {
    get throws { try key.size(-2) }
  }

  private func tensor(_ name: String) throws -> Tensor {
    guard let tensor = tensors[name] else { throw KitError("the call lacks its \(name)") }
    return tensor
  }

  /// The call as one that must be refused for the length of one of its tensors.
  func wrong(_ label: String) -> WrongCall {
    WrongCall(label: label, inputs: tensors, mistake: .shape, blamed: Set(names))
  }

  /// The call with some tensors replaced, and with keys and values spelled out.
  func with(
    query: Tensor? = nil, key: Tensor? = nil, value: Tensor? = nil, mask: Tensor? = nil
  ) throws -> AttentionCall {
    var call = self
    call.tensors[names[0]] = try query ?? self.query
    call.tensors[names[1]] = try key ?? self.key
    call.tensors[names[2]] = try value ?? self.value
    if let mask { call.tensors["att_mask"] = mask }
    return call
  }

  /// The call without masks.
  var unmasked: AttentionCall {
    var call = self
    call.tensors["att_mask"] = nil
    call.tensors["key_padding_mask"] = nil
    return call
  }

  /// The call with queries so small that no key it sees has a weight near 0.
  var gentle: AttentionCall {
    get throws {
      let width = Double(try query.size(-1)).squareRoot()
      let largest = try query.abs().maximum().item() * key.abs().maximum().item() * width
      return try with(query: largest > 4 ? query * (4 / largest) : query)
    }
  }

  /// The call in which one query sees no key, or with padding no query of one item.
  ///
  /// - Parameter choice: picks the row.
  func withEmptyRow(_ choice: Int) throws -> AttentionCall {
    var call = self
    for (name, tensor) in [("att_mask", mask), ("key_padding_mask", padding)] {
      guard let tensor else { continue }
      var values = try tensor.doubles()
      let keys = tensor.size(-1)
      let row = choice % (values.count / keys)
      for index in row * keys..<(row + 1) * keys {
        values[index] = tensor.dtype == .bool ? 0 : -.infinity
      }
      call.tensors[name] = try Tensor(values, shape: tensor.shape).to(tensor.dtype)
      break
    }
    return call
  }
}

extension Tensor {
  /// The tensor with a number added to one token.
  func moving(token index: Int, by amount: Double) throws -> Tensor {
    let count = size(-2)
    let step = try Tensor((0..<count).map { $0 == index ? amount : 0 }, shape: [count, 1])
    return try self + step.to(dtype)
  }
}
