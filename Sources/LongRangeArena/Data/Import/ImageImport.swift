internal import Support

extension ArenaImporter {
  private static let side = 32

  func image() throws -> ArenaSource? {
    if let root = root(["cifar-10-batches-bin"], with: "data_batch_1.bin") {
      return try binaryBatches(root)
    }
    if let root = root(["cifar-10-batches-py"], with: "data_batch_1") {
      throw ArenaError(
        "\(root) is the Python version of CIFAR-10, whose pickles are not read: get the binary "
          + "version, a folder with data_batch_1.bin")
    }
    for ending in ["", ".gz"] {
      if let root = root([], with: "train-images-idx3-ubyte\(ending)") {
        return try indexedFiles(root, ending)
      }
    }
    if isFolder("\(path)/train") { return try pictureFolders() }
    return nil
  }

  /// The last tenth of the training pictures is for development: 5,000 of 50,000.
  private func source(
    _ name: String, order: String, train: SplitSource, test: SplitSource
  ) -> ArenaSource {
    let share = options.devFraction ?? 0.1
    let parts = cutting(train, share: share)
    return ArenaSource(
      task, name: name, rule: "dev is the last \(share) of train in \(order)",
      train: parts.train, dev: parts.dev, test: test)
  }

  /// CIFAR-10: a label and planes of red, green and blue for each picture.
  private func binaryBatches(_ root: String) throws -> ArenaSource {
    let plane = Self.side * Self.side
    let size = 1 + 3 * plane
    func batches(_ names: [String]) throws -> SplitSource {
      let files = try names.map { try FileBytes("\(root)/\($0).bin") }
      for file in files where file.bytes.count % size != 0 || file.bytes.isEmpty {
        throw ArenaError(
          "\(file.path) has \(file.bytes.count) bytes, expected a multiple of \(size)")
      }
      let records = files.flatMap { file in
        (0..<file.bytes.count / size).map { (file, $0) }
      }
      return SplitSource(count: records.count) { number in
        let (file, record) = records[number]
        let bytes = UnsafeRawBufferPointer(
          rebasing: file.bytes[record * size..<(record + 1) * size])
        let pixels = (1...plane).map { pixel in
          GreyPicture.grey(bytes[pixel], bytes[pixel + plane], bytes[pixel + 2 * plane])
        }
        return ArenaExample(
          sequences: [pixels.map { UInt16($0) }],
          label: try checked(Int(bytes[0]), file.path, record), sourceHash: hash64(bytes))
      }
    }
    return source(
      "the binary version of CIFAR-10", order: "the source's order",
      train: try batches((1...5).map { "data_batch_\($0)" }), test: try batches(["test_batch"]))
  }

  /// The IDX files of MNIST and its relatives; of more than 50,000 pictures the first are taken.
  private func indexedFiles(_ root: String, _ ending: String) throws -> ArenaSource {
    func split(_ name: String) throws -> SplitSource {
      let pictures = try IndexedFile("\(root)/\(name)-images-idx3-ubyte\(ending)", dimensions: 3)
      let labels = try IndexedFile("\(root)/\(name)-labels-idx1-ubyte\(ending)", dimensions: 1)
      guard pictures.shape[0] == labels.shape[0] else {
        throw ArenaError(
          "\(pictures.file.path) has \(pictures.shape[0]) pictures, but \(labels.file.path) has "
            + "\(labels.shape[0]) labels")
      }
      return SplitSource(count: min(50_000, labels.shape[0])) { number in
        let bytes = pictures.item(number)
        let picture = GreyPicture(
          width: pictures.shape[2], height: pictures.shape[1], pixels: Array(bytes))
        let label = try checked(Int(labels.item(number)[0]), labels.file.path, number)
        return try example(
          picture, side: Self.side, label: label, hash: hash64(bytes), pictures.file.path)
      }
    }
    return source(
      "IDX files of pictures", order: "the source's order, of at most 50000",
      train: try split("train"), test: try split("t10k"))
  }

  /// Folders `<split>/<class>/*.png`; the classes are the names in alphabetical order.
  private func pictureFolders() throws -> ArenaSource {
    let classes = try names(inFolder: "\(path)/train").filter { isFolder("\(path)/train/\($0)") }
    guard 1...task.classes ~= classes.count else {
      throw ArenaError(
        "\(path)/train has \(classes.count) folders, expected one for each class, at most "
          + "\(task.classes)")
    }
    func split(_ name: String) throws -> SplitSource {
      let folder = "\(path)/\(name)"
      for name in try names(inFolder: folder)
      where isFolder("\(folder)/\(name)") && !classes.contains(name) {
        throw ArenaError(
          "\(folder) has a class `\(name)` that train lacks"
            + (nearest(name, among: classes).map { ", did you mean `\($0)`?" } ?? ""))
      }
      let files = try files(in: folder, classes: classes, ending: ".png")
      return SplitSource(count: files.count) { number in
        try picture(files[number].path, side: Self.side, label: files[number].label)
      }
    }
    let train = shuffled(try split("train"))
    guard isFolder("\(path)/dev") else {
      return source(
        "folders of PNG files", order: "random order, seed \(options.seed)", train: train,
        test: try split("test"))
    }
    try refuseDevFraction("the source has a split for development")
    return ArenaSource(
      task, name: "folders of PNG files", rule: "the source's own", train: train,
      dev: try split("dev"), test: try split("test"))
  }

  private func checked(_ label: Int, _ path: String, _ record: Int) throws -> Int {
    guard label < task.classes else {
      throw ArenaError(
        "\(path): the label of record \(record) is \(label), expected 0 to \(task.classes - 1)")
    }
    return label
  }

  /// The pictures of handwritten digits in scikit-learn: 64 values of 0 to 16, then the digit.
  func digits() throws -> ArenaSource? {
    guard !isFolder(path) else { return nil }
    try refuseDevFraction("digits are cut into 80, 10 and 10 %")
    let file = try DelimitedFile(path, separator: ",", hasQuotes: false)
    let columns = (0..<task.length).map { "pixel \($0)" } + ["digit"]
    let all = SplitSource(count: file.count) { number in
      let fields = try file.row(number, of: columns)
      let pixels = try fields.dropLast().enumerated().map { place, field in
        UInt16(try file.integer(field, in: 0...16, columns[place]))
      }
      return ArenaExample(
        sequences: [pixels], label: try file.integer(fields[task.length], in: 0...9, "the digit"),
        sourceHash: file.hash(ofRow: number))
    }
    return ArenaSource(task, name: "a file of digits", cutting: all, seed: options.seed)
  }
}

/// A file of bytes with a shape: the numbers of its dimensions, big-endian, and then the values.
private struct IndexedFile {
  let file: FileBytes
  let shape: [Int]
  private let start: Int

  init(_ path: String, dimensions: Int) throws {
    file = try FileBytes(path)
    let bytes = file.bytes
    start = 4 + 4 * dimensions
    guard bytes.count >= start, bytes.starts(with: [0, 0, 8, UInt8(dimensions)]) else {
      throw ArenaError("\(path) is no IDX file of bytes with \(dimensions) dimensions")
    }
    shape = (1...dimensions).map { dimension in
      Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 * dimension, as: UInt32.self)))
    }
    // In steps that cannot overflow.
    var count = 1
    for number in shape where count < 1 << 30 { count *= number }
    guard count > 0, bytes.count - start == count else {
      throw ArenaError(
        "\(path) has \(bytes.count - start) values, expected "
          + shape.map(String.init).joined(separator: " × "))
    }
  }

  /// The values at a position of the first dimension.
  func item(_ number: Int) -> UnsafeRawBufferPointer {
    let size = shape[1...].reduce(1, *)
    let first = start + number * size
    return UnsafeRawBufferPointer(rebasing: file.bytes[first..<first + size])
  }
}
