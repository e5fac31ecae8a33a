internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FIX: recorded values are reproduced, those of the definition and those of the original.
  static let golden = Law(
    .golden, trials: 1, witness: "scaleMissing", dtypes: [.float64, .float32],
    needs: [.someDefinition]
  ) { subject, dtype, cell, profile in
    // The cases are all there are: no seed finds others.
    var profile = profile
    profile.trials = 1
    var isOutOfDate = false
    let all = Gen<String>("fixtures") { _ throws(Rejected) in subject.title }
    var report = check(cell, all, trials: 1, profile: profile) { _, trial in
      let inspection = try FixtureInspection(subject)
      isOutOfDate = inspection.isOutOfDate
      trial.classify("cases", !inspection.sound.isEmpty)
      trial.expect(
        inspection.problems.isEmpty, label: "fixtures", inspection.advice ?? "")
      for sound in inspection.sound {
        if sound.declared == nil {
          try inspection.compareRecorded(sound, dtype, &trial)
        } else {
          try inspection.compareDefined(sound, dtype, &trial)
        }
        subject.site.reads.note(inspection.id(sound.entry.name))
      }
    }
    if isOutOfDate, !report.isPassed { report.verdict = .failed(.stale) }
    return report
  }
}

extension FixtureInspection {
  /// Whether all that is wrong is that fixtures are not those of today's sources.
  fileprivate var isOutOfDate: Bool {
    !problems.isEmpty && problems.allSatisfy { $0.kind == .stale || $0.kind == .corrupt }
  }

  /// What is wrong and how to repair it, in one line; nil if nothing is wrong.
  fileprivate var advice: String? {
    guard let first = problems.first else { return nil }
    let names = problems.map { $0.fixture.name.isEmpty ? "manifest.json" : $0.fixture.name }
    let kinds = Set(problems.map(\.kind.rawValue)).sorted().joined(separator: " or ")
    let shown = names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
    let expression = "kind:\(subject.entry.kind.rawValue) and part:\(subject.entry.name)"
    let what = kinds == "missing" ? "" : " (\(first.message))"
    return "\(problems.count) of \(max(declared.count, entries.count)) fixtures in "
      + "Fixtures/\(id("")) are \(kinds): \(shown)\(what); "
      + "make them with `make golden K='\(expression)'` (zoo fixtures new -k), review the diff, "
      + "then zoo fixtures accept -k '\(expression)'"
  }

  /// Compares the part's output with the definition's.
  fileprivate func compareDefined(_ sound: Sound, _ dtype: DType, _ trial: inout Trial) throws {
    let name = sound.entry.name
    guard let stored = sound.file.tensors["output"] else {
      trial.fail(label: name, "\(name): there is no tensor `output`")
      return
    }
    let run = try RecordedCase(sound.file.converted(to: dtype), file: name)
      .run(in: subject.registry)
    guard let output = run.results["output"] else { return }
    let expected = try Tensor(stored)
    var tolerance: Tolerance = dtype == .float64 ? .exact() : .recorded
    if let declared = sound.declared, try !compare(output, expected, tolerance).isEqual {
      // A definition may magnify what every part must round, such as a nearly singular inverse.
      let response = try RoundingResponse(declared, subject, unit: dtype.unitRoundoff)
      let rounding = response.tolerance
      if rounding.bound(0) > tolerance.bound(0) { tolerance = rounding }
    }
    try trial.equal(output, expected, tolerance, label: name)
  }

  /// Compares output and gradients of the part with those recorded from the original.
  fileprivate func compareRecorded(_ sound: Sound, _ dtype: DType, _ trial: inout Trial) throws {
    let name = sound.entry.name
    let found = try RecordedCase(sound.file.converted(to: dtype), file: name)
      .compare(in: subject.registry)
    trial.compared(found.count, worst: found.verdict == .matches ? found.worst.comparison.worst : 0)
    trial.expect(
      found.isGood, label: name,
      "\(name): \(found.verdict), \(found.worst.tensor): \(found.worst.comparison)")
  }
}

extension SafetensorsFile {
  /// The same file with floating tensors of another type, except those that came out.
  fileprivate func converted(to dtype: DType) throws -> SafetensorsFile {
    var result = self
    for (name, entry) in tensors
    where name != "output" && !name.hasPrefix("grad.") && DType(entry.dtype).isFloating {
      result.tensors[name] = try Tensor(entry).to(dtype).safetensorsEntry()
    }
    return result
  }
}
