/// Draws inputs until one fails, and shrinks it, to measure shrinking by.
///
/// - `passesShuffledBy`: if not nil, the passes run in an order made from this number.
/// - Returns: the smallest failing input as text, and how often the property ran from the first
///   failure on; nil if none of 20 000 inputs failed.
package func shrunkFailure<Value: Sendable>(
  of generator: Gen<Value>, seed: UInt64, passesShuffledBy order: UInt64?,
  _ property: @escaping (Value, inout Trial) throws -> Void
) -> (answer: String, evaluations: Int)? {
  let runner = Runner(cell: "challenge", generator: generator, property: property)
  var passes = ShrinkPass.allCases
  if let order {
    var random = RandomStream(seed: order)
    passes.shuffle(using: &random)
  }
  var seeds = RandomStream(seed: seed)
  for draw in 1...20_000 {
    let tail = Source.Tail.random(RandomStream(seed: seeds.next()))
    // Inputs grow as they do in a check of a thousand trials.
    let drawn = runner.draw(Source(tail: tail, size: min(100, draw)))
    guard let value = drawn.value else { continue }
    let ran = runner.run(value, seed: seed)
    guard let failure = ran.failure else { continue }
    let first = Shrinker<Value>.Found(
      value: value, choices: drawn.source.choices, spans: drawn.source.spans, ran: ran,
      failure: failure)
    var shrinker = Shrinker(runner, first, seed: seed)
    shrinker.run(passes)
    return (printed(shrinker.best.value), 1 + shrinker.evaluations)
  }
  return nil
}
