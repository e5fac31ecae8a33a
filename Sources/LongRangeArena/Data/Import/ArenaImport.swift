internal import Support

extension ArenaSource {
  /// How to read the examples of a task from files.
  public struct ImportOptions: Sendable {
    /// The share of the training examples that becomes the dev split, if the source has none; 0 for
    /// the source's own rule.
    public var devFraction: Double?
    /// The seed of random orders.
    public var seed: UInt64 = 0

    /// Options of the original.
    public init() {}
  }

  /// Reads the examples of a task from files of one of the forms in ``forms(of:)``.
  ///
  /// - Throws: ``ArenaError`` or `FileError` that names the file and the place in it.
  public static func imported(
    _ task: ArenaTask, from path: String, _ options: ImportOptions = ImportOptions()
  ) throws -> ArenaSource {
    guard fileExists(path) else { throw ArenaError("there is no \(path), given with --from") }
    if let share = options.devFraction {
      guard share > 0, share < 1 else {
        throw ArenaError("dev-fraction is \(share), expected more than 0 and less than 1")
      }
    }
    let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
    let importer = ArenaImporter(task: task, path: folder, options: options)
    let source =
      switch task.name {
      case "listops": try importer.listops()
      case "text": try importer.text()
      case "retrieval": try importer.retrieval()
      case "image": try importer.image()
      case "digits": try importer.digits()
      default: try importer.pathfinder()
      }
    guard let source else {
      throw ArenaError(
        "\(path) has no form in which \(task.name) can be read, expected \(forms(of: task))")
    }
    return source
  }

  /// What the examples of a task can be read from, in words.
  public static func forms(of task: ArenaTask) -> String {
    switch task.name {
    case "listops": "a folder with basic_train.tsv, basic_val.tsv and basic_test.tsv"
    case "text":
      "the folder aclImdb, a folder with NAME_train.tsv, NAME_test.tsv and perhaps NAME_val.tsv, or "
        + "a CSV file of labels and reviews"
    case "retrieval":
      "a folder with new_aan_pairs.train.tsv, new_aan_pairs.eval.tsv and new_aan_pairs.test.tsv, or "
        + "a CSV file of labels and reviews"
    case "image":
      "a folder with data_batch_1.bin and so on, with train-images-idx3-ubyte and so on, or with "
        + "train/CLASS/*.png and test/CLASS/*.png"
    case "digits": "the file digits.csv.gz of scikit-learn"
    default: "a folder with \(task.name.split(separator: "-")[0]) of the release in it"
    }
  }
}

/// Reads the examples of a task from files.
struct ArenaImporter {
  let task: ArenaTask
  let path: String
  let options: ArenaSource.ImportOptions

  /// The first of some folders below the source that contains a file or folder.
  func root(_ folders: [String], with name: String) -> String? {
    ([path] + folders.map { "\(path)/\($0)" }).first { fileExists("\($0)/\(name)") }
  }

  /// The files in the folder of each class, in the order of their names.
  func files(
    in folder: String, classes: [String], ending: String
  ) throws -> [(path: String, label: Int)] {
    try classes.enumerated().flatMap { label, name in
      try names(inFolder: "\(folder)/\(name)").filter { $0.hasSuffix(ending) }
        .map { ("\(folder)/\(name)/\($0)", label) }
    }
  }

  /// Refuses an option that this source gives no meaning.
  func refuseDevFraction(_ reason: String) throws {
    guard options.devFraction == nil else {
      throw ArenaError("dev-fraction does not apply: \(reason)")
    }
  }

  /// Cuts the last part off for development.
  func cutting(
    _ training: SplitSource, share: Double
  ) -> (train: SplitSource, dev: SplitSource) {
    let start = training.count - Int((Double(training.count) * share).rounded())
    return (training.selecting(0..<start), training.selecting(start..<training.count))
  }

  /// Puts examples that are sorted by class into a random order.
  func shuffled(_ source: SplitSource) -> SplitSource {
    source.selecting(ArenaRandom.shuffled(Array(0..<source.count), seed: options.seed))
  }
}

// ListOps and Pathfinder, as the release has them

extension ArenaImporter {
  func listops() throws -> ArenaSource? {
    guard let root = root(["listops-1000", "lra_release/listops-1000"], with: "basic_train.tsv")
    else { return nil }
    try refuseDevFraction("the source has a split for development")
    func split(_ name: String) throws -> SplitSource {
      let file = try DelimitedFile("\(root)/basic_\(name).tsv", separator: "\t", hasQuotes: false)
      let columns = ["Source", "Target"]
      guard file.count > 0, try file.row(0, of: columns).map(\.text) == columns else {
        throw ArenaError("\(file.path):1:1: expected the header Source, a tab and Target")
      }
      return SplitSource(count: file.count - 1) { number in
        let fields = try file.row(number + 1, of: columns)
        let target = try file.integer(fields[1], in: 0...9, "the target")
        let (tokens, value) = try ListOps.tokens(fields[0].bytes) { what, offset in
          file.problem(what, at: fields[0].offset + offset)
        }
        guard value == target else {
          throw file.problem(
            "the target is \(target), but the value of the expression is \(value)",
            at: fields[1].offset)
        }
        return ArenaExample(
          sequences: [tokens.map { UInt16($0) }], label: target,
          sourceHash: file.hash(ofRow: number + 1))
      }
    }
    return ArenaSource(
      task, name: "files of listops", rule: "the source's own", train: try split("train"),
      dev: try split("val"), test: try split("test"))
  }

  func pathfinder() throws -> ArenaSource? {
    let words = task.name.split(separator: "-")
    let (size, level) = (String(words[0]), String(words[1]))
    let folders = ["", "lra_release/", "lra_release/lra_release/"].map { "\($0)\(size)/\(level)" }
    guard let root = root(folders + [level], with: "metadata") else { return nil }
    try refuseDevFraction("pictures are cut into 80, 10 and 10 %")
    let columns = [
      "folder", "file", "number", "label", "continuity", "contour length", "distractor length",
      "paddle length", "paddle thickness", "margin", "contrasts",
    ]
    let batches = try names(inFolder: root + "/metadata").map {
      try DelimitedFile("\(root)/metadata/\($0)", separator: " ", hasQuotes: false)
    }
    let rows = batches.flatMap { file in (0..<file.count).map { (file, $0) } }
    let side = size == "pathfinder32" ? 32 : 128
    let all = SplitSource(count: rows.count) { number in
      let (file, row) = rows[number]
      let fields = try file.row(row, of: columns)
      let label = try file.integer(fields[3], in: 0...1, "the label")
      let path = "\(root)/\(fields[0].text)/\(fields[1].text)"
      return try picture(path, side: side, label: label)
    }
    return ArenaSource(
      task, name: "pictures of \(task.name)", cutting: all, seed: options.seed)
  }

  /// Reads a PNG; nil if the file is empty, as one of the release is.
  func picture(_ path: String, side: Int, label: Int) throws -> ArenaExample? {
    let bytes = try readFile(path)
    guard !bytes.isEmpty else { return nil }
    return try bytes.withUnsafeBytes { bytes in
      let picture = try GreyPicture(png: bytes, side: side, path: path)
      return try example(picture, side: side, label: label, hash: hash64(bytes), path)
    }
  }

  /// The example of a picture, in the middle of a black square if it is smaller.
  func example(
    _ picture: GreyPicture, side: Int, label: Int, hash: UInt64, _ path: String
  ) throws -> ArenaExample {
    guard let pixels = picture.centred(inSide: side) else {
      throw ArenaError(
        "\(path) has pictures of \(picture.width) × \(picture.height) pixels, expected at most "
          + "\(side) × \(side)")
    }
    return ArenaExample(
      sequences: [pixels.map { UInt16($0) }], label: label, sourceHash: hash)
  }
}
