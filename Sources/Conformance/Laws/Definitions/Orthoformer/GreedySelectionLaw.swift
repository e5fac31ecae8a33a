internal import Catalogue
internal import JSON
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// ORT4: from the first candidate that the part reports on, each landmark is the one not chosen yet
  /// whose largest cosine to those chosen, in magnitude, is the smallest; landmarks are those queries
  /// to the bit, and distinct, wherever no two candidates are too close to tell (T0).
  static let greedySelection = Law(
    .greedySelection, trials: 43, witness: "orthoformerCosineSum",
    needs: [.orthoformer, .approximate, .orthogonalLandmarks],
    plan: ScenarioPlan(fills: .distinct, masks: .none, minimumLength: 5)
  ) { setting, trial in
    let part = try setting.part()
    let inputs = try setting.inputs()
    _ = try part.run(inputs)
    let drawn = part.drawn
    let first = try drawn.tensor("first").integers()[0]
    let count = try setting.landmarks
    var candidates = try inputs.tensor("q").folded()
    let fraction = try setting.definition.options["subsample_fraction"]?.double ?? 1
    if fraction < 1 {
      let positions = try drawn.tensor("candidates").integers()
      let expected = max(Int(fraction * Double(candidates.size(1))), count)
      trial.expect(
        positions.count == expected, label: "the number of candidates",
        "\(positions.count) candidates instead of \(expected)")
      candidates = try candidates.picked(1, positions)
    }
    let found = try LandmarkChoice.items(of: drawn.tensor("landmarks"))
    let items = try LandmarkChoice.items(of: candidates)
    for (item, choice) in items.enumerated() {
      guard let chosen = choice.greedy(from: first, count) else { continue }
      // In whatever order they are listed.
      let wanted = chosen.map { choice.rows[$0] }.sorted { $0.lexicographicallyPrecedes($1) }
      let own = found[item].rows.sorted { $0.lexicographicallyPrecedes($1) }
      let shape = [wanted.count, candidates.size(2)]
      try trial.unchanged(
        Tensor(own.flatMap { $0 }, shape: [own.count, candidates.size(2)]),
        Tensor(wanted.flatMap { $0 }, shape: shape), label: "the landmarks")
    }
    trial.classify("every choice clear", items.allSatisfy { $0.greedy(from: first, count) != nil })
  }
}

extension LandmarkChoice {
  /// The rows chosen one after the other, or nil where a choice is too close to tell.
  fileprivate func greedy(from first: Int, _ count: Int) -> [Int]? {
    let directions = rows.map(Self.direction)
    var chosen = [first]
    while chosen.count < count {
      let worst = directions.map { direction in
        chosen.map { abs(Self.product(direction, directions[$0])) }.max() ?? 0
      }
      let others = rows.indices.filter { !chosen.contains($0) }
      guard let next = Self.smallest(worst, among: others) else { return nil }
      chosen.append(next)
    }
    return chosen
  }
}
