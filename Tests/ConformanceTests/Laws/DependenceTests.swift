import Conformance
import Testing
import Torch

struct DependenceTests {
  private let before = [1.0, 2, 3, 4, 5, 6]

  @Test func `a row moves when one of its elements does`() throws {
    #expect(try moved([1, 2, 3, 4, 5, 6 + 1e-7]) == [false, false, true])
    #expect(try moved(before) == [false, false, false])
  }

  @Test func `a difference within a billionth of the largest element is no move`() throws {
    #expect(try moved([1 + 5.9e-9, 2, 3, 4, 5, 6]) == [false, false, false])
    #expect(try moved([1 + 6.1e-9, 2, 3, 4, 5, 6]) == [true, false, false])
  }

  @Test func `what is not finite has moved`() throws {
    #expect(try moved([1, .nan, 3, 4, .infinity, 6]) == [true, false, true])
  }

  @Test func `outputs of different shapes are not compared`() throws {
    let one = try Tensor([1.0, 2], shape: [1, 2])
    #expect(throws: KitError.self) { try movedRows(one, Tensor([1.0, 2], shape: [2, 1])) }
  }

  private func moved(_ after: [Double]) throws -> [Bool] {
    try movedRows(Tensor(after, shape: [3, 2]), Tensor(before, shape: [3, 2]))
  }
}
