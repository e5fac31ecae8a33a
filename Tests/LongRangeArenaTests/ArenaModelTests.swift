import LongRangeArena
import Testing
import Torch

struct ArenaModelTests {
  private func logits(_ model: ArenaModel, _ rows: [[Int]], task: String = "listops") throws
    -> Tensor
  {
    let ids = try rows.map { try Tensor($0, shape: [1, $0.count]) }
    let batch = try ArenaBatch(
      ids: [try .cat(ids, 0)],
      labels: Tensor([Int](repeating: 0, count: rows.count), shape: [rows.count]),
      hasPadding: ArenaTask.named(task).hasPadding)
    return try model(batch)
  }

  private func model(_ attention: String, pooling: String = "mean", task: String = "listops") throws
    -> ArenaModel
  {
    let config = try arena(section(pooling: pooling, dropout: 0), task: task, attention)
    let model = try ArenaModel(config, generator: Generator(seed: 1))
    model.eval()
    return model
  }

  /// What is computed for words alone is what is computed for them with padding behind.
  @Test(
    arguments: ["scaled_dot_product", "linear", "local"], ["mean", "cls"])
  func `padding has no influence`(attention: String, pooling: String) throws {
    let model = try model(attention, pooling: pooling)
    // The class token takes the place of the last word.
    let words = [3, 1, 4, 1, 5] + (pooling == "cls" ? [0] : [])
    let short = try logits(model, [words])
    let long = try logits(model, [words + [Int](repeating: 0, count: 12 - words.count)])
    let other = try logits(model, [[2, 1, 4, 1, 5] + [Int](repeating: 0, count: 7)])
    #expect(try (short - long).abs().maximum().item() < 1e-6)
    #expect(try (short - other).abs().maximum().item() > 1e-4)
  }

  @Test func `pictures have no padding`() throws {
    let model = try model("scaled_dot_product", task: "digits")
    let (dark, bright) = ([0, 0, 5, 0], [0, 0, 5, 5])
    let first = try logits(model, [dark], task: "digits")
    #expect(try (first - logits(model, [bright], task: "digits")).abs().maximum().item() > 1e-4)
    let shortened = try logits(model, [[0, 0, 5]], task: "digits")
    #expect(try (first - shortened).abs().maximum().item() > 1e-4)
  }

  @Test func `a pair is two sequences in one encoder, whose order counts`() throws {
    let config = try arena(section(dropout: 0), task: "retrieval")
    let model = try ArenaModel(config, generator: Generator(seed: 1))
    model.eval()
    #expect(model.stateDict["seq_classifer.mlpblock.0.weight"]?.shape == [16, 32])
    func logits(_ a: [Int], _ b: [Int]) throws -> Tensor {
      try model(
        ArenaBatch(
          ids: [Tensor(a, shape: [1, a.count]), Tensor(b, shape: [1, b.count])],
          labels: Tensor([0], shape: [1]), hasPadding: true))
    }
    let (first, second) = (try logits([1, 2, 3], [4, 5, 6]), try logits([4, 5, 6], [1, 2, 3]))
    #expect(try (first - second).abs().maximum().item() > 1e-4)
  }

  @Test func `keys are the original's`() throws {
    let keys = try model("nystrom").stateKeys
    #expect(keys.contains("model.encoders.0.pose_encoding.word_embeddings.weight"))
    #expect(
      keys.suffix(6) == [
        "norm.weight", "norm.bias", "seq_classifer.mlpblock.0.weight",
        "seq_classifer.mlpblock.0.bias", "seq_classifer.mlpblock.2.weight",
        "seq_classifer.mlpblock.2.bias",
      ])
  }

  @Test func `tokens become rows of the length with a mask of the real ones`() throws {
    let batch = try ArenaBatch(
      FirstWord(count: 9), [0, 3], task: .named("listops"), length: 8)
    let first = FirstWord(count: 9).tokens(0, sequence: 0).map(Int.init)
    #expect(batch.ids.shape == [2, 8])
    #expect(try batch.ids.index(0, 0).integers() == first + [0, 0])
    #expect(try batch.real?.integers().prefix(8) == [1, 1, 1, 1, 1, 1, 0, 0])
    #expect(try batch.labels.integers() == [0, 3].map(FirstWord(count: 9).label))
  }
}
