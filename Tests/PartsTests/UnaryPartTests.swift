import Catalogue
import JSON
import Parts
import Testing
import Torch

@Suite struct `parts of one tensor` {
  private let generator = Generator(seed: 0)

  @Test func `a registry builds them by kind and name`() throws {
    let norm = try Registry.zoo.unary(
      .normalization, "rmsnorm", ["dim_model": 2, "eps": 1e-8], generator: generator)
    // The square of 1e-4 vanishes in half precision.
    let row = try norm.to(.float16)(Tensor([1e-4, -1e-4], shape: [1, 1, 2]).to(.float16))
    #expect(try row.doubles().map { ($0 * 1e3).rounded() } == [707, -707])
    let patches = try Registry.zoo.unary(
      .patchEmbedding, "conv",
      ["in_channels": 3, "out_channels": 5, "kernel_size": 4, "stride": 2, "padding": 1],
      generator: generator)
    #expect(try patches(Tensor.zeros([2, 3, 6, 10])).shape == [2, 15, 5])
    #expect(try patches(Tensor.zeros([2, 36, 3])).shape == [2, 9, 5])
  }

  @Test func `a part of two tensors is refused`() throws {
    let error = #expect(throws: PartError.self) {
      try Registry.zoo.unary(
        .positionEmbedding, "rotary", ["dim_model": 8], generator: generator)
    }
    #expect(
      error?.description
        == "position_embedding rotary: a call of one tensor is not supported: the part takes more")
  }

  @Test func `a row whose squares overflow is normalized like any other`() throws {
    for name in ["layernorm", "rmsnorm"] {
      let norm = try Registry.zoo.unary(
        .normalization, name, ["dim_model": 2], generator: generator)
      let rows = try norm(Tensor([3e38, -3e38, 3, -3], shape: [1, 2, 2]).to(.float32)).doubles()
      #expect(rows.allSatisfy { abs(abs($0) - 1) < 1e-5 }, "\(name): \(rows)")
    }
  }
}
