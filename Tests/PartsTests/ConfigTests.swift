import Catalogue
import JSON
import Parts
import Testing
import Torch

/// The one line that a body throws.
func message(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return "nothing was thrown"
}

@Suite struct `configurations` {
  private func build(_ name: String, _ config: JSON) throws -> BuiltPart {
    try Registry.zoo.build(.attention, name, config, generator: Generator(seed: 0))
  }

  @Test(
    arguments: [
      (
        #"{"num_heads": 2, "num_landmark": 4}"#,
        "unknown key `num_landmark`, did you mean `num_landmarks`?"
      ),
      (
        #"{"num_heads": 2, "dropout": "0"}"#, "key `dropout`: expected a number, got a string \"0\""
      ),
      (#"{"num_heads": 2, "causal": true}"#, "`causal`: true is not supported"),
      (#"{"num_heads": 2, "causal": 1}"#, "key `causal`: expected true or false"),
      (#"{"num_heads": 2.5}"#, "key `num_heads`: expected an integer"),
      (
        #"{"num_heads": 0}"#, "key `num_heads`: expected a whole number from 1 to 2147483647, got 0"
      ),
      (#"{}"#, "key `num_heads` is missing"),
      (#"{"num_heads": null}"#, "key `num_heads` is missing"),
      (
        #"{"num_heads": 2, "conv_kernel_size": 4}"#,
        "key `conv_kernel_size`: expected an odd number"
      ),
      (#"{"num_heads": 2, "landmark_pooling": "max"}"#, "one of segment_mean"),
      (#"{"num_heads": 2, "v_skip_connection": {}}"#, "key `v_skip_connection`: expected null"),
      (#"{"num_heads": 2, "dropout": 1.5}"#, "key `dropout`: expected a number from 0 to 1"),
      (#"{"num_heads": 2, "name": "local"}"#, "key `name`: expected \"nystrom\""),
      (#"[]"#, "expected an object"),
    ])
  func `that are wrong throw one line that names the key`(config: String, expected: String) throws {
    let text = message { _ = try build("nystrom", JSON(parsing: config)) }
    #expect(text.hasPrefix("attention nystrom: "))
    #expect(text.contains(expected))
    #expect(!text.contains("\n"))
  }

  @Test func `null is absent, and 4 is 4.0`() throws {
    let built = try build(
      "nystrom",
      ["num_heads": 2.0, "num_landmarks": nil, "conv_kernel_size": nil, "dropout": 0])
    let nystrom = try #require(built.part as? NystromAttention)
    #expect(nystrom.config.numHeads == 2)
    #expect(nystrom.config.numLandmarks == 64)
    #expect(built.report.used == ["num_heads": 2.0, "dropout": 0])
    #expect(built.report.defaults["num_landmarks"] == 64)
  }

  @Test func `keys of siblings are accepted and listed, unless they ask for something`() throws {
    let built = try build("linformer", ["seq_len": 8, "num_landmarks": 4, "vocab_size": 9])
    #expect(built.report.unused == ["num_landmarks": 4, "vocab_size": 9])
    #expect(
      message { _ = try build("linformer", ["seq_len": 8, "causal": true]) }
        .contains("`causal`: true is not supported"))
    #expect(try build("linformer", ["seq_len": 8, "causal": false]).report.unused.count == 1)
  }

  @Test func `an unknown key lists the keys of the part alone`() {
    let text = message {
      _ = try Registry.zoo.build(
        .positionEmbedding, "rotary", ["dim_model": 8, "rope_type": "default"],
        generator: Generator(seed: 0))
    }
    #expect(
      text.contains("keys: base, dim_model, interleaved, offset, rotary_dim, scaling"), "\(text)")
    // A key of other parts would be accepted, and may be what was meant.
    #expect(
      message { _ = try build("linformer", ["seq_len": 8, "vocab_siz": 9]) }
        .contains("did you mean `vocab_size`? (keys: dropout, k, seq_len)"))
  }

  @Test(arguments: [
    ("[[true], [1]]", "attention_query_mask.1.0: expected true or false, got a whole number 1"),
    ("[[true], true]", "attention_query_mask.1: expected an array, got a boolean true"),
    ("[true, [true]]", "attention_query_mask.1: expected true or false, got an array [true]"),
    ("[1]", "attention_query_mask.0: expected true or false, got a whole number 1"),
    ("true", "attention_query_mask: expected an array, got a boolean true"),
  ])
  func `a mask of tokens is blamed in the entry that is wrong`(mask: String, expected: String)
    throws
  {
    let text = message { _ = try build("global", ["attention_query_mask": JSON(parsing: mask)]) }
    #expect(text.replacing("`", with: "").hasSuffix(expected), "\(text)")
  }

  @Test func `every key has a type in words`() {
    for entry in Registry.zoo.entries {
      for key in entry.keys {
        #expect(entry.keyTypes[key] != nil, "\(entry.title) \(key)")
      }
    }
    #expect(
      Registry.zoo.entries(.attention).first { $0.name == "linformer" }?.keyTypes["k"]?
        .description == "an integer or null")
  }

  @Test func `unknown parts get the nearest name`() {
    #expect(
      message { _ = try build("nystroem", [:]) }.contains("did you mean `nystrom`?"))
  }

  @Test func `every sample round-trips and its keys are known`() throws {
    for entry in Registry.zoo.entries {
      let built = try Registry.zoo.build(
        entry.kind, entry.name, entry.sample, generator: Generator(seed: 0))
      #expect(built.report.unused.isEmpty, "\(entry.title)")
      #expect(Set(entry.required).isSubset(of: entry.keys), "\(entry.title)")
    }
  }

  @Test func `clashing names are refused with both places`() throws {
    let twice = Registry.zoo.entries(.attention).filter { $0.name == "linformer" }
    let text = message { _ = try Registry.zoo.adding(twice) }
    #expect(text.contains("`linformer` is registered more than once"))
    #expect(text.contains("Linformer.swift"))
  }
}
