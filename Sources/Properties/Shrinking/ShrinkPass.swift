/// One way to propose smaller inputs; in the order in which they run, those that remove much for
/// little first.
enum ShrinkPass: String, CaseIterable, Sendable {
  /// Everything simplest.
  case simplest
  /// A part of a recursive value in the place of the whole.
  case descend
  /// Without some spans, many siblings at once where that works.
  case deleteSpans = "delete-span"
  /// Without an element, and integers that point behind it lowered by one.
  case deleteAndRenumber = "delete-and-renumber"
  /// Without some elements, and the length before them lowered by their number.
  case deleteAndLower = "delete-and-lower"
  /// Without elements of two lists at once.
  case deletePairs = "delete-pair"
  /// Two siblings joined to one.
  case mergeSiblings = "merge-siblings"
  /// All choices of some spans simplest.
  case zeroSpans = "zero-span"
  /// All numbers of one value lowered together.
  case lowerSame = "lower-same"
  /// Every choice on its own.
  case lowerEach = "lower-each"
  /// Fewer and simpler entries.
  case simplifyTensors = "tensor-simplify"
  /// Two numbers moved in one direction.
  case lowerPairs = "lower-pair"
  /// Two numbers moved in opposite directions.
  case shiftPairs = "shift-pair"
  /// Simpler siblings first.
  case sortSpans = "sort-spans"
  /// Without a number, which is added to another.
  case fuse
  /// Two spans of one label exchanged.
  case swapSiblings = "swap-siblings"
  /// Three or four siblings in a simpler order.
  case permuteSiblings = "permute-siblings"
  /// One number a step down, a later one far up.
  case lowerAndRaise = "lower-and-raise"
  /// Two exchanges at once.
  case moveTwice = "move-twice"
  /// Without one to five choices anywhere.
  case deleteRuns = "delete-run"
  /// Integers one to eight steps lower.
  case lowerBySteps = "lower-by-steps"
  /// All that is smaller, if that is not much.
  case enumerate
}

extension Shrinker {
  /// Runs one pass once.
  mutating func run(_ pass: ShrinkPass) {
    switch pass {
    case .simplest: propose([])
    case .descend: descend()
    case .deleteSpans: deleteSpans()
    case .deleteAndRenumber: deleteAndRenumber()
    case .deleteAndLower: deleteAndLower()
    case .deletePairs: deletePairs()
    case .mergeSiblings: mergeSiblings()
    case .zeroSpans: zeroSpans()
    case .lowerSame: lowerSame()
    case .lowerEach: lowerEach()
    case .simplifyTensors: simplifyTensors()
    case .lowerPairs: lowerPairs()
    case .shiftPairs: shiftPairs()
    case .sortSpans: sortSpans()
    case .fuse: fuse()
    case .swapSiblings: swapSiblings()
    case .permuteSiblings: permuteSiblings()
    case .lowerAndRaise: lowerAndRaise()
    case .moveTwice: moveTwice()
    case .deleteRuns: deleteRuns()
    case .lowerBySteps: lowerBySteps()
    case .enumerate: enumerate()
    }
  }
}
