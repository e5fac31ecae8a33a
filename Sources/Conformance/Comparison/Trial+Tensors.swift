internal import Parts
public import Properties
public import Torch

extension Trial {
  /// Asserts that two tensors agree within a tolerance.
  ///
  /// Comparing a tensor with its own memory proves nothing and does not count: a law that does only
  /// that is vacuous.
  ///
  /// - Returns: whether they do.
  @discardableResult
  public mutating func equal(
    _ actual: Tensor, _ expected: Tensor, _ tolerance: Tolerance, label: String
  ) throws -> Bool {
    let comparison = try compare(actual, expected, tolerance)
    if comparison.isEqual, actual.sharesStorage(with: expected),
      actual.storageOffset == expected.storageOffset
    {
      return true
    }
    compared(comparison.count, worst: comparison.isEqual ? comparison.worst : 0)
    observe(output: try XXH3.hash64(actual.detached().bytes()))
    return expect(comparison.isEqual, label: label, "\(label): \(comparison)")
  }

  /// T2 times how far the definition of a part amplifies errors for some inputs, such as κ₂ of what
  /// it inverts; rejects inputs for which it loses all digits.
  func tolerance(_ setting: Setting, _ part: any PartModule, _ inputs: [String: Tensor]) throws
    -> Tolerance
  {
    let condition = try setting.subject.naives.condition(part, inputs)
    try assume(condition <= Threshold.invertible)
    return .exact(condition: condition)
  }

  /// Asserts that a tensor has not changed by a bit.
  @discardableResult
  public mutating func unchanged(_ actual: Tensor, _ before: Tensor, label: String) throws -> Bool {
    try equal(actual, before, .bits, label: label)
  }

  /// Asserts that a body throws an error of a type, and returns it.
  @discardableResult
  public mutating func throwsError<E: Error>(
    _ type: E.Type, label: String, _ body: () throws -> Void
  ) -> E? {
    do {
      try body()
      expect(false, label: label, "\(label): nothing was thrown, expected \(type)")
    } catch let error as E {
      expect(true, label: label)
      return error
    } catch {
      expect(
        false, label: label,
        "\(label): \(Swift.type(of: error)) was thrown, expected \(type): \(error)")
    }
    return nil
  }
}
