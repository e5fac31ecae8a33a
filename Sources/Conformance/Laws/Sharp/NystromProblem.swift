internal import Foundation
internal import Parts
internal import Properties
internal import Torch

/// Tokens for a Nyström attention whose kernels are far from singular, and the kernels themselves.
///
/// Landmarks of normal numbers give kernels that no tolerance can do justice to: their condition
/// grows without bound. So the tokens of segment a lie about the a-th of m points on a circle, whose
/// radius makes neighbours e^1.5 times less similar than equals; what the scenario drew is added as
/// noise. Query and key width must be 2 or more.
struct NystromProblem {
  /// The call: `q`, `k`, `v` and perhaps `key_padding_mask`, in the shapes of the scenario.
  var inputs: [String: Tensor]
  /// m, the landmarks of keys.
  let landmarks: Int

  /// The queries, `[N, S, D]`.
  var queries: Tensor { get throws { try inputs.tensor("q").folded() } }
  /// The keys, `[N, T, D]`.
  var keys: Tensor { get throws { try inputs.tensor("k").folded() } }
  /// The values, `[N, T, V]`.
  var values: Tensor { get throws { try inputs.tensor("v").folded() } }

  /// Makes the problem of a scenario for m landmarks.
  ///
  /// - Parameters:
  ///   - isConstant: whether tokens are constant on each segment, so that every query is
  ///     its own landmark.
  ///   - enoughQueries: whether there must be as many queries as landmarks; else fewer may be.
  init(_ setting: Setting, landmarks: Int, isConstant: Bool = false, enoughQueries: Bool = false)
    throws
  {
    inputs = try setting.inputs()
    if enoughQueries, try inputs.tensor("q").size(-2) < landmarks { inputs["q"] = inputs["k"] }
    self.landmarks = landmarks
    for name in ["q", "k"] {
      let drawn = try inputs.tensor(name)
      let tokens = try drawn.folded()
      let (length, width) = (tokens.size(1), tokens.size(2))
      let count = min(landmarks, length)
      let segments = Elementary.segmentLengths(length, count)
      let radius = Self.radius(landmarks, width)
      var points: [Double] = []
      for (segment, size) in segments.enumerated() {
        let angle = 2 * Double.pi * Double(segment) / Double(landmarks)
        let point = [radius * cos(angle), radius * sin(angle)]
        for _ in 0..<size { points += point + Array(repeating: 0, count: width - 2) }
      }
      var noise = try tokens.clamp(-2, 2) * 0.1
      if isConstant {
        // Every token of a segment is like its first.
        let first = Elementary.segments(length, count).flatMap { segment in
          segment.map { _ in segment.lowerBound }
        }
        noise = try noise.picked(1, first)
      }
      inputs[name] = try (noise + Tensor(points, shape: [1, length, width])).reshaped(drawn.shape)
    }
  }

  /// R with R²·(1 − cos(2π/m))/√D = 1.5, the difference between a landmark's logit and the next's.
  private static func radius(_ landmarks: Int, _ width: Int) -> Double {
    let step = landmarks < 2 ? 1 : 1 - cos(2 * Double.pi / Double(landmarks))
    return (1.5 * Double(width).squareRoot() / step).squareRoot()
  }

  /// The number of query landmarks, min(m, S).
  var queryLandmarks: Int { get throws { min(landmarks, try queries.size(1)) } }

  /// K₁ `[N, S, m]`, K₂ `[N, min(m, S), m]` and K₃ `[N, min(m, S), T]`, without padding.
  func kernels() throws -> (Tensor, Tensor, Tensor) {
    let (queries, keys) = (try queries, try keys)
    let queryMeans = try Elementary.landmarks(queries, queryLandmarks).values
    let keyMeans = try Elementary.landmarks(keys, landmarks).values
    return (
      try Elementary.weights(queries, keyMeans), try Elementary.weights(queryMeans, keyMeans),
      try Elementary.weights(queryMeans, keys)
    )
  }

  /// The same for one folded item, the landmarks of padding left out: K₁ `[S, m']`,
  /// K₂ `[m'_q, m']`, K₃ `[m'_q, T]`; nil where no token is real.
  func kernels(of item: Int, _ setting: Setting) throws -> (Tensor, Tensor, Tensor)? {
    let (queries, keys) = (
      try queries.slice(0, item..<item + 1), try keys.slice(0, item..<item + 1)
    )
    let real = try inputs["key_padding_mask"]?.marks(for: self.queries.size(0))
      .slice(0, item..<item + 1)
    let covers = queries.size(1) == keys.size(1)
    func present(_ tokens: Tensor, _ count: Int, _ real: Tensor?) throws -> Tensor? {
      let (values, present) = try Elementary.landmarks(tokens, count, real: real)
      let kept = try present.booleans().enumerated().filter(\.element).map(\.offset)
      return kept.isEmpty ? nil : try values.picked(1, kept)
    }
    guard
      let queryMeans = try present(queries, queryLandmarks, covers ? real : nil),
      let keyMeans = try present(keys, landmarks, real)
    else { return nil }
    return (
      try Elementary.weights(queries, keyMeans).squeezed(0),
      try Elementary.weights(queryMeans, keyMeans).squeezed(0),
      try Elementary.weights(queryMeans, keys, allowed: real?.unsqueezed(1)).squeezed(0)
    )
  }
}

extension Setting {
  /// The number of landmarks, m.
  var landmarks: Int { get throws { try option("num_landmarks", default: 64) } }

  /// An output in which the rows of padded queries, about which nothing is promised, are 0.
  ///
  /// The mask describes the queries, too, when there are as many as keys.
  func realQueries(_ output: Tensor, _ inputs: [String: Tensor]) throws -> Tensor {
    guard let mask = inputs["key_padding_mask"], mask.size(-1) == output.size(-2) else {
      return output
    }
    let folded = try output.folded()
    return try folded.keeping(mask.marks(for: folded.size(0))).reshaped(output.shape)
  }

  /// Whether padding leaves some item of a problem fewer landmarks of keys than of queries.
  func isTall(_ problem: NystromProblem) throws -> Bool {
    try (0..<problem.queries.size(0)).contains { item in
      guard let middle = try problem.kernels(of: item, self)?.1 else { return false }
      return middle.size(0) > middle.size(1)
    }
  }

  /// The largest condition κ₂ of K₂ among the items of a problem, padding left out.
  func middleCondition(_ problem: NystromProblem) throws -> Double {
    var worst = 1.0
    for item in 0..<(try problem.queries.size(0)) {
      if let kernels = try problem.kernels(of: item, self) {
        worst = max(worst, try Spectrum.condition(kernels.1))
      }
    }
    return worst
  }
}
