extension Challenge {
  static let structures: [Challenge] = [
    exact(
      "row of a drawn width", "[[\"a\", \"b\"]]",
      Gen.int(0...10).flatMap { width in
        .list(of: .list(of: .element(of: ["a", "b"]), count: width))
      }
    ) { !$0.contains(["a", "b"]) },
    exact("tree with three equal leaves", "(0, (0, 0))", LeafTree.generator) { tree in
      let leaves = tree.leaves
      return !leaves.contains { leaf in leaves.count { $0 == leaf } >= 3 }
    },
  ]
}

/// A binary tree with numbers at its leaves.
private indirect enum LeafTree: Sendable, CustomStringConvertible {
  case leaf(Int)
  case node(LeafTree, LeafTree)

  static let generator = Gen<LeafTree>.recursive(
    depth: 5, leaf: Gen.int().map { .leaf($0) }
  ) { inner in
    Gen.zip(inner, inner).map { .node($0.0, $0.1) }
  }

  var leaves: [Int] {
    switch self {
    case .leaf(let value): [value]
    case .node(let left, let right): left.leaves + right.leaves
    }
  }

  var description: String {
    switch self {
    case .leaf(let value): "\(value)"
    case .node(let left, let right): "(\(left), \(right))"
    }
  }
}
