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
    \(kind == .attention ? attentionOptions : widthOption)
    }

    // @register(\(kind.rawValue), "\(name)", \(type)Config)
    /// Describe in one sentence what the part does.
    ///
    /// - Shapes: \(shapes)
    public final class \(type): Module, \(conformance) {
      /// The options.
      public let config: \(type)Config

      /// Makes the part; parameters are given to `super.init` by their keys.
      public init(_ config: \(type)Config, generator: Generator) throws {
        self.config = config
        super.init()
      }

      /// The claims of the part: each is tested, and so is each one that is missing.
      public static func claims(for config: \(type)Config) -> Claims {
        Claims()
      }

    \(call)
    }

    """
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

  private var widthOption: String {
    """
      /// The width of a token, in channels.
      public var dimModel: Int

      /// Eight channels.
      public static let sample = Self(dimModel: 8)
      /// The width has no default.
      public static let required = ["dim_model"]

      /// Checks the width.
      public func validate() throws {
        try require(dimModel >= 1, "dim_model", "at least 1", got: dimModel)
      }
    """
  }

  private var shapes: String {
    kind == .attention
      ? "query, key `[N, S, D]`, value `[N, S, D]` → `[N, S, D]`."
      : "`[B, S, E]` → `[B, S, E]`."
  }

  /// The protocol of the kind, which its word names; of positions, those that map one tensor.
  private var conformance: String {
    kind == .positionEmbedding
      ? "FeatureEmbedding" : PartTemplate(kind: kind, name: "").type
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
    let input = kind == .feedforward ? "inputs" : "x"
    return """
        /// Tokens in, tokens out.
        public var signature: Signature {
          Signature(
            [.init("\(input)", ["B", "S", "E"])], output: ["B", "S", "E"],
            fixed: ["E": config.dimModel])
        }

        /// Maps tokens.
        public func callAsFunction(_ \(input): Tensor) throws -> Tensor {
          \(unwritten)
        }
      """
  }
}
