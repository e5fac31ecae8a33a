internal import Torch

/// The backward pass of a reversible sequence, which has nothing but the output.
struct ReversiblePass {
  typealias Bookmarks = (f: () throws -> Void, g: () throws -> Void)

  private let sequence: ReversibleSequence
  private let output: Tensor
  /// What may have a gradient besides the input: the parameters, then further tensors.
  private let leaves: [Tensor]
  private let bookmarks: [Bookmarks]
  private let f: ReversibleSequence.Sublayer
  private let g: ReversibleSequence.Sublayer
  private let versions: [Int]

  init(
    _ sequence: ReversibleSequence, _ output: Tensor, _ leaves: [Tensor],
    _ bookmarks: [Bookmarks], _ f: @escaping ReversibleSequence.Sublayer,
    _ g: @escaping ReversibleSequence.Sublayer
  ) {
    self.sequence = sequence
    self.output = output
    self.leaves = leaves
    self.bookmarks = bookmarks
    (self.f, self.g) = (f, g)
    versions = ([output] + leaves).map(\.version)
  }

  /// The derivatives by the input and the leaves, from that by the output.
  func derivatives(by derivative: Tensor) throws -> [Tensor?] {
    try requireUnchanged()
    var sums = [Tensor?](repeating: nil, count: leaves.count)
    var (first, second) = try output.halves
    var (byFirst, bySecond) = try derivative.halves
    for (block, sublayers) in sequence.blocks.enumerated().reversed() {
      let outer = try again(sublayers.g, bookmarks[block].g, first, bySecond, &sums) {
        try g(block, $0)
      }
      second = try second - outer.output
      byFirst = try outer.derivative.map { try byFirst + $0 } ?? byFirst
      let inner = try again(sublayers.f, bookmarks[block].f, second, byFirst, &sums) {
        try f(block, $0)
      }
      first = try first - inner.output
      bySecond = try inner.derivative.map { try bySecond + $0 } ?? bySecond
    }
    return try [Tensor.cat([byFirst, bySecond], -1)] + sums
  }

  /// Calls a sublayer as in the forward pass, gives its output and the derivative by its input, and adds
  /// those by leaves to their sums.
  private func again(
    _ sublayer: Module, _ goBack: () throws -> Void, _ x: Tensor, _ derivative: Tensor,
    _ sums: inout [Tensor?], _ call: (Tensor) throws -> Tensor
  ) throws -> (output: Tensor, derivative: Tensor?) {
    let input = try x.detached().requireGrad()
    let goOn = try sublayer.bookmark()
    try goBack()
    let outcome = Result { try withGrad(true) { try call(input) } }
    try goOn()
    let output = try outcome.get()
    guard output.requiresGrad else { return (output, nil) }
    let own = sublayer.parameters.map(\.value) + leaves.dropFirst(sequence.parameters.count)
    let used = leaves.indices.filter { index in
      leaves[index].requiresGrad && own.contains { $0 === leaves[index] }
    }
    let found = try output.gradients(
      of: [input] + used.map { leaves[$0] }, cotangent: derivative)
    for (index, derivative) in zip(used, found.dropFirst()) {
      guard let derivative else { continue }
      sums[index] = try sums[index].map { try $0 + derivative } ?? derivative
    }
    return (try output.detached(), found[0])
  }

  /// Throws if what the pass computes from is not what the forward pass used.
  private func requireUnchanged() throws {
    let keys = ["output"] + sequence.parameters.map(\.key)
    let now = [output] + sequence.parameters.map(\.value)
    for (index, (tensor, past)) in zip(now, [output] + leaves).enumerated()
    where tensor !== past || tensor.version != versions[index] {
      throw sequence.error(
        .content(
          tensor: keys[index], expected: "the values of the forward pass",
          got: "others, which were set after it"))
    }
  }
}

extension Tensor {
  /// The first and the second half of the last axis.
  var halves: (Tensor, Tensor) {
    get throws {
      let width = size(-1) / 2
      return try (slice(-1, 0..<width), slice(-1, width..<2 * width))
    }
  }
}
