extension Tensor {
  /// Copies a tensor out of a safetensors file.
  public convenience init(_ entry: SafetensorsEntry) throws(TorchError) {
    let loaded = entry.bytes.withUnsafeBytes { bytes in
      Result { () throws(TorchError) in
        try Tensor(bytes: bytes, shape: entry.shape, dtype: DType(entry.dtype))
      }
    }
    try self.init(sharing: loaded.get())
  }

  /// The elements, packed, for a safetensors file.
  public func safetensorsEntry() throws -> SafetensorsEntry {
    try SafetensorsEntry(dtype: SafetensorsType(dtype), shape: shape, bytes: bytes())
  }
}

extension DType {
  /// The type of a file's elements.
  public init(_ type: SafetensorsType) {
    self =
      switch type {
      case .float64: .float64
      case .float32: .float32
      case .bfloat16: .bfloat16
      case .float16: .float16
      case .int64: .int64
      case .int32: .int32
      case .int16: .int16
      case .int8: .int8
      case .uint8: .uint8
      case .bool: .bool
      }
  }
}

extension SafetensorsType {
  /// The type in a file for a tensor's.
  public init(_ type: DType) {
    self =
      switch type {
      case .float64: .float64
      case .float32: .float32
      case .bfloat16: .bfloat16
      case .float16: .float16
      case .int64: .int64
      case .int32: .int32
      case .int16: .int16
      case .int8: .int8
      case .uint8: .uint8
      case .bool: .bool
      }
  }
}
