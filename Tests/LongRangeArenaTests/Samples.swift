import Foundation
import JSON
import LongRangeArena
import Parts
import Torch

/// Sequences of random words whose class is decided by the first one.
struct FirstWord: Examples {
  let count: Int
  var shift = 0

  func tokens(_ example: Int, sequence: Int) -> [UInt16] {
    let length = 6 + (example &* 7 &+ sequence) % 7
    return (0..<length).map { UInt16(1 + (example &* 31 &+ $0 &* 17 &+ shift) % 15) }
  }

  func label(_ example: Int) -> Int { Int(tokens(example, sequence: 0)[0]) % 2 }

  /// Splits of these, small enough for tests.
  static func splits(train: Int = 40, hash: String = "data") -> ArenaSplits {
    ArenaSplits(
      train: Self(count: train), dev: Self(count: 22, shift: 3), test: Self(count: 21, shift: 5),
      hash: hash)
  }
}

/// A folder that is removed with this.
final class Folder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("arena-tests-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A section of a configuration: one narrow layer, trained for twelve steps.
func section(
  _ training: JSONObject = [:], pooling: String = "mean", layers: Int = 1, dropout: Double = 0.1,
  extra: JSON = [:]
) -> JSON {
  [
    "training": .object(
      JSONObject([
        ("batch_size", 8), ("learning_rate", 0.01), ("warmup", 4), ("num_train_steps", 12),
        ("eval_frequency", 3),
      ]).merging(training)),
    "model": [
      "pooling_mode": .string(pooling),
      "common": [
        "dim_model": 8, "num_heads": 2, "num_classes": 10, "seq_len": 12, "vocab_size": 20,
        "dropout": .number(dropout),
      ],
      "extra_settings": ["attention": extra],
      "xformer": [
        [
          "block_type": "encoder", "num_layers": .integer(layers), "residual_norm_style": "pre",
          "position_encoding_config": ["name": "vocab"],
          "multi_head_config": [
            "residual_dropout": .number(dropout),
            "attention": ["name": "generic", "causal": false],
          ],
          "feedforward_config": ["name": "MLP", "hidden_layer_multiplier": 2],
        ]
      ],
    ],
  ]
}

/// A configuration of the section above.
func arena(
  _ json: JSON = section(), task: String = "listops", _ attention: String = "scaled_dot_product"
) throws -> ArenaConfig {
  try ArenaConfig(json, task: .named(task), attention: attention)
}
