import Oracles
import Testing

@Suite struct `wrong calls` {
  let q = filled([2, 4, 2], seed: 1)
  let wide = filled([2, 6, 2], seed: 2)

  /// The message of the error that a call ends in.
  func message(_ oracle: Oracle, _ call: OracleCall) -> String {
    do {
      _ = try oracle.evaluate(call)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  func attentionMessage(
    _ oracle: Oracle, _ q: Values, _ k: Values, _ options: [String: OracleOption] = [:],
    masks: [String: Values] = [:], parameters: [String: Values] = [:]
  ) -> String {
    let inputs = masks.merging(["q": q, "k": k, "v": k]) { mask, _ in mask }
    return message(oracle, OracleCall(options: options, inputs: inputs, parameters: parameters))
  }

  @Test func `a causal rectangle names the lengths`() {
    #expect(
      attentionMessage(.scaledDotProduct, q, wide, ["causal": true])
        == "oracle `scaled_dot_product`: option `causal`: expected as many keys as queries, "
        + "got 4 queries and 6 keys")
    #expect(attentionMessage(.local, q, wide).contains("got 4 queries and 6 keys"))
    #expect(
      attentionMessage(
        .linformer, q, wide, parameters: ["E": .zeros([2, 8]), "F": .zeros([2, 8])]
      ).contains("got 4 queries and 6 keys"))
  }

  @Test func `an unknown key names the nearest known one`() {
    #expect(
      attentionMessage(.local, q, q, ["windowsize": 3])
        .hasSuffix("got `windowsize`; did you mean `window_size`?"))
    #expect(
      attentionMessage(.scaledDotProduct, q, q, masks: ["boolean_masks": .zeros([4, 4])])
        .contains("input `boolean_masks`"))
    #expect(
      attentionMessage(.scaledDotProduct, q, q, parameters: ["E": .zeros([1, 1])])
        .contains("parameter `E`: expected no parameter"))
    #expect(throws: OracleError.self) { try Oracles.named("nystrm") }
    do {
      _ = try Oracles.named("nystrm")
    } catch {
      #expect("\(error)".hasSuffix("did you mean `nystrom`?"))
    }
  }

  @Test func `a null option is an absent one, and a whole number may be written with a point`() {
    #expect(attentionMessage(.local, q, q, ["anything": .none]) == "no error")
    #expect(attentionMessage(.local, q, q, ["window_size": .none]) == "no error")
    #expect(attentionMessage(.local, q, q, ["window_size": 3.0]) == "no error")
    #expect(
      attentionMessage(.local, q, q, ["window_size": 3.5])
        .hasSuffix("expected a whole number, got 3.5"))
    #expect(
      attentionMessage(.local, q, q, ["causal": "yes"])
        .hasSuffix("expected true or false, got \"yes\""))
  }

  @Test func `an even window throws unless causal`() {
    #expect(
      attentionMessage(.local, q, q, ["window_size": 4])
        .hasSuffix("expected an odd number unless `causal`, got 4"))
    #expect(attentionMessage(.local, q, q, ["window_size": 4, "causal": true]) == "no error")
    #expect(attentionMessage(.local, q, q, ["window_size": 0]).contains("at least 1"))
  }

  @Test func `landmarks and projections refuse impossible requests`() {
    let projections = ["E": filled([2, 4], seed: 1), "F": filled([2, 4], seed: 2)]
    for (oracle, parameters) in [(Oracle.nystrom, [:]), (.linformer, projections)] {
      #expect(
        attentionMessage(oracle, q, q, ["causal": true], parameters: parameters)
          .contains("option `causal`: expected false"))
      #expect(
        attentionMessage(oracle, q, q, ["causal": false], parameters: parameters) == "no error")
      for mask in ["boolean_mask", "additive_mask"] {
        #expect(
          attentionMessage(oracle, q, q, masks: [mask: .zeros([4, 4])], parameters: parameters)
            .contains("input `\(mask)`"))
      }
    }
    #expect(
      attentionMessage(.linformer, wide, wide, parameters: projections)
        .contains("expected at most 4 tokens (`seq_len`), got 6"))
    #expect(
      attentionMessage(.nystrom, q, q, ["conv_kernel_size": 3]).contains("parameter `skip`"))
    #expect(
      attentionMessage(.nystrom, q, q, parameters: ["skip": .zeros([2, 1, 4, 1])])
        .contains("with K odd"))
    #expect(
      attentionMessage(.nystrom, q, wide, parameters: ["skip": .zeros([2, 1, 3, 1])])
        .contains("got 4 queries and 6 keys"))
    #expect(attentionMessage(.nystrom, q, q, ["num_landmarks": 0]).contains("at least 1"))
  }

  @Test func `masks of a wrong shape or content throw`() {
    for (mask, fault) in [
      ("boolean_mask", Values.zeros([4, 5])), ("boolean_mask", .zeros([3, 4, 4])),
      ("boolean_mask", .zeros([2, 2, 4, 4])), ("key_padding_mask", .zeros([2, 5])),
      ("key_padding_mask", .zeros([4])), ("key_padding_mask", .zeros([3, 4])),
      ("boolean_mask", matrix([[Double]](repeating: [0, 1, 2, 0], count: 4))),
      ("additive_mask", matrix([[Double]](repeating: [0, 1, .nan, 0], count: 4))),
    ] {
      #expect(
        attentionMessage(.scaledDotProduct, q, q, masks: [mask: fault])
          .hasPrefix("oracle `scaled_dot_product`: input `\(mask)`"), "\(mask) \(fault.shape)")
    }
  }

  @Test func `inputs that do not fit each other throw`() {
    #expect(attentionMessage(.scaledDotProduct, q, .zeros([2, 4, 3])).contains("input `k`"))
    #expect(attentionMessage(.scaledDotProduct, q, .zeros([3, 4, 2])).contains("input `k`"))
    #expect(attentionMessage(.scaledDotProduct, .zeros([4, 2]), q).contains("input `q`"))
    #expect(
      message(.scaledDotProduct, OracleCall(inputs: ["q": q, "k": q])).contains("input `v`"))
    #expect(
      message(.scaledDotProduct, OracleCall(inputs: ["q": q, "k": q, "v": wide]))
        .contains("input `v`"))
  }

  @Test func `feedforwards and positions check their arrays`() {
    let ids = matrix([[0, 3]])
    let tables = ["word": Values.zeros([3, 2]), "position": .zeros([2, 2])]
    #expect(
      message(.vocab, OracleCall(inputs: ["x": ids], parameters: tables))
        .hasSuffix("expected identifiers in 0 ..< 3, got 3.0 at [0, 1]"))
    #expect(
      message(.vocab, OracleCall(inputs: ["x": .zeros([1, 3])], parameters: tables))
        .contains("at most 2 tokens"))
    #expect(
      message(.learnable, OracleCall(inputs: ["x": wide], parameters: ["table": .zeros([5, 2])]))
        .contains("at most 5 tokens, got 6"))
    #expect(message(.rotary, OracleCall(inputs: ["x": .zeros([2, 3])])).contains("D even"))
    #expect(message(.sine, OracleCall(inputs: ["x": .zeros([2, 3])])).contains("`dim_model`"))
    #expect(
      message(.activation, OracleCall(options: ["activation": "gleu"], inputs: ["x": ids]))
        .hasSuffix("did you mean `gelu`?"))
    #expect(
      message(
        .mlp,
        OracleCall(
          inputs: ["inputs": q], parameters: ["w1": .zeros([4, 3]), "w2": .zeros([2, 4])])
      ).contains("parameter `w1`: expected [h, 2], got [4, 3]"))
  }

  @Test func `multi-head names what it cannot dispatch`() {
    func wrong(_ options: [String: OracleOption], _ inputs: [String: Values]) -> String {
      let weights = ["q_weight", "k_weight", "v_weight", "out_weight"]
      let parameters = Dictionary(
        uniqueKeysWithValues: weights.map { ($0, filled([2, 2], seed: 1)) })
      return message(
        .multihead, OracleCall(options: options, inputs: inputs, parameters: parameters))
    }
    let inner: OracleOption = ["name": "scaled_dot_product"]
    #expect(
      wrong(["num_heads": 2, "attention": ["name": "lokal"]], ["query": q])
        .hasSuffix("did you mean `local`?"))
    #expect(wrong(["num_heads": 3, "attention": inner], ["query": q]).contains("multiple of 3"))
    #expect(wrong(["attention": inner], ["query": q]).contains("option `num_heads`"))
    #expect(
      wrong(["num_heads": 1, "attention": inner], ["query": q, "key": .zeros([3, 4, 2])])
        .contains("expected a batch of 3 or 1, got 2"))
    #expect(
      wrong(
        ["num_heads": 1, "attention": inner], ["query": q, "boolean_mask": .zeros([1, 4, 4])]
      ).contains("input `boolean_mask`: expected a batch of 2"))
    #expect(
      wrong(["num_heads": 1, "attention": inner, "dim_model": 4], ["query": q])
        .contains("option `dim_model`"))
    #expect(
      wrong(
        ["num_heads": 1, "attention": ["name": "nystrom"]],
        ["query": q, "boolean_mask": .zeros([4, 4])]
      ).hasPrefix("oracle `nystrom`: input `boolean_mask`"))
  }
}
