/// A description of how to draw values from choices.
///
/// Generators are made of others, by ``map(_:)``, ``flatMap(_:)`` and ``filter(_:)``, or by a
/// closure that draws what it needs:
///
/// ```swift
/// let interval = Gen<ClosedRange<Int>>("interval") { source throws(Rejected) in
///   let start = try source.draw(.int(0...100))
///   return start...(start + (try source.draw(.int(0...10))))
/// }
/// ```
///
/// Every such value shrinks, to the one made of the simplest choices that still fails.
public struct Gen<Value: Sendable>: Sendable {
  let label: StaticString
  let labelHash: UInt64
  let body: @Sendable (inout Source) throws(Rejected) -> Value

  /// A generator that draws by the closure.
  ///
  /// - `label`: what kind of value this is. Shrinking exchanges values of one label for
  ///   each other, so two generators of one meaning should share it.
  public init(
    _ label: StaticString,
    _ draw: @escaping @Sendable (inout Source) throws(Rejected) -> Value
  ) {
    self.label = label
    labelHash = label.withUTF8Buffer { XXH3.hash64(UnsafeRawBufferPointer($0)) }
    body = draw
  }

  private init(
    like label: StaticString, _ hash: UInt64,
    _ draw: @escaping @Sendable (inout Source) throws(Rejected) -> Value
  ) {
    self.label = label
    labelHash = hash
    body = draw
  }

  /// The values changed by a function.
  public func map<T>(_ transform: @escaping @Sendable (Value) -> T) -> Gen<T> {
    let body = body
    return Gen<T>(like: label, labelHash) { source throws(Rejected) in
      transform(try body(&source))
    }
  }

  /// The values of a generator that depends on a value of this one.
  public func flatMap<T>(_ next: @escaping @Sendable (Value) -> Gen<T>) -> Gen<T> {
    Gen<T>("flatMap") { source throws(Rejected) in
      let first = try source.draw(self)
      return try source.draw(next(first))
    }
  }

  /// The values that satisfy a condition: after four others in a row, the input is rejected.
  public func filter(_ isIncluded: @escaping @Sendable (Value) -> Bool) -> Self {
    let body = body
    let (label, hash) = (label, labelHash)
    return Gen("filter") { source throws(Rejected) in
      for _ in 0..<4 {
        let span = source.openSpan(label, hash)
        do throws(Rejected) {
          let value = try body(&source)
          let isKept = isIncluded(value)
          source.closeSpan(span, isDiscarded: !isKept)
          if isKept { return value }
        } catch {
          source.closeSpan(span)
          throw error
        }
      }
      throw Rejected(.filter)
    }
  }

  /// A value drawn at random, the same for the same seed: for a look at what a generator makes.
  ///
  /// - Throws: why this seed gives no value.
  public func sample(seed: UInt64) throws(Rejected) -> Value {
    var source = Source(tail: .random(RandomStream(seed: seed)))
    return try source.draw(self)
  }

  /// The value made of the simplest choices; accessing it throws if the generator rejects them.
  public var simplest: Value {
    get throws(Rejected) {
      var source = Source(tail: .simplest)
      return try source.draw(self)
    }
  }

  /// A hash of labels and domains, which changes when stored choices may no longer fit.
  ///
  /// Later draws depend on earlier values, so what a few fixed draws meet stands for the whole.
  var schemaHash: UInt64 {
    var seen: Set<String> = []
    var simplest: [String] = []
    for seed in 0..<UInt64(9) {
      let tail = seed == 0 ? Source.Tail.simplest : .random(RandomStream(seed: seed))
      var source = Source(tail: tail)
      source.recordSchema()
      _ = try? source.draw(self)
      if seed == 0 { simplest = source.schema ?? [] }
      seen.formUnion(source.schema ?? [])
    }
    return XXH3.hash64((simplest + ["|"] + seen.sorted()).joined(separator: ","))
  }
}
