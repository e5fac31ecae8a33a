internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// U29: a prompt, chunks of any length, none included, and single tokens, in rows that start at
  /// different positions, give the rows of one call with all tokens; a token that is not real changes
  /// nothing. Tokens behind others that are not real are refused, and so is a chunk that ends behind the
  /// longest sequence.
  static let incremental = Law(
    .incremental, trials: 35, witness: "cacheForgetsPosition", dtypes: [.float64, .float32],
    needs: [.incremental],
    plan: ScenarioPlan(fills: .small, masks: .none, sameLength: true, minimumLength: 2) { _ in
      [.number("schedule", below: 1 << 20), .number("roundings", below: 1 << 16)]
    }
  ) { setting, trial in
    let (part, inputs) = try (setting.part(), setting.inputs())
    try trial.goesOn(part, inputs, setting)
    guard let incremental = part as? any IncrementalPart else { return }
    try ChunkedRun(incremental, inputs, setting).refuses(setting.claims.sequence, &trial)
  }
}

extension Trial {
  /// Checks that a part gives the rows of one call when it gets tokens in chunks.
  mutating func goesOn(
    _ part: any PartModule, _ inputs: [String: Tensor], _ setting: Setting
  ) throws {
    guard let incremental = part as? any IncrementalPart else {
      expect(false, label: "a cache", "the part cannot make one")
      return
    }
    let whole = try part.run(inputs)
    let run = try ChunkedRun(incremental, inputs, setting)
    let output = try run.output(like: whole)
    expect(
      run.cache.counts.allSatisfy { $0 == run.length }, label: "the tokens counted",
      "\(run.cache.counts), expected \(run.length) in each row")
    guard setting.claims.definition != nil else {
      try equal(output, whole, .exact(), label: "one call")
      return
    }
    try Law.expectDefinition(part, inputs, setting, &self, output: output)
    if setting.dtype == .float64 {
      try equal(output, whole, tolerance(setting, part, inputs), label: "one call")
    }
  }
}

/// The tokens of a call, given to a part in chunks.
private final class ChunkedRun {
  let cache: TokenCache
  let length: Int
  private let part: any IncrementalPart
  private let inputs: [String: Tensor]
  /// The axis of rows, and that of tokens, of each input and of the output.
  private var axes: [String: (row: Int, token: Int)] = [:]
  private let outputAxes: (row: Int, token: Int)
  private let filler: Double
  private var random: UInt64
  private let style: Int
  /// How many tokens of each row the part has got.
  private var given: [Int]

  init(_ part: any IncrementalPart, _ inputs: [String: Tensor], _ setting: Setting) throws {
    func places(_ axes: [Signature.Axis]) throws -> (row: Int, token: Int) {
      guard let row = axes.firstIndex(where: { ["B", "N"].contains($0.letter) }),
        let token = axes.firstIndex(where: { ["S", "T"].contains($0.letter) })
      else { throw KitError("the part has no axes of rows and tokens") }
      return (row, token)
    }
    let signature = part.signature
    let cut = signature.inputs.filter { !part.readInputs.contains($0.name) }
    for input in cut { axes[input.name] = try places(input.axes) }
    outputAxes = try places(signature.output)
    guard let first = cut.first?.name, let place = axes[first] else {
      throw KitError("the part reads all of its inputs before the first chunk")
    }
    let tokens = try inputs.tensor(first)
    cache = try part.makeCache(
      batch: tokens.size(place.row),
      reading: inputs.filter { part.readInputs.contains($0.key) })
    length = tokens.size(place.token)
    (self.part, self.inputs) = (part, inputs)
    // What is not real may be anything, or NaN where hidden tokens may.
    let isolates = setting.claims.nanIsolation
    filler = isolates.contains(.masked) || isolates.contains(.token) ? .nan : 50
    let number = try setting.number("schedule")
    random = UInt64(number)
    style = number % 3
    given = Array(repeating: 0, count: cache.batch)
  }

  /// A number below a bound.
  private func draw(below bound: Int) -> Int {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((random >> 33) % UInt64(bound))
  }

  /// How many of its next tokens each row gets: a prompt and single tokens, as many for all rows, or any.
  private func counts(isFirst: Bool) -> [Int] {
    let rest = given.map { length - $0 }
    switch style {
    case 0: return rest.map { isFirst ? 1 + draw(below: $0) : min(1, $0) }
    case 1:
      let count = draw(below: (rest.min() ?? 0) + 1)
      return rest.map { _ in count }
    default: return rest.map { draw(below: min(4, $0 + 1)) }
    }
  }

  /// The outputs of all chunks, put together as those of one call.
  func output(like whole: Tensor) throws -> Tensor {
    var rows = Array(repeating: [Tensor](), count: cache.batch)
    var isFirst = true
    while given.contains(where: { $0 < length }) {
      let counts = counts(isFirst: isFirst)
      isFirst = false
      let chunk = try chunk(counts)
      for (row, count) in counts.enumerated() {
        rows[row].append(
          try chunk.slice(outputAxes.row, row..<row + 1).slice(outputAxes.token, 0..<count))
      }
    }
    return try Tensor.cat(rows.map { try Tensor.cat($0, outputAxes.token) }, outputAxes.row)
  }

  /// Checks that chunks that the cache cannot take are refused and leave it as it is.
  func refuses(_ sequence: SequenceClaim, _ trial: inout Trial) throws {
    func expectRefused(_ label: String, _ length: Int, _ real: Tensor?) throws {
      let before = cache.counts
      var chunk: [String: Tensor] = [:]
      for (name, tensor) in inputs {
        guard let axis = axes[name]?.token else { continue }
        let token = try tensor.slice(axis, 0..<1)
        chunk[name] = try Tensor.cat(Array(repeating: token, count: length), axis)
      }
      trial.throwsError(PartError.self, label: label) {
        _ = try part.next(chunk, cache: cache, real: real)
      }
      trial.expect(
        cache.counts == before, label: "a cache after \(label)",
        "it counts \(cache.counts) tokens, expected \(before)")
    }
    let gap = (0..<cache.batch).flatMap { row in [row > 0, true] }
    try expectRefused(
      "a token behind one that is not real", 2, Tensor(gap, shape: [cache.batch, 2]))
    guard case .atMost(let longest) = sequence, longest <= length + 64 else { return }
    _ = try chunk(given.map { _ in length })
    try expectRefused("a chunk that ends too late", longest - length + 1, nil)
  }

  private func chunk(_ counts: [Int]) throws -> Tensor {
    let before = given
    given = zip(before, counts).map { $0 + $1 }
    // Sometimes even the longest row has tokens that are not real.
    let length = (counts.max() ?? 0) + (style == 2 ? draw(below: 2) : 0)
    var chunk: [String: Tensor] = [:]
    for (name, tensor) in inputs {
      guard let (rowAxis, tokenAxis) = axes[name] else { continue }
      let rows = try counts.indices.map { row in
        let own = try tensor.slice(rowAxis, row..<row + 1)
        let real = try own.slice(tokenAxis, before[row]..<before[row] + counts[row])
        var shape = own.shape
        shape[tokenAxis] = length - counts[row]
        let rest = try Tensor.full(shape, tensor.dtype.isFloating ? filler : 0, tensor.dtype)
        return try Tensor.cat([real, rest], tokenAxis)
      }
      chunk[name] = try Tensor.cat(rows, rowAxis)
    }
    let isReal = counts.flatMap { count in (0..<length).map { $0 < count } }
    let isFull = !isReal.contains(false)
    return try part.next(
      chunk, cache: cache,
      real: isFull && draw(below: 2) == 0 ? nil : Tensor(isReal, shape: [counts.count, length]))
  }
}
