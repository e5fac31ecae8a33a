internal import JSON
internal import Torch

extension NaiveForm {
  /// x₁ ← x₁ + f(x₂), then x₂ ← x₂ + g(x₁), in each block.
  static let reversible = NaiveForm(
    "reversible",
    wraps: { options in
      ["f", "g"].compactMap { options[$0]?["name"]?.string }.filter { $0 != "linear" }
    }
  ) { call in
    let x = try call.input("x")
    let width = x.size(-1) / 2
    var (first, second) = try (x.slice(-1, 0..<width), x.slice(-1, width..<2 * width))
    for block in 0..<call.integer("blocks", default: 1) {
      first = try first + call.sublayer("f", of: block, second)
      second = try second + call.sublayer("g", of: block, first)
    }
    return try Tensor.cat([first, second], -1)
  }
}

extension NaiveCall {
  /// What the definition of a sublayer gives in a block.
  fileprivate func sublayer(_ name: String, of block: Int, _ x: Tensor) throws -> Tensor {
    let prefix = "\(name).\(block)."
    func own(_ tensors: [String: Tensor]) -> [String: Tensor] {
      Dictionary(
        uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(prefix) }
          .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }
    var call = NaiveCall(
      options: options[name] ?? [:], inputs: ["inputs": x], parameters: own(parameters),
      drawn: own(drawn), book: book)
    call.dropped = own(dropped)
    let definition = call.options["name"]?.string ?? "?"
    guard definition == "linear" else { return try book.form(definition).evaluate(call) }
    return try NaiveForm.activated(
      Elementary.affine(x, "weight", "bias", call), call.options["activation"]?.string)
  }
}
