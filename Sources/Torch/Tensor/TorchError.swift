internal import CTorch

/// A failure that libtorch reports, with the operation and the shapes of its arguments.
public struct TorchError: Error, Equatable, CustomStringConvertible {
  /// The operation, such as `matmul`.
  public let operation: String
  /// libtorch's message on one line, and the shapes of the arguments.
  public let message: String

  /// Makes an error.
  public init(operation: String, message: String) {
    self.operation = operation
    self.message = message
  }

  /// The operation and the reason.
  public var description: String { "\(operation): \(message)" }
}

/// Turns a status of the C interface into an error; every status goes through here.
@inline(__always)
func check(
  _ status: Int32, _ operation: @autoclosure () -> String,
  _ tensors: @autoclosure () -> [Tensor] = []
) throws(TorchError) {
  if status != 0 { throw failure(operation(), tensors()) }
}

@inline(never)
private func failure(_ operation: String, _ tensors: [Tensor]) -> TorchError {
  let reason = String(cString: ct_last_error())
    .split(whereSeparator: \.isNewline).joined(separator: " ")
  let shapes = tensors.map { "\($0.dtype) \($0.shape)" }.joined(separator: ", ")
  return TorchError(
    operation: operation, message: shapes.isEmpty ? reason : "\(reason) (arguments: \(shapes))")
}
