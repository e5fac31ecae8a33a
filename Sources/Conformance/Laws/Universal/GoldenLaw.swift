internal import Catalogue
internal import Parts
internal import Properties
internal import Torch

extension Law {
  /// FIX: the recorded values of the definition and of the original are reproduced.
  static let golden = Law(
    .golden, trials: 1, witness: "scaleMissing", dtypes: [.float64, .float32],
    needs: [.someDefinition]
  ) { subject, dtype, cell, profile in
    var isOutOfDate = false
    let all = Gen<String>("fixtures") { _ throws(Rejected) in subject.title }
    var report = check(cell, all, profile: profile.once) { _, trial in
      let inspection = try FixtureInspection(subject)
      isOutOfDate = inspection.isOutOfDate
      trial.classify("cases", !inspection.sound.isEmpty)
      trial.expect(
        inspection.problems.isEmpty, label: "fixtures", inspection.advice ?? "")
      for sound in inspection.sound {
        do {
          if sound.declared == nil {
            try inspection.compareRecorded(sound, dtype, &trial)
          } else {
            try inspection.compareDefined(sound, dtype, &trial)
          }
        } catch let error as KitError {
          // The fixture is sound, so the part refuses what it should take.
          trial.fail(label: sound.entry.name, "\(sound.entry.name): \(error)")
        }
        subject.site.reads.note(inspection.id(sound.entry.name))
      }
    }
    if isOutOfDate, !report.isPassed { report.verdict = .failed(.stale) }
    return report
  }
}

extension FixtureInspection {
  /// Compares the part's output with the definition's.
  fileprivate func compareDefined(_ sound: Sound, _ dtype: DType, _ trial: inout Trial) throws {
    let name = sound.entry.name
    guard let stored = sound.file.tensors["output"] else {
      trial.fail(label: name, "\(name): the fixture has no tensor `output`")
      return
    }
    let run = try RecordedCase(sound.file.converted(to: dtype), file: name)
      .run(in: subject.registry)
    guard let output = run.results["output"] else { return }
    let expected = try Tensor(stored)
    var tolerance: Tolerance = dtype == .float64 ? .exact() : .recorded
    if let declared = sound.declared, try !compare(output, expected, tolerance).isEqual {
      // A definition may amplify unavoidable rounding, for example by a nearly singular inverse.
      let part = try declared.part(subject)
      let inputs = try declared.inputs(subject)
      _ = try declared.settle(part, inputs)
      let rounding = try RoundingResponse(
        part, inputs, subject.oracles, unit: dtype.unitRoundoff
      ).tolerance
      if rounding.bound(0) > tolerance.bound(0) { tolerance = rounding }
    }
    try trial.equal(output, expected, tolerance, label: name)
  }

  /// Compares output and gradients with those recorded from the original.
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
  /// The same file with its floating tensors in another type.
  fileprivate func converted(to dtype: DType) throws -> SafetensorsFile {
    var result = self
    for (name, entry) in tensors where DType(entry.dtype).isFloating {
      result.tensors[name] = try Tensor(entry).to(dtype).safetensorsEntry()
    }
    return result
  }
}

extension Profile {
  /// The profile for what has one input: no seed finds others, and there is no failure to store.
  var once: Profile {
    var profile = self
    profile.trials = 1
    profile.writesRegressions = false
    return profile
  }
}
