/// A binary heap: a key no larger than those below, and two heaps.
private final class Heap: Sendable, CustomStringConvertible {
  let key: Int
  let left: Heap?
  let right: Heap?

  init(_ key: Int, _ left: Heap?, _ right: Heap?) {
    self.key = key
    self.left = left
    self.right = right
  }

  var description: String {
    "(\(key), \(left.map(\.description) ?? "nil"), \(right.map(\.description) ?? "nil"))"
  }

  static func generator(atLeast low: Int, size: Int) -> Gen<Heap?> {
    Gen<Heap?>("heap") { source throws(Rejected) in
      guard size > 0, try source.boolean() else { return nil }
      let key = try source.draw(.int(low...0x7FFF_FFFF))
      let inner = generator(atLeast: key, size: size / 2)
      return Heap(key, try source.draw(inner), try source.draw(inner))
    }
  }

  static func flatten(_ heap: Heap?) -> [Int] {
    var stack = [heap]
    var keys: [Int] = []
    while let top = stack.popLast() {
      guard let top else { continue }
      keys.append(top.key)
      stack += [top.left, top.right]
    }
    return keys
  }

  /// Loses the order, which is the mistake to be found.
  static func merge(_ a: Heap?, _ b: Heap?) -> Heap? {
    guard let a else { return b }
    guard let b else { return a }
    return a.key <= b.key
      ? Heap(a.key, merge(a.right, b), a.left) : Heap(b.key, merge(b.right, a), b.left)
  }
}

/// A heap that may be empty.
private struct Tree: Sendable, CustomStringConvertible {
  let root: Heap?

  var description: String { root?.description ?? "nil" }
}

extension Challenge {
  static let binheap = Challenge(
    "binheap", expected: "(0, nil, (0, (0, nil, nil), (1, nil, nil)))", bar: 124,
    Heap.generator(atLeast: 0, size: 64).map { Tree(root: $0) }
  ) { tree, trial in
    let heap = tree.root
    let keys = heap.map { [$0.key] + Heap.flatten(Heap.merge($0.left, $0.right)) } ?? []
    trial.expect(keys == keys.sorted() && Heap.flatten(heap).sorted() == keys)
  }
}
