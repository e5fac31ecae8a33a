import Testing
import Torch

@testable import Conformance

@Suite struct `singular values` {
  private func values(_ numbers: [Double], _ shape: [Int]) throws -> [[Double]] {
    try Spectrum.singularValues(Tensor(numbers, shape: shape))
  }

  @Test func `of diagonal matrices are the magnitudes of the diagonal, the largest first`() throws {
    #expect(try values([3, 0, 0, -4], [2, 2]) == [[4, 3]])
    #expect(try values([1, 0, 0, 1, 0, 0, 0, 2], [2, 2, 2]) == [[1, 1], [2, 0]])
  }

  @Test func `are as many as the shorter side, tall or wide`() throws {
    let wide = try values([3, 4, 0], [1, 3])
    let tall = try values([3, 4, 0], [3, 1])
    #expect(wide == [[5]])
    #expect(tall == [[5]])
  }

  @Test func `of a shear multiply to its determinant and square-sum to its entries`() throws {
    let found = try values([1, 7, 0, 2], [2, 2])[0]
    #expect(abs(found[0] * found[1] - 2) < 1e-12)
    #expect(abs(found[0] * found[0] + found[1] * found[1] - 54) < 1e-12)
  }

  @Test func `give the condition of the worst matrix`() throws {
    let pair = try Tensor([1, 0, 0, 1, 8, 0, 0, 0.5], shape: [2, 2, 2])
    #expect(try Spectrum.condition(pair) == 16)
    #expect(try Spectrum.condition(Tensor([1, 1, 1, 1], shape: [2, 2])) > 1e15)
  }
}
