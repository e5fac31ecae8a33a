internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// ORT5: landmarks are the centroids after six rounds of Lloyd's algorithm from the queries at
  /// the reported positions, and their distance to the queries does not exceed that of the starts.
  ///
  /// A centroid is the mean of its nearest queries or, if spherical, their mean direction times
  /// their mean length; one without queries is kept, and none becomes 0. Items with a query too
  /// close to the boundary between two centroids are excluded from the first comparison.
  static let kmeansDescent = Law(
    .kmeansDescent, trials: 58, witness: "orthoformerEmptyCentroidZero",
    needs: [.orthoformer, .approximate, .centroidLandmarks],
    plan: ScenarioPlan(
      fills: .only(.normal, .duplicateRows), masks: .none, minimumLength: 3)
  ) { setting, trial in
    try expectCentroids(setting.inputs(), setting, &trial)
    // Few queries need fewer rounds than there are.
    var lengths = setting.scenario.lengths
    lengths[.queryLength] = 40
    try expectCentroids(setting.call(of: setting.part(), lengths), setting, &trial)
  }

  private static func expectCentroids(
    _ inputs: [String: Tensor], _ setting: Setting, _ trial: inout Trial
  ) throws {
    let part = try setting.part()
    _ = try part.run(inputs)
    let starts = try part.drawn.tensor("starts").integers()
    let landmarks = try part.drawn.tensor("landmarks")
    let isSpherical =
      try setting.definition.options["landmark_selection"]?.string == "kmeans_spherical"
    trial.expect(
      Set(starts).count == starts.count, label: "distinct starts",
      "the starts contain a duplicate: \(starts)")
    let found = try LandmarkChoice.items(of: landmarks)
    for (item, choice) in try LandmarkChoice.items(of: inputs.tensor("q")).enumerated() {
      let before = choice.distance(to: starts.map { choice.rows[$0] }, isSpherical)
      let after = choice.distance(to: found[item].rows, isSpherical)
      trial.compared()
      trial.expect(
        after <= before + Tolerance.exact().bound(before), label: "no farther than the starts",
        "the distance of the queries to the landmarks is \(after), to the starts \(before)")
      guard let rounds = choice.lloyd(from: starts, isSpherical) else { continue }
      trial.classify("a centroid without queries", rounds.hadEmpty)
      let own = try landmarks.slice(0, item..<item + 1)
      try trial.equal(
        own, Tensor(rounds.landmarks.flatMap { $0 }, shape: own.shape), .exact(),
        label: "six rounds")
    }
  }
}

extension LandmarkChoice {
  /// The objective: squared distances to the nearest landmark, or those of directions.
  fileprivate func distance(to landmarks: [[Double]], _ isSpherical: Bool) -> Double {
    let points = isSpherical ? rows.map(Self.direction) : rows
    let centroids = isSpherical ? landmarks.map(Self.direction) : landmarks
    return points.reduce(0) { sum, point in
      sum + (centroids.map { Self.gap(point, $0) }.min() ?? 0)
    }
  }

  private static func gap(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  /// Six rounds; nil if a query is too close to call between different centroids.
  fileprivate func lloyd(from starts: [Int], _ isSpherical: Bool) -> (
    landmarks: [[Double]], hadEmpty: Bool
  )? {
    let points = isSpherical ? rows.map(Self.direction) : rows
    var centroids = starts.map { points[$0] }
    var lengths = starts.map { Self.length(rows[$0]) }
    var hadEmpty = false
    for _ in 0..<6 {
      var clusters = centroids.map { _ in [Int]() }
      for (index, point) in points.enumerated() {
        let gaps = centroids.map { Self.gap(point, $0) }
        guard let nearest = Self.smallest(gaps, among: Array(gaps.indices)),
          gaps.indices.allSatisfy({
            gaps[$0] != gaps[nearest] || centroids[$0] == centroids[nearest]
          })
        else { return nil }
        clusters[nearest].append(index)
      }
      for (index, cluster) in clusters.enumerated() {
        guard !cluster.isEmpty else {
          hadEmpty = true
          continue
        }
        let mean = Self.mean(cluster.map { points[$0] })
        lengths[index] = cluster.map { Self.length(rows[$0]) }.reduce(0, +) / Double(cluster.count)
        centroids[index] = isSpherical ? Self.direction(mean) : mean
      }
    }
    guard isSpherical else { return (centroids, hadEmpty) }
    let landmarks = zip(centroids, lengths).map { direction, length in
      direction.map { $0 * length }
    }
    return (landmarks, hadEmpty)
  }
}
