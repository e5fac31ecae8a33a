internal import Torch

extension ProcessGroup {
  /// The largest buffer of gradients that are exchanged at once, in bytes.
  private static let bucketSize = 25 << 20

  /// Replaces the elements of tensors by those of rank 0.
  func share(_ tensors: [Tensor]) throws(TorchError) {
    try withoutGrad { () throws(TorchError) in
      let copies = try tensors.map { tensor throws(TorchError) in try tensor.contiguous() }
      try broadcast(copies)
      for (tensor, copy) in zip(tensors, copies) where tensor !== copy {
        try tensor.copy(from: copy)
      }
    }
  }

  /// The sums of numbers over all ranks.
  func sum(_ values: [Double]) throws(TorchError) -> [Double] {
    let tensor = try Tensor(values, shape: [values.count])
    try sum([tensor])
    return try tensor.doubles()
  }

  /// Replaces gradients by their sums over all ranks.
  ///
  /// A rank that has no gradient of a parameter, as without examples, counts as one of 0; a parameter
  /// of which no rank has one keeps none.
  func sum(gradientsOf parameters: [Tensor]) throws(TorchError) {
    let gradients = parameters.map(\.grad)
    let counts = try sum(gradients.map { $0 == nil ? 0 : 1 })
    let used = parameters.indices.filter { counts[$0] > 0 }.map { (parameters[$0], gradients[$0]) }
    try withoutGrad { () throws(TorchError) in
      for bucket in buckets(used) {
        var parts: [Tensor] = []
        for (parameter, gradient) in bucket {
          let own = if let gradient { gradient } else { try Tensor.zeros(parameter.shape) }
          // Sums in half precision would be rounded at every rank.
          parts.append(try own.reshaped([parameter.count]).to(parameter.dtype.sumType))
        }
        let flat = try Tensor.cat(parts, 0)
        try sum([flat])
        for ((parameter, _), part) in zip(bucket, try flat.split(parts.map(\.count), 0)) {
          try parameter.setGrad(part.reshaped(parameter.shape).to(parameter.dtype))
        }
      }
    }
  }

  /// Neighbours whose sums have one type, up to the size of a bucket.
  private func buckets(_ entries: [(Tensor, Tensor?)]) -> [[(Tensor, Tensor?)]] {
    var buckets: [[(Tensor, Tensor?)]] = []
    var (type, size) = (DType.bool, 0)
    for entry in entries {
      let own = entry.0.dtype.sumType
      let bytes = entry.0.count * own.size
      if own != type || size + bytes > Self.bucketSize {
        buckets.append([])
        (type, size) = (own, 0)
      }
      buckets[buckets.count - 1].append(entry)
      size += bytes
    }
    return buckets
  }
}

extension DType {
  /// The type in which gradients of this type are added up.
  fileprivate var sumType: DType { self == .float64 ? .float64 : .float32 }
}
