internal import JSON
internal import Parts
internal import Torch

/// The window of a part that computes local attention, as its definition has it.
struct LocalWindow {
  /// The width, in tokens.
  let size: Int
  /// Whether it reaches into the past only.
  let isCausal: Bool

  /// The option of the definition that is the width.
  static let option = "window_size"

  /// Reads the options of the part's definition.
  init(_ part: any PartModule) throws {
    guard let options = part.claims.definition?.options, let size = options[Self.option]?.int,
      let causal = options["causal"]?.bool
    else { throw KitError("the definition of a local attention has `window_size` and `causal`") }
    self.size = size
    isCausal = causal
  }

  /// Whether a query sees a key: half the width to each side, or causal all of it into the past.
  func allows(_ query: Int, _ key: Int) -> Bool {
    isCausal
      ? (0...size).contains(query - key)
      : abs(query - key) <= (size - 1) / 2
  }
}
