internal import Catalogue
internal import JSON
public import Parts
public import Torch

/// Classifies sequences, or pairs of them, by stacks of attentions.
///
/// As in the original's runner: a stack makes tokens, which are normalized and pooled, and a
/// perceptron of one hidden layer gives the logits. Of a pair with the poolings p and q it gets p, q,
/// p ⊙ q and p − q. Parameters have the original's keys. Unlike there, attentions cannot see padding,
/// and the mean is over the real tokens; the original multiplies keys and values of padding by 0, which
/// leaves them their share of the softmax, and divides by S whatever the number of real tokens.
///
/// - Shapes: indices `[B, S]`, one tensor or two → `[B, C]`.
public final class ArenaModel: Module {
  /// The configuration.
  public let config: ArenaConfig
  /// The stack.
  public let trunk: Model
  private let norm: any UnaryPart
  private let hidden: Linear
  private let output: Linear

  /// Builds the model, and draws the initial values.
  ///
  /// - Throws: `PartError` for stacks that do not read words.
  public init(_ config: ArenaConfig, in registry: Registry = .zoo, generator: Generator) throws {
    self.config = config
    let width = config.common.dimModel
    do {
      trunk = try registry.model(config.stacks, generator: generator)
    } catch let error as PartError { throw error.naming(config.stackPath) }
    guard case .index = trunk.signature.inputs[0].element else {
      throw PartError(
        .value(
          key: "\(config.stackPath)[0].position_encoding_config",
          expected: "the options of an embedding of words, such as vocab",
          got: config.stacks[0]?["position_encoding_config"]?.description ?? "nothing"))
    }
    norm = try Registry.zoo.unary(
      .normalization, "layernorm", ["dim_model": .integer(width)], generator: generator)
    let inner = config.headMultiplier * width
    hidden = try Linear((config.task.isPaired ? 4 : 1) * width, inner, generator: generator)
    output = try Linear(inner, config.common.numClasses, generator: generator)
    super.init([
      "model": trunk, "norm": norm,
      "seq_classifer": Module(["mlpblock": Module(["0": hidden, "2": output])]),
    ])
    title = "model"
  }

  /// Makes it a model of a type.
  ///
  /// - Throws: ``ArenaError`` for an attention that does not compute in it, and for one that cannot hide
  ///   the padding of the task, unless that is ignored.
  func prepare(_ dtype: DType, ignoresPadding: Bool) throws {
    guard !config.task.hasPadding || trunk.takesSourceMask || ignoresPadding else {
      throw ArenaError(
        "\(config.attention) cannot hide padding, which \(config.task.name) has: "
          + "--ignore-padding trains it all the same, with padding as words that only the pooling "
          + "leaves out")
    }
    guard trunk.claims.dtypes.contains(dtype) else {
      throw ArenaError(
        "\(config.attention) does not compute in \(dtype)"
          + (config.training.mixedPrecision ? ", which mixed_precision asks for" : ""))
    }
    try to(dtype)
  }

  /// The logits of each class.
  public func callAsFunction(_ batch: ArenaBatch) throws -> Tensor {
    let count = batch.count
    let pooled = try pooled(batch.ids, batch.real)
    guard config.task.isPaired else { return try output(hidden(pooled).relu()) }
    let (p, q) = (try pooled.slice(0, 0..<count), try pooled.slice(0, count..<2 * count))
    return try output(hidden(Tensor.cat([p, q, p * q, p - q], -1)).relu())
  }

  /// One token of each sequence, `[B, E]`.
  private func pooled(_ given: Tensor, _ isReal: Tensor?) throws -> Tensor {
    var (ids, real) = (given, isReal)
    if config.pooling == .cls {
      let (count, length) = (ids.size(0), ids.size(1))
      let word = try Tensor.full([count, 1], Double(config.common.vocabSize - 1), ids.dtype)
      ids = try Tensor.cat([word, ids.slice(1, 0..<length - 1)], 1)
      real = try real.map {
        try Tensor.cat([.full([count, 1], 1, .bool), $0.slice(1, 0..<length - 1)], 1)
      }
    }
    let tokens = try norm(trunk(ids, sourceMask: trunk.takesSourceMask ? real : nil))
    if config.pooling == .cls { return try tokens.index(1, 0) }
    guard let real else { return try tokens.mean(1) }
    let counts = try real.to(tokens.dtype).sum(1, keep: true).clamp(1, nil)
    return try tokens.filled(0, where: (.!real).unsqueezed(2)).sum(1) / counts
  }
}

/// Some examples as tensors.
public struct ArenaBatch {
  /// The words, `[B, S]`, or of pairs `[2·B, S]`: all first sequences, then all second ones.
  public let ids: Tensor
  /// Which words are real, Bool in that shape; nil if all are.
  public let real: Tensor?
  /// The classes, `[B]`.
  public let labels: Tensor

  /// The number of examples.
  public var count: Int { labels.size(0) }

  /// Collects tensors; word 0 is padding where the task has padding.
  public init(ids: [Tensor], labels: Tensor, hasPadding: Bool) throws {
    self.ids = ids.count == 1 ? ids[0] : try Tensor.cat(ids, 0)
    self.labels = labels
    let isReal = hasPadding ? try .!self.ids.equals(0) : nil
    real = try isReal.flatMap { try $0.allTrue() ? nil : $0 }
  }

  /// Reads examples, cut or filled up to a length.
  public init(
    _ examples: any Examples, _ places: some Collection<Int>, task: ArenaTask, length: Int
  )
    throws
  {
    let sequences = task.isPaired ? [0, 1] : [0]
    var words = [Int](repeating: 0, count: sequences.count * places.count * length)
    var (row, isPadded) = (0, false)
    var counts: [Int] = []
    for sequence in sequences {
      for place in places {
        let tokens = examples.tokens(place, sequence: sequence)
        let count = min(tokens.count, length)
        for index in 0..<count { words[row * length + index] = Int(tokens[index]) }
        counts.append(count)
        isPadded = isPadded || count < length
        row += 1
      }
    }
    ids = try Tensor(words, shape: [row, length])
    labels = try Tensor(places.map { examples.label($0) }, shape: [places.count])
    real =
      isPadded && task.hasPadding
      ? try Tensor.range(length).unsqueezed(0) .< Tensor(counts, shape: [row, 1]) : nil
  }
}
