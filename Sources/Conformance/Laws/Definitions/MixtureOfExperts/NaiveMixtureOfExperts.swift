internal import JSON
internal import Torch

extension NaiveForm {
  /// Σ_e w_te expert_e(x_t), with the weights of two experts or of one in turn.
  static let mixtureOfExperts = NaiveForm(
    "mixture_of_experts",
    condition: { try hasTies($0) ? .infinity : 1 }, hasTies: hasTies,
    wraps: { options in [options["expert"]?["name"]?.string ?? "?"] }
  ) { call in
    let x = try call.input("inputs")
    let tokens = try queued(call)
    let experts = call.integer("number_of_experts", default: 1)
    let weights = try weights(tokens, experts, call)
    let form = try call.book.form(call.options["expert"]?["name"]?.string ?? "?")
    var sum: Tensor?
    for expert in 0..<experts {
      let prefix = "experts.\(expert)."
      func own(_ tensors: [String: Tensor]) -> [String: Tensor] {
        Dictionary(
          uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(prefix) }
            .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
      }
      var inner = try NaiveCall(
        options: call.options["expert"] ?? [:], inputs: ["inputs": tokens.unsqueezed(0)],
        parameters: own(call.parameters), book: call.book)
      inner.dropped = own(call.dropped)
      let weight = try weights.slice(1, expert..<expert + 1)
      let term = try (form.evaluate(inner) * weight).filled(0, where: weight.equals(0))
      sum = try sum.map { try $0 + term } ?? term
    }
    return try (sum ?? tokens).reshaped([x.size(1), x.size(0), x.size(2)]).transposed(0, 1)
  }

  /// Tokens `[n, E]`, by position and then by item.
  private static func queued(_ call: NaiveCall) throws -> Tensor {
    let x = try call.input("inputs")
    return try x.transposed(0, 1).reshaped([x.size(0) * x.size(1), x.size(2)])
  }

  private static func weights(_ tokens: Tensor, _ experts: Int, _ call: NaiveCall) throws -> Tensor
  {
    let count = tokens.size(0)
    var served = [[Double]](repeating: Array(repeating: 0, count: experts), count: count)
    guard call.options["gate"]?.string == "top_2" else {
      for token in 0..<count { served[token][token % experts] = 1 }
      return try Tensor(served.flatMap(\.self), shape: [count, experts]).to(tokens.dtype)
    }
    let logits = try tokens.matmul(call.parameter("gate").transposed())
    let choices = try ranked(logits, call).map { $0.prefix(2) }
    let capacity = (2 * count + experts - 1) / experts
    var queues = Array(repeating: 0, count: experts)
    for rank in 0..<2 {
      for (token, choice) in choices.enumerated() where choice.count > rank {
        let expert = choice[choice.startIndex + rank]
        if queues[expert] < capacity { served[token][expert] = 1 }
        queues[expert] += 1
      }
    }
    // In single precision at least.
    let isHalf = tokens.dtype.unitRoundoff > DType.float32.unitRoundoff
    let shares = try Elementary.softmax(isHalf ? logits.to(.float32) : logits)
    let marks = try Tensor(served.flatMap(\.self), shape: [count, experts]).to(shares.dtype)
    let kept = try shares * marks
    return try (kept / kept.sum(-1, keep: true).clamp(0x1p-23, nil)).to(tokens.dtype)
  }

  /// The experts of each token, the first choice before the others, which follow with noise.
  private static func ranked(_ logits: Tensor, _ call: NaiveCall) throws -> [[Int]] {
    let noise = try call.drawn["noise"]?.to(logits.dtype)
    let (plain, noisy) = try (
      logits.doubles(), noise.map { try (logits + $0).doubles() } ?? logits.doubles()
    )
    let experts = logits.size(1)
    return (0..<logits.size(0)).map { token in
      func order(_ numbers: [Double]) -> [Int] {
        (0..<experts).sorted {
          let (a, b) = (numbers[token * experts + $0], numbers[token * experts + $1])
          return a == b ? $0 < $1 : a > b
        }
      }
      let first = order(plain)[0]
      return [first] + order(noisy).filter { $0 != first }
    }
  }

  /// Whether two experts that a token might choose have the same logits, up to rounding.
  private static func hasTies(_ call: NaiveCall) throws -> Bool {
    guard call.options["gate"]?.string == "top_2" else { return false }
    let logits = try queued(call).matmul(call.parameter("gate").transposed())
    let noise = call.drawn["noise"]
    let noisy = try noise.map { try logits + $0.to(logits.dtype) } ?? logits
    let (plain, other) = try (logits.doubles(), noisy.doubles())
    let experts = logits.size(1)
    return try ranked(logits, call).enumerated().contains { token, order in
      func gap(_ numbers: [Double], _ a: Int, _ b: Int) -> Double {
        abs(numbers[token * experts + order[a]] - numbers[token * experts + order[b]])
      }
      let second = (0..<experts).filter { $0 != order[0] }
        .map { plain[token * experts + order[0]] - plain[token * experts + $0] }.min()
      return second ?? 1 < Threshold.choiceGap
        || experts > 2 && gap(other, 1, 2) < Threshold.choiceGap
    }
  }
}
