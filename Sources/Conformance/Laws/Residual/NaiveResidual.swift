internal import Foundation
internal import JSON
internal import Torch

extension NaiveForm {
  /// x + λ ⊙ f(norm(x)), norm(x + λ ⊙ f(x)) or norm(α·x + λ ⊙ f(x)).
  static let residual = NaiveForm(
    "residual",
    wraps: { options in
      ["norm", "sublayer"].compactMap { options[$0]?["name"]?.string }.filter { $0 != "linear" }
    }
  ) { call in
    let x = try call.input("x")
    func sublayer(_ x: Tensor) throws -> Tensor {
      guard call.options["sublayer"]?["name"]?.string != "linear" else {
        return try x.matmul(call.parameter("sublayer.weight").transposed())
          + call.parameter("sublayer.bias")
      }
      return try call.inner("sublayer", ["inputs": x])
    }
    func branch(_ x: Tensor) throws -> Tensor {
      let output = try sublayer(x)
      let scaled = try call.parameters["scale"].map { try output * $0 } ?? output
      return try call.dropping(scaled, at: "branch", perItem: true)
    }
    func norm(_ x: Tensor) throws -> Tensor { try call.inner("norm", ["x": x]) }
    guard call.options["style"]?.string != "pre" else { return try x + branch(norm(x)) }
    return try norm(x * call.residualWeight + branch(x))
  }
}

extension NaiveCall {
  /// What the definition under a key gives for tensors.
  fileprivate func inner(_ key: String, _ inputs: [String: Tensor]) throws -> Tensor {
    let prefix = "\(key)."
    func own(_ tensors: [String: Tensor]) -> [String: Tensor] {
      Dictionary(
        uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(prefix) }
          .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }
    var call = NaiveCall(
      options: options[key] ?? [:], inputs: inputs, parameters: own(parameters), drawn: drawn,
      book: book)
    call.dropped = own(dropped)
    return try book.form(options[key]?["name"]?.string ?? "?").evaluate(call)
  }

  /// α; 1 in styles that do not weigh the input.
  var residualWeight: Double {
    guard options["style"]?.string == "deepnorm" else { return 1 }
    let (n, m) = (
      Double(integer("encoder_layers", default: 0)), Double(integer("decoder_layers", default: 0))
    )
    let isEncoder = options["block_type"]?.string.map { $0 == "encoder" } ?? (n > 0)
    if n == 0 || m == 0 { return pow(2 * (isEncoder ? n : m), 0.25) }
    return isEncoder ? 0.81 * pow(pow(n, 4) * m, 0.0625) : pow(3 * m, 0.25)
  }
}
