internal import Catalogue
internal import Foundation
internal import JSON
internal import Torch

/// A configuration of stacks that has been read: which parts it names, with which options.
///
/// Making it allocates no tensor and finds every problem, so that nothing is built of a configuration
/// that is refused.
struct ModelPlan {
  /// A part and its options.
  struct Part {
    let entry: PartEntry
    let options: JSON
    let claims: Claims
    let path: String

    /// Builds the part.
    func build(_ registry: Registry, _ generator: Generator) throws -> any PartModule {
      do {
        return try registry.build(entry.kind, entry.name, options, generator: generator).part
      } catch let error as PartError { throw error.inside(path) }
    }
  }

  /// A stack and its parts.
  struct Stack {
    let path: String
    let config: StackConfig
    let style: PartEntry
    let normalization: Part
    let attention: Part
    let cross: Part?
    let feedforward: Part
    let position: Part?
    let patch: Part?
    let simplicial: Part?

    /// The parts that every layer has.
    var inEachLayer: [Part] { [attention, cross, feedforward].compactMap(\.self) }
  }

  /// The stacks that read the source.
  let encoders: [Stack]
  /// The stacks that write the target.
  let decoders: [Stack]
  /// How the keys were used.
  private(set) var report = BuildReport()

  /// Whether the encoder computes activations again for gradients.
  var isReversible: Bool { encoders.contains { $0.config.reversible } }

  /// The number of encoder layers.
  var encoderLayers: Int { encoders.reduce(0) { $0 + $1.config.numLayers } }
  /// The number of decoder layers.
  var decoderLayers: Int { decoders.reduce(0) { $0 + $1.config.numLayers } }

  /// Reads the options of a model.
  ///
  /// - `key`: the key of the stacks in errors; nil if the configuration consists of them.
  /// - Throws: `PartError` with all problems.
  init(_ options: some ModelOptions, _ registry: Registry, under key: String?) throws {
    var reader = StackReader(registry: registry)
    let stacks = try options.stacks(under: key).compactMap { reader.read($0.options, at: $0.path) }
    encoders = stacks.filter { $0.config.blockType == .encoder }
    decoders = stacks.filter { $0.config.blockType == .decoder }
    if reader.problems.isEmpty {
      reader.problems = joints(options, stacks)
      reader.noteUnused(encoders)
      reader.noteUnused(decoders)
    }
    report = reader.report
    if reader.problems.count > 1 { throw PartError(.several(reader.problems)) }
    if let only = reader.problems.first { throw only }
    try checkMemory()
  }

  /// What does not fit between stacks.
  private func joints(_ options: some ModelOptions, _ stacks: [Stack]) -> [PartError] {
    var problems: [PartError] = []
    func note(_ stack: Stack, _ key: String, _ expected: String, _ got: String) {
      problems.append(
        PartError(.value(key: "\(stack.path).\(key)", expected: expected, got: got)))
    }
    for (before, stack) in zip(encoders, encoders.dropFirst()) {
      let width = before.config.dimModel
      if let patch = stack.patch {
        let channels = patch.options["in_channels"] ?? .null
        if channels != .integer(width) {
          note(
            stack, "patch_embedding_config.in_channels",
            "\(width), the width of the stack before", "\(channels)")
        }
      } else if stack.config.dimModel != width {
        note(
          stack, "dim_model", "\(width), the width of the stack before, or a patch embedding",
          "\(stack.config.dimModel)")
      }
      if stack.config.reversible != encoders[0].config.reversible {
        note(
          stack, "reversible", "\(encoders[0].config.reversible), as in `\(encoders[0].path)`",
          "\(stack.config.reversible)")
      }
      if stack.config.reversible, stack.patch != nil {
        note(stack, "patch_embedding_config", "nothing within a reversible encoder", "an object")
      }
    }
    guard let encoder = encoders.last else {
      return [
        PartError(
          .unsupported(
            feature: "a model of decoders alone",
            reason: "a decoder attends to the memory of an encoder; a model that writes tokens one "
              + "after another is an encoder whose attention is causal"))
      ]
    }
    for stack in decoders where stack.config.dimModel != encoder.config.dimModel {
      note(
        stack, "dim_model", "\(encoder.config.dimModel), the width of the memory",
        "\(stack.config.dimModel)")
    }
    for stack in decoders where stack.patch != nil {
      note(stack, "patch_embedding_config", "nothing in a decoder", "an object")
    }
    if isReversible { problems += refusalsOfReversible(options) }
    guard options.tieEmbeddingWeights else { return problems }
    let tables = [encoders.first?.position, decoders.first?.position]
    let first = tables[0].map { "\($0.entry.name) \($0.options)" } ?? "none"
    let second = tables[1].map { "\($0.entry.name) \($0.options)" } ?? "none"
    if first != second || first == "none" {
      problems.append(
        PartError(
          .value(
            key: "tie_embedding_weights",
            expected: "an encoder and a decoder with the same position embedding",
            got: "\(first) and \(second)")))
    }
    return problems
  }

  private func refusalsOfReversible(_ options: some ModelOptions) -> [PartError] {
    var problems: [PartError] = []
    if options.tieEmbeddingWeights {
      problems.append(
        PartError(
          .value(
            key: "tie_embedding_weights", expected: "false with a reversible encoder", got: "true"))
      )
    }
    for stack in encoders where stack.style.name == "deepnorm" {
      problems.append(
        PartError(
          .value(
            key: "\(stack.path).residual_norm_style",
            expected: "another style, since reversible layers have no residual to weigh",
            got: "deepnorm")))
    }
    return problems
  }

  /// The number of bytes of all parameters, in single precision.
  var bytes: Double {
    func size(_ part: Part?) -> Double {
      (part?.claims.parameters.values ?? [:].values).reduce(0) { sum, parameter in
        sum + parameter.shape.reduce(4) { $0 * Double($1) }
      }
    }
    return (encoders + decoders).reduce(0) { sum, stack in
      sum + Double(stack.config.numLayers) * stack.inEachLayer.reduce(0) { $0 + size($1) }
        + size(stack.patch)
    } + size(encoders.first?.position) + size(decoders.first?.position)
  }

  private func checkMemory() throws {
    let available = Double(ProcessInfo.processInfo.physicalMemory)
    guard bytes <= available else {
      func gigabytes(_ bytes: Double) -> String { String(format: "%.3g GB", bytes / 1e9) }
      throw PartError(
        .unsupported(
          feature: "a model of this size",
          reason: "its parameters need \(gigabytes(bytes)), the machine has \(gigabytes(available))"
        ))
    }
  }
}
