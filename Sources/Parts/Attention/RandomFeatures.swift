internal import Torch

/// The vectors whose products with tokens are the exponents of positive random features.
///
/// [Choromanski et al., 2020](https://arxiv.org/abs/2009.14794): the columns of a `[D, F]` matrix, in
/// blocks of D that are orthogonal within each block, the last one truncated. They stay the same in
/// evaluation, and are redrawn at regular intervals in training.
final class RandomFeatures: Module {
  /// Whether all vectors have length √D; otherwise their lengths are those of normal vectors.
  private let isRegular: Bool
  /// After how many calls in training they are redrawn; if nil, never.
  private let period: Int?
  private let vectors: Buffer
  private let generator: Generator
  private var calls = 0
  private var isHeld = false

  /// Draws F vectors of D channels.
  init(_ width: Int, _ count: Int, isRegular: Bool, period: Int?, generator: Generator) throws {
    self.isRegular = isRegular
    self.period = period
    self.generator = generator
    vectors = try Buffer(
      Self.draw(width, count, isRegular: isRegular, generator: generator).to(.float32)
        .contiguous())
    super.init(["features": vectors])
  }

  /// The vectors, `[D, F]`.
  var value: Tensor { vectors.value }

  /// Uses these vectors, until those of a call in training after the next `reseed`.
  func hold(_ value: Tensor) throws {
    try vectors.replace(value.to(vectors.value.dtype).contiguous().clone())
    isHeld = true
  }

  override func reseed(_ seed: UInt64) throws {
    try generator.reseed(seed)
    (calls, isHeld) = (0, false)
  }

  override var countedCalls: Int {
    get { calls }
    set { calls = newValue }
  }

  override func bookmark() throws -> () throws -> Void {
    let goBack = try super.bookmark()
    guard period != nil else { return goBack }
    let (state, calls, isHeld, value) = (try generator.state(), calls, isHeld, value)
    return {
      try goBack()
      try self.generator.restore(state)
      (self.calls, self.isHeld) = (calls, isHeld)
      try self.vectors.replace(value)
    }
  }

  /// The vectors for one call, redrawn when due.
  func next() throws -> Tensor {
    guard isTraining, let period, !isHeld else { return value }
    if calls % period == 0 {
      let (width, count) = (value.size(0), value.size(1))
      let drawn = try Self.draw(width, count, isRegular: isRegular, generator: generator)
      try vectors.replace(drawn.to(value.dtype).contiguous())
    }
    calls += 1
    return value
  }

  /// Draws vectors in double precision, `[D, F]`.
  private static func draw(
    _ width: Int, _ count: Int, isRegular: Bool, generator: Generator
  ) throws -> Tensor {
    let unit = try directions(width, count, generator)
    if isRegular { return try unit * Double(width).squareRoot() }
    let normal = try Tensor.normal([width, count], .float64, generator: generator)
    return try unit * (normal * normal).sum(0, keep: true).sqrt()
  }

  /// Unit vectors `[D, F]` in orthogonal blocks of D, each uniformly distributed among such blocks.
  private static func directions(_ width: Int, _ count: Int, _ generator: Generator) throws
    -> Tensor
  {
    let blocks = (count + width - 1) / width
    let normal = try Tensor.normal([blocks, width, width], .float64, generator: generator)
    let (orthonormal, triangle) = try normal.triangularFactors()
    // The factorisation chooses the signs of the diagonal; Q is uniform once all are positive.
    let diagonal = try (triangle * Tensor.identity(width, .float64)).sum(-2, keep: true)
    let signs = try (diagonal * 0 + 1).filled(-1, where: diagonal .< 0)
    return try (orthonormal * signs).transposed(0, 1)
      .reshaped([width, blocks * width]).slice(1, 0..<count)
  }
}
