internal import Catalogue

/// The text of a new part.
struct PartTemplate {
  let kind: Kind
  let name: String

  /// The name of the class.
  var type: String {
    (name + "_" + kind.rawValue).split(separator: "_")
      .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// The whole file.
  ///
  /// - Parameter inParts: whether it is compiled into the module that declares what a part is.
  func text(inParts: Bool) -> String {
    """
    \(inParts ? "" : "public import Parts\n")public import Torch

    /// The options of `\(name)`.
    public struct \(type)Config: PartConfig {
    \(kind == .attention ? attentionOptions : widthOptions)
    }

    // @register(\(kind.rawValue), "\(name)", \(type)Config)
    /// Describe in one sentence what the part does.
    ///
    /// - Shapes: \(shapes)
    public final class \(type): Module, \(conformance) {
      /// The options.
      public let config: \(type)Config

      /// Makes the part; parameters are given to `super.init` by their keys.
      public init(_ config: \(type)Config, \(registry)generator: Generator) throws {
        self.config = config
        super.init()
      }\(sublayers)

      /// The claims of the part: each is tested, and so is each one that is missing.
      public static func claims(for config: \(type)Config\(isComposite ? ", registry: Registry" : "")) -> Claims {
        Claims()
      }

    \(call)
    }

    """
  }

  /// Whether parts of the kind are made around others.
  private var isComposite: Bool { kind == .residual || kind == .reversible }

  private var registry: String { isComposite ? "registry: Registry, " : "" }

  /// How a part is made around sublayers of code.
  private var sublayers: String {
    switch kind {
    case .residual:
      """


        /// Makes the part around a sublayer of code.
        public init(
          _ config: \(type)Config, around sublayer: Module, registry: Registry, generator: Generator
        ) throws {
          self.config = config
          super.init(["sublayer": sublayer])
        }
      """
    case .reversible:
      """


        /// Makes the part around sublayers of code.
        public init(dim: Int, around blocks: [(f: Module, g: Module)]) throws {
          config = \(type)Config(dimModel: 2 * dim)
          super.init()
        }
      """
    default: ""
    }
  }

  private var attentionOptions: String {
    """
      /// The share of attention weights dropped while training, 0 ... 1.
      public var dropout = 0.0

      /// The default.
      public static let sample = Self()

      /// Checks the share.
      public func validate() throws { try require(dropout: dropout) }
    """
  }

  /// The widths among the options of a part of one tensor: its input's first, its output's last.
  private var widths:
    [(property: String, key: String, about: String, letter: Character, sample: Int)]
  {
    let token = "The width of a token, in channels."
    switch kind {
    case .patchEmbedding:
      return [
        ("inChannels", "in_channels", "The number of channels of an image.", "C", 3),
        ("outChannels", "out_channels", token, "E", 8),
      ]
    case .attentionBias: return [("numHeads", "num_heads", "The number of heads.", "H", 2)]
    default: return [("dimModel", "dim_model", token, "E", 8)]
    }
  }

  private var widthOptions: String {
    let properties = widths.map { "  /// \($0.about)\n  public var \($0.property): Int" }
    let values = widths.map { "\($0.property): \($0.sample)" }
    let keys = widths.map { "\"\($0.key)\"" }
    let checks = widths.map { "    try require(size: \($0.property), \"\($0.key)\")" }
    return """
      \(properties.joined(separator: "\n"))

        /// A small example.
        public static let sample = Self(\(values.joined(separator: ", ")))
        /// It has no default.
        public static let required = [\(keys.joined(separator: ", "))]

        /// Checks each size.
        public func validate() throws {
      \(checks.joined(separator: "\n"))
        }
      """
  }

  private var shapes: String {
    switch kind {
    case .attention: "query, key `[N, S, D]`, value `[N, S, D]` → `[N, S, D]`."
    case .attentionBias: "logits `[B, H, S, T]` → the same."
    default: "`[B, S, \(widths[0].letter)]` → `[B, S, E]`."
    }
  }

  /// The protocol of the kind, which its word names; of positions, those that map one tensor.
  private var conformance: String {
    switch kind {
    case .positionEmbedding: "FeatureEmbedding"
    case .model: "ModelPart"
    default: PartTemplate(kind: kind, name: "").type
    }
  }

  private var call: String {
    let unwritten =
      #"throw PartError(.unsupported(feature: "a call", reason: "it is not written yet"))"#
    guard kind != .attention else {
      return """
          /// Attends.
          public func callAsFunction(
            _ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks
          ) throws -> Tensor {
            try checkInputs(query, key, value)
            \(unwritten)
          }
        """
    }
    if kind == .attentionBias {
      return """
          /// Logits in, logits out.
          public var signature: Signature {
            Signature(
              [.init("logits", ["B", "H", "S", "T"])], output: ["B", "H", "S", "T"],
              fixed: ["H": config.numHeads])
          }

          /// What is added to the logits, `[H, S, T]`.
          public func bias(queries: Int, keys: Int, offset: Int, _ dtype: DType) throws -> Tensor {
            \(unwritten)
          }
        """
    }
    let input = kind == .feedforward ? "inputs" : "x"
    let fixed = widths.map { "\"\($0.letter)\": config.\($0.property)" }
    return """
      \(ownCalls(unwritten))\
        /// One tensor in, tokens out.
        public var signature: Signature {
          Signature(
            [.init("\(input)", ["B", "S", "\(widths[0].letter)"])], output: ["B", "S", "E"],
            fixed: [\(fixed.joined(separator: ", "))])
        }

        /// Maps tokens.
        public func callAsFunction(_ \(input): Tensor) throws -> Tensor {
          \(unwritten)
        }
      """
  }

  /// The calls that parts made around others have besides those of one tensor.
  private func ownCalls(_ unwritten: String) -> String {
    switch kind {
    case .residual:
      """
        /// Whether inputs are normalized before the sublayer.
        public static let normalizesFirst = false

        /// What multiplies initial values in a model.
        public var initialGain: Double { 1 }

        /// Adds what a sublayer gives for the inputs to the first of them.
        public func callAsFunction(_ inputs: [Tensor], _ sublayer: ([Tensor]) throws -> Tensor) throws
          -> Tensor
        {
          \(unwritten)
        }


      """
    case .reversible:
      """
        /// The number of blocks.
        public var count: Int { 0 }

        /// The first sublayer of a block.
        public func f(_ block: Int, _ x: Tensor) throws -> Tensor {
          \(unwritten)
        }

        /// The second sublayer of a block.
        public func g(_ block: Int, _ x: Tensor) throws -> Tensor {
          \(unwritten)
        }

        /// Maps tokens by the blocks in order.
        public func callAsFunction(
          _ x: Tensor, using tensors: [Tensor], f: @escaping Sublayer, g: @escaping Sublayer
        ) throws -> Tensor {
          \(unwritten)
        }

        /// The tokens for which a call gives `y`.
        public func inverse(_ y: Tensor, f: Sublayer, g: Sublayer) throws -> Tensor {
          \(unwritten)
        }


      """
    case .model:
      """
        /// Maps the tensor `x`.
        public func call(_ inputs: [String: Tensor]) throws -> Tensor {
          try callAsFunction(NamedInputs(inputs, signature).required("x"))
        }


      """
    default: ""
    }
  }
}
