internal import Torch

/// Chooses landmarks among queries, given positions that were drawn.
///
/// Everything is computed in double precision and row by row, so that neither the type nor the batch
/// of a call decides between queries that are equally good; the first of these is taken.
struct LandmarkSelection {
  /// The rule.
  let rule: OrthoformerAttentionConfig.Rule
  /// The number of landmarks, m, fewer than queries and than keys.
  let count: Int
  /// The share of queries from which orthogonal ones are chosen.
  let share: Double

  /// The landmarks `[N, m, D]` of queries `[N, S, D]` and keys `[N, T, D]`.
  func landmarks(_ query: Tensor, _ key: Tensor, _ positions: [String: [Int]]) throws -> Tensor {
    func picked(_ tokens: Tensor, _ name: String) throws -> Tensor {
      try tokens.picked(1, positions[name] ?? [])
    }
    switch rule {
    case .orthogonal:
      let candidates = share < 1 ? try picked(query, "candidates") : query
      return try orthogonal(candidates, first: positions["first"]?.first ?? 0)
    case .kmeans, .sphericalKmeans:
      return try Clusters(query.to(.float64), starts: positions["starts"] ?? [], rule)
        .landmarks.to(query.dtype)
    case .random:
      let queries = try picked(query, "queries")
      return positions["keys"] == nil
        ? queries : try Tensor.cat([queries, picked(key, "keys")], 1)
    }
  }

  /// After a first candidate, repeatedly the one whose largest |cosine| to those chosen is smallest;
  /// returned in the order of their positions.
  private func orthogonal(_ candidates: Tensor, first: Int) throws -> Tensor {
    let (items, length) = (candidates.size(0), candidates.size(1))
    let units = try candidates.to(.float64).normalised
    let places = try Tensor.range(length)
    var chosen = [try Tensor(Array(repeating: first, count: items), shape: [items])]
    var nearest = try Tensor.zeros([items, length], .float64)
    while chosen.count < count {
      let last = chosen[chosen.count - 1]
      let row = try units.gathered(
        1, last.reshaped([items, 1, 1]).expanded([items, 1, units.size(2)]))
      let cosine = try (units * row).sum(-1).abs()
      nearest = try (nearest .< cosine).select(cosine, else: nearest)
      nearest = try nearest.filled(.infinity, where: places.equals(last.unsqueezed(-1)))
      chosen.append(try (-nearest).argmax(-1))
    }
    let order = try Tensor.stack(chosen, 1).integers()
    let sorted = stride(from: 0, to: order.count, by: count).flatMap {
      order[$0..<$0 + count].sorted()
    }
    let indices = try Tensor(sorted, shape: [items, count, 1])
      .expanded([items, count, candidates.size(2)])
    return try candidates.gathered(1, indices)
  }

  /// The names of the lists of positions that the rule draws.
  var names: [String] {
    switch rule {
    case .orthogonal: share < 1 ? ["candidates", "first"] : ["first"]
    case .kmeans, .sphericalKmeans: ["starts"]
    case .random: count > 1 ? ["queries", "keys"] : ["queries"]
    }
  }

  /// The number of positions in a list, and the bound below which they lie.
  func range(of name: String, queries: Int, keys: Int) -> (count: Int, bound: Int) {
    let candidates = share < 1 ? max(Int(share * Double(queries)), count) : queries
    switch name {
    case "candidates": return (candidates, queries)
    case "first": return (1, candidates)
    case "starts": return (count, queries)
    case "keys": return (count / 2, keys)
    default: return (count - count / 2, queries)
    }
  }

  /// Draws positions, the same for all items of a batch.
  func draw(_ name: String, queries: Int, keys: Int, generator: Generator) throws -> [Int] {
    let (count, bound) = range(of: name, queries: queries, keys: keys)
    guard name == "starts" else {
      return try Tensor.uniform([count], 0..<1, .float64, generator: generator).doubles()
        .map { min(Int($0 * Double(bound)), bound - 1) }
    }
    // Without repetition: the positions of the smallest of one random number for each query.
    let numbers = try Tensor.uniform([bound], 0..<1, .float64, generator: generator).doubles()
    return Array(numbers.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }.prefix(count))
  }
}

/// Clusters of queries after six rounds of Lloyd's algorithm.
///
/// In each round every query joins its nearest centroid, by distance or by cosine, and every centroid
/// moves to the mean of its queries, or to their mean direction. A centroid without queries stays.
private struct Clusters {
  /// The centroids, `[N, m, D]`; mean directions are scaled to the mean length of their queries.
  let landmarks: Tensor

  init(_ queries: Tensor, starts: [Int], _ rule: OrthoformerAttentionConfig.Rule) throws {
    let isSpherical = rule == .sphericalKmeans
    let lengths = try (queries * queries).sum(-1, keep: true).sqrt()
    let points = isSpherical ? try queries.normalised : queries
    var centroids = try starts.map { try points.slice(1, $0..<$0 + 1) }
    var sizes = try starts.map { try lengths.slice(1, $0..<$0 + 1) }
    for _ in 0..<6 {
      let scores = try centroids.map { centroid -> Tensor in
        if isSpherical { return try (points * centroid).sum(-1) }
        let distance = try points - centroid
        return try -(distance * distance).sum(-1)
      }
      let nearest = try Tensor.stack(scores, -1).argmax(-1)
      for index in centroids.indices {
        let own = try nearest.equals(Double(index)).unsqueezed(-1)
        let counted = try own.to(.float64).sum(1, keep: true)
        let isEmpty = try counted.equals(0)
        let divisor = try counted.filled(1, where: isEmpty)
        func mean(_ x: Tensor) throws -> Tensor {
          try x.filled(0, where: .!own).sum(1, keep: true) / divisor
        }
        var centroid = try mean(points)
        var stays = isEmpty
        if isSpherical {
          // Directions that cancel have no mean direction.
          stays = try isEmpty .| centroid.equals(0).all(-1, keep: true)
          centroid = try centroid.normalised
        }
        centroids[index] = try stays.select(centroids[index], else: centroid)
        sizes[index] = try isEmpty.select(sizes[index], else: mean(lengths))
      }
    }
    let all = try Tensor.cat(centroids, 1)
    landmarks = isSpherical ? try all * Tensor.cat(sizes, 1) : all
  }
}

extension Tensor {
  /// Vectors along the last dimension divided by their lengths; zeros stay.
  fileprivate var normalised: Tensor {
    get throws {
      let length = try (self * self).sum(-1, keep: true).sqrt()
      return try self / length.filled(1, where: length.equals(0))
    }
  }
}
