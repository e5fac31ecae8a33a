internal import Parts
internal import Torch

/// The lengths bound to the letters of a signature in one call.
struct CallShape {
  let signature: Signature
  let lengths: [String: Int]
  /// The inputs of the call, without masks.
  let present: [Signature.Input]

  /// Binds each letter to the first length it meets.
  init(_ signature: Signature, _ inputs: [String: Tensor]) {
    self.init(signature, shapes: inputs.mapValues(\.shape))
  }

  /// Binds the letters to the shapes of the inputs.
  init(_ signature: Signature, shapes: [String: [Int]]) {
    self.signature = signature
    present = signature.inputs.filter { shapes[$0.name] != nil }
    var lengths = signature.fixed
    for input in present {
      for (axis, length) in zip(input.axes, shapes[input.name] ?? [])
      where lengths[axis.letter] == nil {
        lengths[axis.letter] = length - axis.extra
      }
    }
    self.lengths = lengths
  }

  /// The shape of a list of axes; nil if a letter is unbound.
  func shape(_ axes: [Signature.Axis], changing letter: String? = nil, to length: Int = 0) -> [Int]?
  {
    var shape: [Int] = []
    for axis in axes {
      let bound = signature.length(of: axis.letter) { $0 == letter ? length : lengths[$0] }
      guard let bound = axis.letter == letter ? length : bound else { return nil }
      shape.append(bound + axis.extra)
    }
    return shape
  }

  /// The expected output shape.
  var output: [Int]? { shape(signature.output) }

  /// How many of the given inputs have a letter.
  func sharers(of letter: String) -> Int {
    present.filter { $0.axes.contains { $0.letter == letter } }.count
  }

  /// Whether the length of a letter cannot be changed in one input alone.
  func isBound(_ letter: String) -> Bool {
    signature.fixed[letter] != nil || sharers(of: letter) > 1
  }

  /// The batch axis of an input.
  static func batchAxis(_ axes: [Signature.Axis]) -> Int? {
    axes.firstIndex { $0.letter == "B" || $0.letter == "N" }
  }
}
