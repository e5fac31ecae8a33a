public import JSON
public import Torch

/// The options of a model of stacks.
public protocol ModelOptions: PartConfig {
  /// The options of the stacks in their order: a list, or an object whose keys only name them.
  var stackConfigs: JSON { get }
  /// Whether the decoder looks words and positions up in the tables of the encoder.
  var tieEmbeddingWeights: Bool { get }
  /// The distributions of initial values.
  var weightInit: WeightInit { get }
}

/// The options of any model.
public struct ModelConfig: ModelOptions {
  /// The options of the stacks in their order: a list, or an object whose keys only name them.
  public var stackConfigs: JSON
  /// Whether the decoder looks words and positions up in the tables of the encoder.
  public var tieEmbeddingWeights = false
  /// The distributions of initial values.
  public var weightInit = WeightInit.vit

  /// An encoder of one layer.
  public static let sample = Self(stackConfigs: [
    [
      "block_type": "encoder", "dim_model": 8,
      "multi_head_config": ["num_heads": 2, "attention": ["name": "scaled_dot_product"]],
      "feedforward_config": ["name": "MLP", "hidden_layer_multiplier": 4],
    ]
  ])
  /// The stacks have no default.
  public static let required = ["stack_configs"]

  /// A configuration in any form of the original, as an object with the keys of these options: a list
  /// of stacks, an object whose keys name them, or an object with `stack_configs`.
  ///
  /// - Throws: `PartError` for another form.
  fileprivate static func keyed(_ json: JSON) throws -> JSONObject {
    var own = JSONObject()
    switch json {
    case .array: own["stack_configs"] = json
    case .object(let object) where object["stack_configs"] == nil:
      var stacks = object
      for key in try keys where stacks[key] != nil {
        own[key] = stacks.removeValue(forKey: key)
      }
      own["stack_configs"] = .object(stacks)
    case .object(let object): own = object
    default:
      throw PartError(
        .value(
          key: "config", expected: "a list of stacks, or an object whose keys name them",
          got: "\(json.kindName) \(json)"))
    }
    return own
  }

  /// Makes options of stacks.
  public init(stackConfigs: JSON) { self.stackConfigs = stackConfigs }
}

extension ModelOptions {
  /// The options of each stack, with their place in the configuration.
  ///
  /// - Throws: `PartError` unless there are some.
  func stacks(under key: String?) throws -> [(path: String, options: JSON)] {
    let stacks: [(path: String, options: JSON)] =
      switch stackConfigs {
      case .array(let list): list.enumerated().map { ("\(key ?? "")[\($0)]", $1) }
      case .object(let object): object.map { ((key.map { "\($0)." } ?? "") + $0, $1) }
      default:
        throw PartError(
          .value(
            key: "stack_configs", expected: "a list of stacks, or an object whose keys name them",
            got: "\(stackConfigs.kindName) \(stackConfigs)"))
      }
    try require(!stacks.isEmpty, "stack_configs", "at least one stack", got: "\(stackConfigs)")
    return stacks
  }
}

extension Registry {
  /// Builds a model of parts of this registry from a configuration in any form of the original.
  ///
  /// - Throws: `PartError` with every problem of the configuration.
  public func model(_ config: JSON, generator: Generator) throws -> Model {
    do {
      let own = try ModelConfig.keyed(config)
      let key = config["stack_configs"].map { _ in "stack_configs" }
      // What is wrong with the stacks is shown beside what is wrong with the model.
      var problems = ModelConfig.problems(in: own)
      let options = ModelConfig(stackConfigs: own["stack_configs"] ?? .null)
      if !problems.isEmpty, !options.stackConfigs.isNull {
        do { _ = try ModelPlan(options, self, under: key) } catch let error as PartError {
          if case .several(let more) = error.problem {
            problems += more
          } else {
            problems.append(error)
          }
        }
      }
      guard problems.count < 2 else { throw PartError(.several(problems)) }
      let known = try ModelConfig.decode(.object(own))
      let model = try Model(known, ModelPlan(known, self, under: key), self, generator)
      model.title = "model"
      return model
    } catch let error as PartError {
      throw error.naming("model")
    }
  }

  /// Every problem of a list of stacks, and how their keys were used; nothing is built.
  ///
  /// - `path`: where the list is.
  package func checkModel(_ stacks: JSON, under path: String) -> ([PartError], BuildReport) {
    do {
      return ([], try ModelPlan(ModelConfig(stackConfigs: stacks), self, under: path).report)
    } catch let error as PartError {
      guard case .several(let problems) = error.problem else { return ([error], BuildReport()) }
      return (problems, BuildReport())
    } catch { return ([PartError(.unsupported(feature: path, reason: "\(error)"))], BuildReport()) }
  }
}
