internal import Foundation
public import Torch

/// How a model that writes chooses the next word from its logits.
public enum WordChoice: Sendable {
  /// The word with the largest logit; of several, the first.
  case greedy
  /// A draw from softmax(logits / temperature) over the words with the largest logits.
  ///
  /// - `temperature`: above 0; smaller ones prefer likely words more.
  /// - `top`: how many words are left; nil for all.
  /// - `generator`: the source of draws.
  case sampling(temperature: Double, top: Int? = nil, generator: Generator)
}

extension StackedModel {
  /// Writes words after prompts, one after another.
  ///
  /// - Parameters:
  ///   - count: how many words to write after each prompt.
  ///   - prompts: the words before, at least one in each; their numbers may differ.
  ///   - source: what a decoder attends to, with as many rows as there are prompts; nil without decoder.
  ///   - sourceMask: which tokens of the source are real, `[B, S]`.
  ///   - choice: how a word is chosen.
  ///   - usesCache: whether earlier words are kept in a cache; nil if the model allows it. Without one,
  ///     every word costs a call with all words.
  ///   - head: maps the model's output for a word, `[B, 1, E]`, to logits, `[B, 1, V]`.
  /// - Returns: the words written after each prompt.
  /// - Throws: `PartError` for a model that is not causal or trains, empty prompts, a source that does
  ///   not fit, and texts longer than the model takes.
  public func write(
    _ count: Int, after prompts: [[Int]], reading source: Tensor? = nil,
    sourceMask: Tensor? = nil, choosing choice: WordChoice = .greedy, usesCache: Bool? = nil,
    head: (Tensor) throws -> Tensor
  ) throws -> [[Int]] {
    guard
      (plan.decoders.isEmpty ? plan.encoders : plan.decoders)
        .allSatisfy({ $0.attention.claims.causal == .always })
    else { throw error(.unsupported(feature: "writing", reason: "the model is not causal")) }
    guard decoders.isEmpty == (source == nil) else {
      throw error(
        source == nil
          ? .missingTensor(tensor: "src", known: ["src"])
          : .unsupported(feature: "`src`", reason: "the model has no decoder"))
    }
    guard !isTraining else {
      throw error(
        .unsupported(feature: "writing", reason: "the model is in training mode; call eval()"))
    }
    guard !prompts.isEmpty, prompts.allSatisfy({ !$0.isEmpty }) else {
      throw error(
        .value(key: "prompts", expected: "prompts of at least one word", got: "\(prompts)"))
    }
    guard count >= 0 else {
      throw error(.value(key: "count", expected: "at least 0", got: "\(count)"))
    }
    if case .sampling(let temperature, let top, _) = choice {
      guard temperature > 0, temperature.isFinite, top ?? 1 >= 1 else {
        throw error(
          .value(
            key: "choosing", expected: "a temperature above 0 and at least one word",
            got: "\(temperature), \(top.map(String.init) ?? "all")"))
      }
    }
    return try withoutGrad {
      var inputs: [String: Tensor] = [:]
      inputs["src"] = source
      inputs["encoder_input_mask"] = sourceMask
      let cache =
        usesCache ?? claims.incremental
        ? try makeCache(batch: prompts.count, reading: inputs) : nil
      var texts = prompts
      // What a cache does not hold yet.
      var chunk = prompts
      for _ in 0..<count {
        let output = try last(of: cache == nil ? texts : chunk) { words, real in
          try cache.map { try next(words, cache: $0, real: real) }
            ?? self(source ?? words, source == nil ? nil : words, sourceMask: sourceMask)
        }
        let words = try choice.words(head(output).to(.float64))
        for row in texts.indices { texts[row].append(words[row]) }
        chunk = words.map { [$0] }
      }
      return zip(texts, prompts).map { Array($0.dropFirst($1.count)) }
    }
  }

  /// The output for the last word of each row, `[B, 1, E]`.
  private func last(
    of rows: [[Int]], _ run: (_ words: Tensor, _ real: Tensor?) throws -> Tensor
  ) throws -> Tensor {
    let length = rows.map(\.count).max() ?? 0
    // No word sees those behind it, so that any may fill shorter rows.
    let filled = rows.flatMap { $0 + Array(repeating: $0[0], count: length - $0.count) }
    let words = try Tensor(filled, shape: [rows.count, length])
    var real: Tensor?
    if rows.contains(where: { $0.count < length }) {
      real = try Tensor(
        rows.flatMap { row in (0..<length).map { $0 < row.count } }, shape: [rows.count, length])
    }
    let output = try run(words, real)
    return try Tensor.stack(
      rows.enumerated().map { try output.index(0, $0).slice(0, $1.count - 1..<$1.count) }, 0)
  }
}

extension WordChoice {
  /// The word for each row of logits, `[B, 1, V]` in double precision.
  fileprivate func words(_ logits: Tensor) throws -> [Int] {
    let (rows, width) = (logits.size(0), logits.size(-1))
    let all = try logits.doubles()
    return try (0..<rows).map { row in
      try word(Array(all[row * width..<(row + 1) * width]))
    }
  }

  private func word(_ logits: [Double]) throws -> Int {
    let ranked = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
    guard case .sampling(let temperature, let top, let generator) = self else { return ranked[0] }
    let left = ranked.prefix(top ?? ranked.count)
    let weights = left.map { exp((logits[$0] - logits[ranked[0]]) / temperature) }
    var rest =
      try Tensor.uniform([1], 0..<1, .float64, generator: generator).item()
      * weights.reduce(0, +)
    for (word, weight) in zip(left, weights) {
      rest -= weight
      if rest < 0 { return word }
    }
    return left[left.count - 1]
  }
}
