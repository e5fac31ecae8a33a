internal import Parts
internal import Torch

/// The lengths that the letters of a signature have in one call.
struct CallShape {
  let signature: Signature
  let lengths: [String: Int]
  /// The inputs that the call gives, masks left out.
  let present: [Signature.Input]

  /// Binds each letter to the first length it meets.
  init(_ signature: Signature, _ inputs: [String: Tensor]) {
    self.init(signature, shapes: inputs.mapValues(\.shape))
  }

  /// The same from the shapes of the inputs.
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

  /// The shape of a list of axes, or nil if a letter is not bound.
  func shape(_ axes: [Signature.Axis], changing letter: String? = nil, to length: Int = 0) -> [Int]?
  {
    var shape: [Int] = []
    for axis in axes {
      guard let bound = axis.letter == letter ? length : lengths[axis.letter] else { return nil }
      shape.append(bound + axis.extra)
    }
    return shape
  }

  /// The shape that the output must have.
  var output: [Int]? { shape(signature.output) }

  /// How many of the inputs given have a letter.
  func sharers(of letter: String) -> Int {
    present.filter { $0.axes.contains { $0.letter == letter } }.count
  }

  /// Whether one input alone may not change the length of a letter.
  func isBound(_ letter: String) -> Bool {
    signature.fixed[letter] != nil || sharers(of: letter) > 1
  }

  /// The axis of an input along which items of a batch lie.
  static func batchAxis(_ axes: [Signature.Axis]) -> Int? {
    axes.firstIndex { $0.letter == "B" || $0.letter == "N" }
  }
}
