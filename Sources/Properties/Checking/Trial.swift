/// One run of a property: what it assumes, observes and asserts.
///
/// The first assertion that fails decides the trial; the property may go on, but nothing it does
/// afterwards counts.
public struct Trial {
  /// A number for every other source of randomness; the same when a failure is replayed.
  public let seed: UInt64
  /// Whether the run only collects statistics; see ``endOfStatistics()``.
  public let isStatisticsOnly: Bool

  private(set) var failure: TrialFailure?
  /// The first call with arguments that make no sense.
  private(set) var wrongCall: Rejected?
  /// How many comparisons have been made so far.
  public private(set) var comparisons = 0
  private(set) var worst = 0.0
  private(set) var notes: [String] = []
  private(set) var outputs: [UInt64] = []
  private(set) var tally = Tally()
  private var sites: [Site] = []
  private let code: String

  init(seed: UInt64, code: String, isStatisticsOnly: Bool = false) {
    self.seed = seed
    self.code = code
    self.isStatisticsOnly = isStatisticsOnly
  }

  // MARK: Input

  /// Discards the input unless the condition holds.
  ///
  /// - Throws: ``Rejected``, to be passed on.
  public func assume(_ condition: Bool) throws(Rejected) {
    if !condition { throw Rejected(.assumption) }
  }

  /// Adds a line to the report of a failure.
  public mutating func note(_ text: @autoclosure () -> String) {
    if notes.count < 32 { notes.append(text()) }
  }

  /// Counts the trials in which a condition holds; the count is reported even if it is 0.
  public mutating func classify(_ label: String, _ condition: Bool) {
    tally.count(label, condition)
  }

  /// Counts the trials by a value.
  public mutating func collect(_ label: String, _ value: some CustomStringConvertible) {
    tally.count("\(label): \(value)", true)
  }

  /// Demands that a condition hold in a share of all trials, beyond reasonable doubt.
  ///
  /// - `share`: above 0, at most 1.
  public mutating func cover(
    _ share: Double, _ label: String, _ condition: Bool, fileID: StaticString = #fileID,
    line: UInt = #line
  ) {
    require(
      share > 0 && share <= 1, "a share of '\(label)' above 0 and at most 1", got: share,
      fileID, line)
    tally.require(label, condition, .share(share))
  }

  /// Demands that a condition hold in a number of trials.
  public mutating func cover(
    atLeast count: Int, _ label: String, _ condition: Bool, fileID: StaticString = #fileID,
    line: UInt = #line
  ) {
    require(count > 0, "a number of '\(label)' of at least 1", got: count, fileID, line)
    tally.require(label, condition, .count(count))
  }

  /// Marks where observations end and the work begins.
  ///
  /// If a share stays in doubt, more inputs are drawn for the statistics alone; the property then
  /// stops here. Without this mark they run the property to its end.
  public func endOfStatistics() throws(StatisticsOnly) {
    if isStatisticsOnly { throw StatisticsOnly() }
  }

  // MARK: Judgement

  /// Asserts a condition; the property goes on in either case.
  ///
  /// - `label`: which assertion this is, in words that outlive edits of the property; by default
  ///   the order in which its line was first reached.
  /// - Returns: whether the condition holds.
  @discardableResult
  public mutating func expect(
    _ condition: Bool, label: String? = nil, _ message: @autoclosure () -> String = "",
    fileID: StaticString = #fileID, line: UInt = #line, column: UInt = #column
  ) -> Bool {
    comparisons += 1
    let index = assertion(fileID, line, column)
    if !condition { record(label ?? String(index), message()) }
    return condition
  }

  /// Fails the trial.
  public mutating func fail(
    label: String? = nil, _ message: String, fileID: StaticString = #fileID, line: UInt = #line,
    column: UInt = #column
  ) {
    expect(false, label: label, message, fileID: fileID, line: line, column: column)
  }

  /// Counts comparisons made elsewhere; a check without any proves nothing and fails.
  ///
  /// - `worst`: the largest error as a share of what was allowed.
  public mutating func compared(
    _ count: Int = 1, worst ratio: Double = 0, fileID: StaticString = #fileID, line: UInt = #line
  ) {
    require(
      (0...Self.mostComparisons).contains(count),
      "a number of comparisons from 0 to \(Self.mostComparisons)", got: count, fileID, line)
    comparisons &+= count
    worst = ratio.isNaN ? .infinity : max(worst, ratio)
  }

  /// So many that sums over trials stay integers.
  private static var mostComparisons: Int { 1 << 32 }

  /// Remembers a hash of something computed, to tell apart runs that should agree, and checks
  /// whose results never vary.
  public mutating func observe(output hash: UInt64) {
    outputs.append(hash)
  }

  // MARK: For the engine

  mutating func threw(_ error: any Error) {
    guard failure == nil else { return }
    failure = TrialFailure(
      origin: Origin(code: code, assertion: "throws", errorType: "\(type(of: error))"),
      message: "threw \(type(of: error)): \(error)")
  }

  /// The hash of all outputs, nil if none were observed.
  var outputHash: UInt64? {
    outputs.isEmpty ? nil : outputs.withUnsafeBytes { XXH3.hash64($0) }
  }

  private mutating func require(
    _ isRight: Bool, _ expected: @autoclosure () -> String, got: @autoclosure () -> Any,
    _ fileID: StaticString, _ line: UInt
  ) {
    do throws(Rejected) {
      try Rejected.require(isRight, expected(), got: got(), fileID, line)
    } catch {
      wrongCall = wrongCall ?? error
    }
  }

  private mutating func record(_ label: String, _ message: String) {
    guard failure == nil else { return }
    failure = TrialFailure(origin: Origin(code: code, assertion: label), message: message)
  }

  /// The order in which the assertion's place was first reached.
  private mutating func assertion(_ fileID: StaticString, _ line: UInt, _ column: UInt) -> Int {
    let site = Site(file: UInt(bitPattern: fileID.utf8Start), line: line, column: column)
    if let index = sites.firstIndex(of: site) { return index }
    sites.append(site)
    return sites.count - 1
  }

  private struct Site: Hashable {
    let file: UInt
    let line: UInt
    let column: UInt
  }
}

/// The first assertion of a trial that did not hold.
struct TrialFailure: Hashable, Sendable {
  let origin: Origin
  let message: String
}

/// Thrown by ``Trial/endOfStatistics()``, to be passed on.
public struct StatisticsOnly: Error, Hashable, Sendable {}
