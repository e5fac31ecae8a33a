internal import Parts
internal import Properties
internal import Torch

/// A call that a part must refuse.
struct WrongCall {
  /// What is wrong with it.
  let label: String
  /// Its tensors.
  let inputs: [String: Tensor]
  /// The kind of mistake.
  let mistake: Mistake
  /// The tensors that the error may name.
  let blamed: Set<String>

  /// The kinds of mistake in a call.
  enum Mistake {
    case shape, type, content
    /// A tensor is missing or unknown.
    case name
    /// A mask is unsupported or has the wrong form.
    case mask
  }

  /// Whether an error concerns one of the wrong tensors and describes it correctly.
  fileprivate func isBlamed(by problem: PartError.Problem) -> Bool {
    let isMask = mistake == .mask
    return switch problem {
    case .shape(let tensor, let expected, let got):
      (mistake == .shape || isMask) && blamed.contains(tensor) && !expected.isEmpty
        && got == inputs[tensor]?.shape
    case .dtype(let tensor, let expected, let got):
      (mistake == .type || isMask) && blamed.contains(tensor) && !expected.isEmpty
        && got == inputs[tensor]?.dtype.rawValue
    case .content(let tensor, let expected, let got):
      (mistake == .content || isMask) && blamed.contains(tensor) && !expected.isEmpty
        && !got.isEmpty
    case .missingTensor(let tensor, _):
      mistake == .name && blamed.contains(tensor) && inputs[tensor] == nil
    case .unknownTensor(let tensor, let known):
      (mistake == .name || isMask) && blamed.contains(tensor) && !known.contains(tensor)
    case .unsupported(let feature, _):
      isMask && blamed.contains { feature.split(separator: " ").contains(Substring($0)) }
    default: false
    }
  }
}

extension Trial {
  /// Checks that a part refuses a call with a `PartError` that concerns one of the wrong tensors
  /// and describes it correctly.
  @discardableResult
  mutating func refuses(_ wrong: WrongCall, by part: any PartModule) -> PartError? {
    let error = throwsError(PartError.self, label: wrong.label) { _ = try part.run(wrong.inputs) }
    guard let error else { return nil }
    expect(
      wrong.isBlamed(by: error.problem), label: "what is wrong",
      "\(wrong.label): the error should describe \(wrong.blamed.sorted().joined(separator: " or ")) "
        + "correctly, but is: \(error)")
    if case .unknownTensor(_, let known) = error.problem {
      expect(
        known.allSatisfy { error.description.contains($0) }, label: "the names that are known",
        "\(wrong.label): the error does not name all of \(known): \(error)")
    }
    return error
  }

  /// Checks that the part is refused because of the value of a configuration key.
  mutating func refuses(key: String, label: String, _ build: () throws -> Void) {
    guard let error = throwsError(PartError.self, label: label, build) else { return }
    expect(
      error.isAbout(valueOf: key), label: "what is wrong",
      "\(label): the error should be about the value of `\(key)`, it is: \(error)")
  }
}

extension PartError {
  /// Whether a key holds a value that is out of range, or that asks for what the part cannot give.
  func isAbout(valueOf key: String) -> Bool {
    switch problem {
    case .value(let wrong, _, _): wrong == key
    case .unsupported(let feature, _): feature.contains("`\(key)`")
    default: false
    }
  }
}

/// The calls near a valid one that its part must refuse, found from signature and claims alone.
struct WrongCalls {
  let part: any PartModule
  let claims: Claims
  /// The inputs of the valid call, without masks.
  let inputs: [String: Tensor]
  let call: CallShape
  let dtype: DType
  let batch: Int
  let heads: Int

  init(
    _ part: any PartModule, _ setting: Setting, _ inputs: [String: Tensor], _ dtype: DType? = nil
  ) {
    self.part = part
    claims = setting.claims
    self.inputs = inputs.filter { !$0.key.hasSuffix("_mask") }
    call = CallShape(part.signature, inputs)
    self.dtype = dtype ?? setting.dtype
    batch = setting.scenario.lengths[.batch]
    heads = setting.scenario.lengths[.heads]
  }

  /// All of them.
  var all: [WrongCall] {
    get throws {
      try ranks + axes + forms + commonLengths + dtypes + names + indices + masks
    }
  }

  private func with(
    _ label: String, _ mistake: WrongCall.Mistake, _ changes: [String: Tensor],
    blamed: Set<String>? = nil
  ) -> WrongCall {
    WrongCall(
      label: label, inputs: inputs.merging(changes) { $1 }, mistake: mistake,
      blamed: blamed ?? Set(changes.keys))
  }

  private func zeros(_ shape: [Int], like input: Signature.Input) throws -> Tensor {
    try Tensor.zeros(shape, inputs[input.name]?.dtype ?? dtype)
  }

  /// One axis more and one fewer than documented.
  private var ranks: [WrongCall] {
    get throws {
      var found: [WrongCall] = []
      for input in call.present {
        guard let shape = inputs[input.name]?.shape else { continue }
        let allowed = Set([shape.count] + input.alternatives.map(\.count))
        let others = [
          [1] + shape, shape + [1], Array(shape.dropFirst()), Array(shape.dropLast()), [],
        ]
        for other in others where !allowed.contains(other.count) {
          found.append(
            with(
              "\(input.name) of rank \(other.count)", .shape,
              [input.name: try zeros(other, like: input)]))
        }
      }
      return found
    }
  }

  /// A length that disagrees with the configuration or with another tensor.
  private var axes: [WrongCall] {
    get throws {
      var found: [WrongCall] = []
      let everyone = Set(call.present.map(\.name))
      for input in call.present {
        guard let shape = inputs[input.name]?.shape else { continue }
        for (index, axis) in input.axes.enumerated() where call.isBound(axis.letter) {
          let length = shape[index]
          for other in Set([1, length - 1, length + 1, 2 * length]).subtracting([length, 0])
            .sorted()
          where !fitsBatch(axis, index, other) {
            var changed = shape
            changed[index] = other
            found.append(
              with(
                "\(input.name) with \(axis) = \(other)", .shape,
                [input.name: try zeros(changed, like: input)], blamed: everyone))
          }
        }
      }
      // All but one that agree with each other but not with that one.
      for letter in Set(call.present.flatMap { $0.axes.map(\.letter) }).sorted()
      where call.sharers(of: letter) > 2 {
        guard let length = call.lengths[letter] else { continue }
        if Self.batch.contains(letter), claims.batchBroadcast, length == 1 { continue }
        for kept in call.present where kept.axes.contains(where: { $0.letter == letter }) {
          found.append(
            with(
              "all but \(kept.name) with \(letter) + 1", .shape,
              try changes(letter, to: length + 1, but: kept.name), blamed: everyone))
        }
      }
      return found
    }
  }

  /// The other forms of an input, with a length that disagrees with the configuration or is 0.
  private var forms: [WrongCall] {
    get throws {
      var found: [WrongCall] = []
      for input in call.present {
        for axes in input.alternatives {
          guard let shape = call.shape(axes) else { continue }
          for (index, axis) in axes.enumerated() {
            let isFixed = call.signature.fixed[axis.letter] != nil
            for other in isFixed ? [shape[index] - 1, shape[index] + 1] : [0] where other >= 0 {
              var changed = shape
              changed[index] = other
              found.append(
                with(
                  "\(input.name) as \(Signature.text(axes)) with \(axis) = \(other)", .shape,
                  [input.name: try zeros(changed, like: input)]))
            }
          }
        }
      }
      return found
    }
  }

  /// Inputs with another length for a letter.
  private func changes(_ letter: String, to length: Int, but kept: String? = nil) throws
    -> [String: Tensor]
  {
    var changes: [String: Tensor] = [:]
    for input in call.present
    where input.name != kept && input.axes.contains(where: { $0.letter == letter }) {
      guard let shape = call.shape(input.axes, changing: letter, to: length) else { continue }
      changes[input.name] = try zeros(shape, like: input)
    }
    return changes
  }

  /// Whether a batch of that size is claimed to broadcast.
  private func fitsBatch(_ axis: Signature.Axis, _ index: Int, _ length: Int) -> Bool {
    guard claims.batchBroadcast, Self.batch.contains(axis.letter), index == 0 else { return false }
    return length == 1 || call.lengths[axis.letter] == 1
  }

  /// The letters of a batch, with heads folded into it or apart.
  private static let batch: Set<String> = ["B", "N"]

  /// A length that all tensors share but that is 0, not the one of the configuration, or not accepted
  /// by the part.
  private var commonLengths: [WrongCall] {
    get throws {
      var found: [WrongCall] = []
      for letter in Set(call.present.flatMap { $0.axes.map(\.letter) }).sorted() {
        let isSequence = letter == "S" || letter == "T"
        var lengths = [0] + (isSequence ? forbiddenLengths : [])
        if let fixed = call.signature.fixed[letter] {
          lengths = [fixed - 1, fixed + 1, 2 * fixed].filter { $0 > 0 }
        }
        if case .multiple(let number) = call.signature.rules[letter], number > 1 {
          lengths += [1, number + 1, 2 * number - 1]
        }
        for length in lengths {
          found.append(with("\(letter) = \(length)", .shape, try changes(letter, to: length)))
        }
      }
      return found
    }
  }

  private var forbiddenLengths: [Int] {
    let near: [Int] =
      switch claims.sequence {
      case .any: []
      case .squared: [2, 3, 5, 8]
      case .squaredFrom(let side): [2, 3, 5, 8, (side - 1) * (side - 1), side * side + 1]
      case .multipleOf(let block): [block - 1, block + 1, 2 * block - 1]
      case .exactly(let only): [only - 1, only + 1, 2 * only]
      case .atMost(let longest): [longest + 1, 2 * longest + 1]
      }
    return near.filter { $0 > 0 && !claims.sequence.accepts($0) }
  }

  /// Types that are mixed, not floating, or not claimed.
  var dtypes: [WrongCall] {
    get throws {
      var found: [WrongCall] = []
      let floating = call.present.filter { $0.element == .floating }
      let everyone = Set(floating.map(\.name))
      for input in call.present {
        guard let tensor = inputs[input.name] else { continue }
        let wrong: [DType] =
          input.element == .floating
          ? [.int64, .int32, .uint8, .bool] : DType.floating + [.bool, .uint8, .int8, .int16]
        for other in wrong {
          found.append(
            with(
              "\(input.name) of \(other)", .type,
              [input.name: try Tensor.zeros(tensor.shape, other)],
              blamed: everyone.union([input.name])))
        }
        guard input.element == .floating, floating.count > 1 || !part.parameters.isEmpty else {
          continue
        }
        for other in DType.floating where other != dtype {
          found.append(
            with(
              "\(input.name) of \(other) among \(dtype)", .type,
              [input.name: try Tensor.zeros(tensor.shape, other)], blamed: everyone))
        }
      }
      for other in DType.floating where other != dtype && !floating.isEmpty {
        // Tables follow the type of the call; what is learnt or drawn does not.
        let hasDraws = part.drawn.contains { name, draw in
          draw.dtype.isFloating
            && part.stateDict.keys.contains { $0.split(separator: ".").last == name[...] }
        }
        guard !claims.dtypes.contains(other) || !part.parameters.isEmpty || hasDraws else {
          continue
        }
        let changes = try inputs.filter { everyone.contains($0.key) }.mapValues {
          try Tensor.zeros($0.shape, other)
        }
        found.append(with("all tensors of \(other)", .type, changes))
      }
      return found
    }
  }

  /// Tensors that are missing or have an unknown name.
  private var names: [WrongCall] {
    get throws {
      var found: [WrongCall] = []
      for input in call.signature.inputs where !input.isOptional {
        var others = inputs
        others[input.name] = nil
        found.append(
          WrongCall(
            label: "\(input.name) is missing", inputs: others, mistake: .name,
            blamed: [input.name]))
      }
      for name in call.signature.inputs.map(\.name) {
        let unknown = name + "s"
        found.append(with("unknown \(unknown)", .name, [unknown: try Tensor.zeros([1], dtype)]))
      }
      return found
    }
  }

  /// Indices below 0, and from the upper bound on.
  private var indices: [WrongCall] {
    get throws {
      var found: [WrongCall] = []
      for input in call.present {
        guard case .index(let bound) = input.element, let tensor = inputs[input.name] else {
          continue
        }
        for index in [-1, bound, bound + 1, Int(Int32.max), Int.min] {
          var values = try tensor.integers()
          values[values.count - 1] = index
          found.append(
            with("index \(index)", .content, [input.name: try Tensor(values, shape: tensor.shape)]))
        }
      }
      return found
    }
  }
}
