extension Gen {
  /// Lists of values; before each value, a choice says whether there is one more.
  public static func list<Element>(
    of element: Gen<Element>, count: ClosedRange<Int> = 0...100, fileID: StaticString = #fileID,
    line: UInt = #line
  ) -> Self where Value == [Element] {
    let (least, most) = (Double(count.lowerBound), Double(count.upperBound))
    let usual = min(max(least * 2, least + 6), (least + most) / 2)
    return Gen("list") { source throws(Rejected) in
      try Rejected.require(
        count.lowerBound >= 0, "a count of at least 0", got: count, fileID, line)
      let extra = (usual - least) * Double(max(source.size, 10)) / 100
      var values: [Element] = []
      while true {
        let span = source.openSpan("list element", Labels.listElement)
        do throws(Rejected) {
          let isMore = try source.boolean(
            values.count < count.lowerBound
              ? 1 : values.count >= count.upperBound ? 0 : extra / (1 + extra))
          if isMore { values.append(try source.draw(element)) }
          source.closeSpan(span)
          if !isMore { return values }
        } catch {
          source.closeSpan(span)
          throw error
        }
      }
    }
  }

  /// Lists of a fixed length.
  public static func list<Element>(
    of element: Gen<Element>, count: Int, fileID: StaticString = #fileID, line: UInt = #line
  ) -> Self where Value == [Element] {
    Gen("list of count") { source throws(Rejected) in
      try Rejected.require(count >= 0, "a count of at least 0", got: count, fileID, line)
      var values: [Element] = []
      for _ in 0..<count { values.append(try source.draw(element)) }
      return values
    }
  }

  /// Sets, drawn as lists whose repeated values are dropped.
  public static func set<Element>(
    of element: Gen<Element>, count: ClosedRange<Int> = 0...100, fileID: StaticString = #fileID,
    line: UInt = #line
  ) -> Self where Value == Set<Element> {
    Gen<[Element]>.list(of: element, count: count, fileID: fileID, line: line).map { Set($0) }
      .filter { $0.count >= count.lowerBound }
  }

  /// nil, or a value.
  public static func optional<Wrapped>(_ wrapped: Gen<Wrapped>) -> Self where Value == Wrapped? {
    Gen("optional") { source throws(Rejected) in
      try source.boolean(0.75) ? try source.draw(wrapped) : nil
    }
  }

  /// The numbers 0 ..< count in any order; ascending is simplest.
  public static func permutation(
    _ count: Int, fileID: StaticString = #fileID, line: UInt = #line
  ) -> Self where Value == [Int] {
    Gen("permutation") { source throws(Rejected) in
      try Rejected.require(count >= 0, "a count of at least 0", got: count, fileID, line)
      guard count <= Source.maximumChoices else { throw Rejected(.overrun) }
      var order = Array(0..<count)
      for position in order.indices.dropLast() {
        let other = try source.integer(
          Int64(position)...Int64(count - 1), toward: Int64(position), isBiased: false)
        order.swapAt(position, Int(other))
      }
      return order
    }
  }

  /// Values made of values of the same kind, at most `depth` levels deep.
  ///
  /// - `node`: makes the generator of a value from that of its parts.
  public static func recursive(
    depth: Int, leaf: Self, fileID: StaticString = #fileID, line: UInt = #line,
    node: @escaping @Sendable (Self) -> Self
  ) -> Self {
    Gen("recursive") { source throws(Rejected) in
      try Rejected.require(depth >= 0, "a depth of at least 0", got: depth, fileID, line)
      let isNode = try source.boolean(depth > 0 ? 0.5 : 0)
      guard isNode else { return try source.draw(leaf) }
      return try source.draw(node(recursive(depth: depth - 1, leaf: leaf, node: node)))
    }
  }

  /// Tuples of values.
  public static func zip<each Part: Sendable>(_ part: repeat Gen<each Part>) -> Self
  where Value == (repeat each Part) {
    Gen("zip") { source throws(Rejected) in
      (repeat try source.draw(each part))
    }
  }
}

/// Labels of spans that no generator opens.
enum Labels {
  static let listElement = XXH3.hash64("list element")
}
