internal import CTorch

/// One ATen operator, looked up once.
struct Operator: @unchecked Sendable {
  private let handle: OpaquePointer
  private let name: String

  /// Finds an operator by its ATen name and overload.
  init(_ name: String, _ overload: String = "") {
    var out: OpaquePointer?
    let status = ct_operator_find("aten::" + name, overload, &out)
    precondition(
      status == 0 && out != nil,
      "libtorch \(String(cString: ct_version())) lacks \(name).\(overload): run `make setup`")
    handle = out!
    self.name = name
  }

  /// Calls it and returns its only tensor; the common case, without a heap allocation.
  @inline(__always)
  func call(_ a: Tensor) throws(TorchError) -> Tensor {
    var argument = CTValue(a)
    return try withExtendedLifetime(a) { () throws(TorchError) in
      try one(&argument, 1) { [a] }
    }
  }

  /// Calls it with two tensors.
  @inline(__always)
  func call(_ a: Tensor, _ b: Tensor) throws(TorchError) -> Tensor {
    var arguments = (CTValue(a), CTValue(b))
    return try withExtendedLifetime((a, b)) { () throws(TorchError) in
      try one(&arguments, 2) { [a, b] }
    }
  }

  /// Calls it with a tensor and an integer.
  @inline(__always)
  func call(_ a: Tensor, _ integer: Int) throws(TorchError) -> Tensor {
    var arguments = (CTValue(a), CTValue(integer))
    return try withExtendedLifetime(a) { () throws(TorchError) in
      try one(&arguments, 2) { [a] }
    }
  }

  /// Calls it with a tensor and a number.
  @inline(__always)
  func call(_ a: Tensor, _ number: Double) throws(TorchError) -> Tensor {
    var arguments = (CTValue(a), CTValue(number))
    return try withExtendedLifetime(a) { () throws(TorchError) in
      try one(&arguments, 2) { [a] }
    }
  }

  /// Calls it with three tensors.
  @inline(__always)
  func call(_ a: Tensor, _ b: Tensor, _ c: Tensor) throws(TorchError) -> Tensor {
    var arguments = (CTValue(a), CTValue(b), CTValue(c))
    return try withExtendedLifetime((a, b, c)) { () throws(TorchError) in
      try one(&arguments, 3) { [a, b, c] }
    }
  }

  /// Calls it with a tensor and two integers.
  @inline(__always)
  func call(_ a: Tensor, _ first: Int, _ second: Int) throws(TorchError) -> Tensor {
    var arguments = (CTValue(a), CTValue(first), CTValue(second))
    return try withExtendedLifetime(a) { () throws(TorchError) in
      try one(&arguments, 3) { [a] }
    }
  }

  /// Calls it with a tensor and a list of integers.
  @inline(__always)
  func call(_ a: Tensor, _ list: [Int]) throws(TorchError) -> Tensor {
    try list.withUnsafeBufferPointer { integers throws(TorchError) in
      var arguments = (CTValue(a), CTValue(integers))
      return try withExtendedLifetime(a) { () throws(TorchError) in
        try one(&arguments, 2) { [a] }
      }
    }
  }

  /// Calls it with any arguments and returns its only tensor.
  func callAsFunction(_ arguments: Argument...) throws(TorchError) -> Tensor {
    var result = CTValue()
    var produced: Int64 = 0
    let status = withRaw(arguments) {
      ct_operator_call(handle, $0.baseAddress!, Int64($0.count), &result, 1, &produced)
    }
    try check(status, name, arguments.flatMap(\.tensors))
    return Tensor(owning: OpaquePointer(result.pointer!))
  }

  /// Calls it with any arguments and returns all its tensors, those of lists in order.
  func all(_ arguments: [Argument]) throws(TorchError) -> [Tensor] {
    var results: (CTValue, CTValue, CTValue, CTValue) = (CTValue(), CTValue(), CTValue(), CTValue())
    var produced: Int64 = 0
    let status = withRaw(arguments) { raw in
      withUnsafeMutableBytes(of: &results) {
        let slots = $0.bindMemory(to: CTValue.self)
        return ct_operator_call(
          handle, raw.baseAddress!, Int64(raw.count), slots.baseAddress!, Int64(slots.count),
          &produced)
      }
    }
    try check(status, name, arguments.flatMap(\.tensors))
    return withUnsafeBytes(of: &results) {
      $0.bindMemory(to: CTValue.self).prefix(Int(produced)).flatMap(Self.tensors)
    }
  }

  @inline(__always)
  private func one<Arguments>(
    _ arguments: inout Arguments, _ count: Int64, _ tensors: () -> [Tensor]
  ) throws(TorchError) -> Tensor {
    var result = CTValue()
    var produced: Int64 = 0
    let status = withUnsafeBytes(of: &arguments) {
      ct_operator_call(
        handle, $0.bindMemory(to: CTValue.self).baseAddress!, count, &result, 1, &produced)
    }
    try check(status, name, tensors())
    return Tensor(owning: OpaquePointer(result.pointer!))
  }

  private static func tensors(of value: CTValue) -> [Tensor] {
    switch Int(value.tag) {
    case Int(CT_TENSOR): return [Tensor(owning: OpaquePointer(value.pointer!))]
    case Int(CT_TENSORS):
      let handles = value.pointer!.assumingMemoryBound(to: OpaquePointer.self)
      defer { ct_list_free(handles) }
      return (0..<Int(value.integer)).map { Tensor(owning: handles[$0]) }
    default: return []
    }
  }

  /// Lays arguments out for the C interface; everything they point to lives until the body returns.
  private func withRaw(
    _ arguments: [Argument], _ body: (UnsafeBufferPointer<CTValue>) -> Int32
  ) -> Int32 {
    let words = arguments.reduce(0) { $0 + $1.words }
    return withUnsafeTemporaryAllocation(of: Int64.self, capacity: max(words, 1)) { pool in
      withUnsafeTemporaryAllocation(of: CTValue.self, capacity: max(arguments.count, 1)) { raw in
        var used = 0
        for (index, argument) in arguments.enumerated() {
          raw.initializeElement(at: index, to: argument.raw(pool.baseAddress!, &used))
        }
        return withExtendedLifetime(arguments) {
          body(UnsafeBufferPointer(rebasing: raw.prefix(arguments.count)))
        }
      }
    }
  }
}

/// An argument of an operator.
enum Argument: Sendable {
  case none, standard
  case tensor(Tensor), tensors([Tensor?])
  case integer(Int), number(Double), truth(Bool), text(StaticString)
  case integers([Int])
  case generator(Generator)
  case dtype(DType)

  /// The 64-bit words that it needs besides its value.
  var words: Int {
    switch self {
    case .integers(let list): list.count
    case .tensors(let list): list.count
    default: 0
    }
  }

  var tensors: [Tensor] {
    switch self {
    case .tensor(let tensor): [tensor]
    case .tensors(let list): list.compactMap { $0 }
    default: []
    }
  }

  func raw(_ pool: UnsafeMutablePointer<Int64>, _ used: inout Int) -> CTValue {
    switch self {
    case .none: return CTValue(tag: Int32(CT_NONE), integer: 0, number: 0, pointer: nil)
    case .standard: return CTValue(tag: Int32(CT_DEFAULT), integer: 0, number: 0, pointer: nil)
    case .tensor(let tensor): return CTValue(tensor)
    case .integer(let value): return CTValue(value)
    case .number(let value): return CTValue(value)
    case .dtype(let value): return CTValue(Int(value.scalarType))
    case .truth(let value):
      return CTValue(tag: Int32(CT_BOOL), integer: value ? 1 : 0, number: 0, pointer: nil)
    case .text(let value):
      return CTValue(
        tag: Int32(CT_STRING), integer: Int64(value.utf8CodeUnitCount), number: 0,
        pointer: value.utf8Start)
    case .generator(let value):
      return CTValue(
        tag: Int32(CT_GENERATOR), integer: 0, number: 0, pointer: UnsafeRawPointer(value.handle))
    case .integers(let list):
      let start = pool + used
      for value in list {
        pool[used] = Int64(value)
        used += 1
      }
      return CTValue(
        tag: Int32(CT_INTS), integer: Int64(list.count), number: 0, pointer: UnsafeRawPointer(start)
      )
    case .tensors(let list):
      let start = pool + used
      for tensor in list {
        pool[used] = tensor.map { Int64(Int(bitPattern: $0.handle)) } ?? 0
        used += 1
      }
      return CTValue(
        tag: Int32(CT_TENSORS), integer: Int64(list.count), number: 0,
        pointer: UnsafeRawPointer(start))
    }
  }
}

extension CTValue {
  @inline(__always)
  fileprivate init(_ tensor: Tensor) {
    self.init(
      tag: Int32(CT_TENSOR), integer: 0, number: 0, pointer: UnsafeRawPointer(tensor.handle))
  }

  @inline(__always)
  fileprivate init(_ integer: Int) {
    self.init(tag: Int32(CT_INT), integer: Int64(integer), number: 0, pointer: nil)
  }

  @inline(__always)
  fileprivate init(_ list: UnsafeBufferPointer<Int>) {
    self.init(
      tag: Int32(CT_INTS), integer: Int64(list.count), number: 0,
      pointer: UnsafeRawPointer(list.baseAddress))
  }

  @inline(__always)
  fileprivate init(_ number: Double) {
    self.init(tag: Int32(CT_DOUBLE), integer: 0, number: number, pointer: nil)
  }
}
