/// Draws inputs from a generator and runs a property on them, one at a time.
struct Runner<Value: Sendable> {
  typealias Property = (Value, inout Trial) throws -> Void

  let cell: CellID
  let generator: Gen<Value>
  let property: Property

  /// An input with the choices that made it, or the reason why it was rejected.
  struct Drawn {
    let value: Value?
    let rejection: Rejected?
    let source: Source
  }

  func draw(_ source: Source) -> Drawn {
    var source = source
    do throws(Rejected) {
      let value = try source.draw(generator)
      return Drawn(value: value, rejection: nil, source: source)
    } catch {
      return Drawn(value: nil, rejection: error, source: source)
    }
  }

  /// The result of one run of the property.
  struct Ran {
    var trial: Trial
    var rejection: Rejected?

    var failure: TrialFailure? { rejection == nil ? trial.failure : nil }

    /// Whether another run on the same input went the same way.
    func agrees(with other: Ran) -> Bool {
      rejection == other.rejection && failure?.origin == other.failure?.origin
        && trial.outputHash == other.trial.outputHash
    }

    var summary: String {
      let outcome =
        rejection != nil
        ? "rejected" : failure.map { "failed at \($0.origin): \($0.message)" } ?? "passed"
      return trial.outputHash.map { "\(outcome) (output \($0.paddedHex))" } ?? outcome
    }
  }

  func run(_ value: Value, seed: UInt64, isStatisticsOnly: Bool = false) -> Ran {
    var trial = Trial(seed: seed, code: cell.code, isStatisticsOnly: isStatisticsOnly)
    do {
      try property(value, &trial)
    } catch let error as Rejected {
      // An assertion that failed before the assumption was made stands.
      if trial.failure == nil { return Ran(trial: trial, rejection: trial.wrongCall ?? error) }
    } catch let error as any SetUpError where trial.failure == nil {
      return Ran(trial: trial, rejection: trial.wrongCall ?? Rejected(.wrongCall("\(error)")))
    } catch is StatisticsOnly where isStatisticsOnly {
      // Stopped at the mark that ends its statistics.
    } catch {
      trial.threw(error)
    }
    return Ran(trial: trial, rejection: trial.wrongCall)
  }
}

/// A value as text, cut off after 4000 characters.
func printed(_ value: some Any) -> String {
  let text = value is String ? String(reflecting: value) : String(describing: value)
  return text.count <= 4000 ? text : text.prefix(4000) + "… (\(text.count) characters)"
}
