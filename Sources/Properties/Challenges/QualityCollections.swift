extension Challenge {
  static let collections: [Challenge] =
    [
      exact("set of three", "[-1, 0, 1]", Gen.set(of: .int()).map { $0.sorted() }) { $0.count < 3 },
      exact(
        "lists of both booleans", "\([[Bool]](repeating: [false, true], count: 5))",
        .list(of: .list(of: .bool()))
      ) { lists in lists.count { $0.contains(true) && $0.contains(false) } < 5 },
      exact("a value twice", "([0, 0], 0)", .zip(.list(of: .int()), .int())) { input in
        input.0.count { $0 == input.1 } < 2
      },
      exact(
        "a rare element", "[\"bad\"]",
        .list(of: .frequency([(49, .constant("good")), (1, .constant("bad"))]))
      ) { !$0.contains("bad") },
    ]
    + [0, 1, 10, 100, 1000].map { least in
      exact("contains at least \(least)", "([\(least)], \(least))", .zip(.list(of: .int()), .int()))
      {
        !($0.0.contains($0.1) && $0.1 >= least)
      }
    }
    + [1, 2, 5, 10].map { count in
      let expected = [Double](repeating: 0, count: count - 1) + [1]
      return exact("one of \(count) doubles", "\(expected)", .list(of: .double())) { list in
        !(list.count >= count && list.contains { $0 >= 1 })
      }
    }
}
