internal import CTorch

/// A group of processes, numbered by rank, that exchange tensors.
///
/// All ranks call the same methods in the same order, one at a time. They throw if another rank has
/// ended or does not answer in time; the group is of no use after that.
public final class ProcessGroup: @unchecked Sendable {
  /// Where the processes of a group meet.
  public enum Meeting: Hashable, Sendable {
    /// In a file on the machine of all ranks, which nobody has used before.
    case file(String)
    /// At a port that rank 0 serves at the address of a host, and nowhere else.
    case server(host: String, port: Int)
  }

  /// The number of this process, from 0.
  public let rank: Int
  /// The number of processes.
  public let size: Int
  private let handle: OpaquePointer

  /// Joins a group, as soon as all of its processes do.
  ///
  /// - Parameters:
  ///   - rank: the number of this process, from 0.
  ///   - size: the number of processes.
  ///   - meeting: where they find each other.
  ///   - interface: the network interface to the other ranks, such as `eth0`; if nil, that of the way
  ///     to the meeting.
  ///   - timeout: how long to wait for other ranks, now and in each exchange.
  public init(
    rank: Int, size: Int, meeting: Meeting, interface: String? = nil,
    timeout: Duration = .seconds(60)
  ) throws(TorchError) {
    self.rank = rank
    self.size = size
    var file: String?
    var server: (host: String?, port: Int) = (nil, 0)
    switch meeting {
    case .file(let path): file = path
    case .server(let host, let port): server = (host, port)
    }
    guard 0..<size ~= rank, 0...65535 ~= server.port else {
      throw TorchError(
        operation: "joining a group",
        message: "expected a rank below \(size) and a port up to 65535, got \(rank) and "
          + "\(server.port)")
    }
    let milliseconds = timeout / .milliseconds(1)
    var out: OpaquePointer?
    try check(
      ct_group_join(
        Int32(rank), Int32(size), file, server.host, Int32(server.port), interface,
        Int64(milliseconds), &out),
      "rank \(rank) of \(size), joining")
    handle = out!
  }

  deinit { ct_group_leave(handle) }

  /// Replaces the elements of contiguous tensors by their sums over all ranks.
  public func sum(_ tensors: [Tensor]) throws(TorchError) {
    try exchange(tensors, "sum") { ct_group_reduce(handle, $0, $1, 0) }
  }

  /// The largest of the numbers that the ranks give.
  public func maximum(_ value: Int) throws(TorchError) -> Int {
    let tensor = try Tensor([value], shape: [1])
    try exchange([tensor], "maximum") { ct_group_reduce(handle, $0, $1, 1) }
    return try tensor.integers()[0]
  }

  /// Replaces the elements of contiguous tensors by those of one rank.
  public func broadcast(_ tensors: [Tensor], from root: Int = 0) throws(TorchError) {
    try exchange(tensors, "broadcast") { ct_group_broadcast(handle, $0, $1, Int32(root)) }
  }

  /// The texts that the ranks give, in the order of ranks.
  public func gather(_ text: String) throws(TorchError) -> [String] {
    // Every rank fills its own place and leaves zeros in the others'.
    let counts = try Tensor((0..<size).map { $0 == rank ? text.utf8.count : 0 }, shape: [size])
    try exchange([counts], "gather") { ct_group_reduce(handle, $0, $1, 0) }
    let lengths = try counts.integers()
    let width = lengths.max() ?? 0
    var codes = [Int](repeating: 0, count: size * width)
    for (index, code) in text.utf8.enumerated() { codes[rank * width + index] = Int(code) }
    let rows = try Tensor(codes, shape: [size, width])
    try exchange([rows], "gather") { ct_group_reduce(handle, $0, $1, 0) }
    codes = try rows.integers()
    return lengths.enumerated().map { rank, length in
      String(
        decoding: codes[rank * width..<rank * width + length].map(UInt8.init), as: UTF8.self)
    }
  }

  /// Waits until every rank is here; on rank 0, the error names those that are not.
  public func barrier() throws(TorchError) {
    try exchange([], "barrier") { _, _ in ct_group_barrier(handle) }
  }

  private func exchange(
    _ tensors: [Tensor], _ operation: String, _ body: ([OpaquePointer], Int64) -> Int32
  ) throws(TorchError) {
    let name = "rank \(rank) of \(size), \(operation)"
    if let odd = tensors.first(where: { !$0.isContiguous }) {
      throw TorchError(
        operation: name, message: "expected contiguous tensors, got strides \(odd.strides)")
    }
    let status = withExtendedLifetime(tensors) { body(tensors.map(\.handle), Int64(tensors.count)) }
    try check(status, name)
  }
}
