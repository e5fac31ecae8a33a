extension Tensor {
  /// A view with two dimensions exchanged.
  public func transposed(_ a: Int = -2, _ b: Int = -1) throws(TorchError) -> Tensor {
    try Operators.transpose.call(self, a, b)
  }

  /// A view with the dimensions in another order.
  public func permuted(_ order: [Int]) throws(TorchError) -> Tensor {
    try Operators.permute.call(self, order)
  }

  /// The same elements in another shape, a view where possible; one length may be −1.
  public func reshaped(_ shape: [Int]) throws(TorchError) -> Tensor {
    shape == self.shape ? self : try Operators.reshape.call(self, shape)
  }

  /// A view in which dimensions of length 1 are repeated; −1 keeps a length.
  public func expanded(_ shape: [Int]) throws(TorchError) -> Tensor {
    shape == self.shape ? self : try Operators.expand.call(self, shape)
  }

  /// A view with a new dimension of length 1.
  public func unsqueezed(_ dimension: Int) throws(TorchError) -> Tensor {
    try Operators.unsqueeze.call(self, dimension)
  }

  /// A view without one dimension of length 1.
  public func squeezed(_ dimension: Int) throws(TorchError) -> Tensor {
    try Operators.squeeze.call(self, dimension)
  }

  /// A view of a range of indices along a dimension.
  public func slice(_ dimension: Int, _ range: Range<Int>, step: Int = 1) throws(TorchError)
    -> Tensor
  {
    let axis = dimension < 0 ? dimension + rank : dimension
    let shape = self.shape
    if step == 1, shape.indices.contains(axis), range == 0..<shape[axis] { return self }
    return try Operators.slice(
      .tensor(self), .integer(dimension), .integer(range.lowerBound),
      .integer(range.upperBound), .integer(step))
  }

  /// A view of one index along a dimension, which is removed.
  public func index(_ dimension: Int, _ index: Int) throws(TorchError) -> Tensor {
    try Operators.select.call(self, dimension, index)
  }

  /// A copy of some indices along a dimension, in the order given.
  public func picked(_ dimension: Int, _ indices: [Int]) throws(TorchError) -> Tensor {
    try Operators.indexSelect(
      .tensor(self), .integer(dimension), .tensor(try Tensor(indices, shape: [indices.count])))
  }

  /// Elements along a dimension, each chosen by its own index.
  ///
  /// - `indices`: integers in the shape of the result, which is this tensor's except along the dimension.
  public func gathered(_ dimension: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
    try Operators.gather(
      .tensor(self), .integer(dimension), .tensor(indices), .truth(false))
  }

  /// A copy in which some indices along a dimension hold other elements, in the order given.
  public func replacing(_ dimension: Int, _ indices: [Int], by other: Tensor) throws(TorchError)
    -> Tensor
  {
    try Operators.indexCopy(
      .tensor(self), .integer(dimension), .tensor(try Tensor(indices, shape: [indices.count])),
      .tensor(other))
  }

  /// Views of consecutive parts of these lengths, which add up to the dimension.
  public func split(_ lengths: [Int], _ dimension: Int) throws(TorchError) -> [Tensor] {
    try Operators.splitSizes.all([.tensor(self), .integers(lengths), .integer(dimension)])
  }

  /// Views of parts of a length along a dimension; the last may be shorter.
  public func split(_ length: Int, _ dimension: Int) throws(TorchError) -> [Tensor] {
    try Operators.split.all([.tensor(self), .integer(length), .integer(dimension)])
  }

  /// Tensors joined along a dimension.
  public static func cat(_ tensors: [Tensor], _ dimension: Int) throws(TorchError) -> Tensor {
    try Operators.cat(.tensors(tensors), .integer(dimension))
  }

  /// Tensors of one shape joined along a new dimension.
  public static func stack(_ tensors: [Tensor], _ dimension: Int) throws(TorchError) -> Tensor {
    try Operators.stack(.tensors(tensors), .integer(dimension))
  }

  /// The elements moved along a dimension by so many places; those beyond its end come first.
  public func rolled(_ places: Int, _ dimension: Int) throws(TorchError) -> Tensor {
    try Operators.roll(.tensor(self), .integers([places]), .integers([dimension]))
  }

  /// The elements in reverse order along dimensions.
  public func flipped(_ dimensions: Int...) throws(TorchError) -> Tensor {
    try Operators.flip(.tensor(self), .integers(dimensions))
  }

  /// A copy padded with a number; pairs of counts, the last dimension first.
  public func padded(_ counts: [Int], with value: Double = 0) throws(TorchError) -> Tensor {
    try Operators.pad(.tensor(self), .integers(counts), .number(value))
  }

  /// Each index along a dimension repeated, the copies side by side.
  public func repeatInterleaved(_ count: Int, _ dimension: Int) throws(TorchError) -> Tensor {
    try Operators.repeatInterleave(.tensor(self), .integer(count), .integer(dimension))
  }

  /// A view with any shape, strides and offset, in elements.
  ///
  /// - Throws: `TorchError` when it would go beyond the storage.
  public func strided(_ shape: [Int], _ strides: [Int], offset: Int = 0) throws(TorchError)
    -> Tensor
  {
    try Operators.asStrided(
      .tensor(self), .integers(shape), .integers(strides), .integer(offset))
  }

  /// The lower triangle of the last two dimensions, with zeros above the given diagonal.
  public func lowerTriangle(_ diagonal: Int = 0) throws(TorchError) -> Tensor {
    try Operators.triangle.call(self, diagonal)
  }

  /// The same elements, packed row-major; the tensor itself if they are.
  public func contiguous() throws(TorchError) -> Tensor { try Operators.contiguous.call(self) }

  /// A copy with its own memory.
  public func clone() throws(TorchError) -> Tensor { try Operators.clone.call(self) }

  /// The same elements without their history.
  public func detached() throws(TorchError) -> Tensor { try Operators.detach.call(self) }

  /// The elements in another type; the tensor itself if it has that type.
  public func to(_ dtype: DType) throws(TorchError) -> Tensor {
    dtype == self.dtype ? self : try Operators.toDType(.tensor(self), .dtype(dtype))
  }

  /// Overwrites the elements with those of another tensor, in place.
  public func copy(from other: Tensor) throws(TorchError) {
    _ = try withoutGrad { () throws(TorchError) in
      try Operators.copy(.tensor(self), .tensor(other))
    }
  }
}
