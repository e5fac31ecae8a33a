internal import Support

/// The tokens of bytes: 1 more than each, since 0 is padding.
private func tokens(_ bytes: some Collection<UInt8>, upTo length: Int) -> [UInt16] {
  bytes.prefix(length).map { UInt16($0) + 1 }
}

// Reviews, and whether they are positive

extension ArenaImporter {
  /// The original cuts reviews here, and fills up to the length of the task.
  private static let reviewLength = 4000

  func text() throws -> ArenaSource? {
    guard isFolder(path) else {
      try refuseDevFraction("reviews are cut into 80, 10 and 10 %")
      return ArenaSource(
        task, name: "a file of reviews", cutting: try reviews(), length: Self.reviewLength,
        seed: options.seed)
    }
    if let root = root(["aclImdb"], with: "train/pos") {
      return try text(
        name: "the folder aclImdb", train: shuffled(reviews("\(root)/train")), dev: nil,
        test: shuffled(reviews("\(root)/test")))
    }
    let suffix = "_train.tsv"
    let found = try names(inFolder: path).filter { $0.hasSuffix(suffix) }
    guard let first = found.first else { return nil }
    guard found.count == 1 else {
      throw ArenaError("\(path) has both \(first) and \(found[1]), expected one of them")
    }
    let start = "\(path)/\(first.dropLast(suffix.count))"
    return try text(
      name: "files of texts", train: try table("\(start)_train.tsv"),
      dev: fileExists("\(start)_val.tsv") ? try table("\(start)_val.tsv") : nil,
      test: try table("\(start)_test.tsv"))
  }

  /// Without a dev split, the test split is taken for it, as in the original.
  private func text(
    name: String, train: SplitSource, dev: SplitSource?, test: SplitSource
  ) throws -> ArenaSource {
    if let dev {
      try refuseDevFraction("the source has a split for development")
      return ArenaSource(
        task, name: name, rule: "the source's own", length: Self.reviewLength, train: train,
        dev: dev, test: test)
    }
    guard let share = options.devFraction else {
      return ArenaSource(
        task, name: name, rule: "lra: dev is test", length: Self.reviewLength, train: train,
        dev: test, test: test)
    }
    // Files of one form are in random order already, the others are sorted by class.
    let parts = cutting(shuffled(train), share: share)
    return ArenaSource(
      task, name: name, rule: "dev is \(share) of train, in random order, seed \(options.seed)",
      length: Self.reviewLength, train: parts.train, dev: parts.dev, test: test)
  }

  /// The reviews of a folder, one a file.
  private func reviews(_ folder: String) throws -> SplitSource {
    let files = try files(in: folder, classes: ["neg", "pos"], ending: ".txt")
    return SplitSource(count: files.count) { number in
      let bytes = try readFile(files[number].path)
      return ArenaExample(
        sequences: [tokens(bytes, upTo: Self.reviewLength)], label: files[number].label,
        sourceHash: bytes.withUnsafeBytes { hash64($0) })
    }
  }

  /// A table with the columns Source and Target, separated by tabs or by commas.
  private func table(_ path: String) throws -> SplitSource {
    let columns = ["Source", "Target"]
    let separator: Character = try FileBytes(path).firstLine.contains(",") ? "," : "\t"
    let file = try DelimitedFile(path, separator: separator, hasQuotes: true)
    guard file.count > 0, try file.row(0, of: columns).map(\.text) == columns else {
      throw ArenaError("\(path):1:1: expected the header Source, a tab or comma, and Target")
    }
    return SplitSource(count: file.count - 1) { number in
      let fields = try file.row(number + 1, of: columns)
      return ArenaExample(
        sequences: [tokens(fields[0].bytes, upTo: Self.reviewLength)],
        label: try file.integer(fields[1], in: 0...1, "the target"),
        sourceHash: file.hash(ofRow: number + 1))
    }
  }

  /// The rows of a file of labels, -1 or 1, and reviews.
  private func reviewRows() throws -> (
    file: DelimitedFile, row: @Sendable (Int) throws -> (label: Int, review: [UInt8])
  ) {
    let file = try DelimitedFile(path, separator: ",", hasQuotes: true)
    return (
      file,
      { number in
        let fields = try file.row(number, of: ["label", "review"])
        let label = try file.integer(fields[0], in: -1...1, "the label")
        guard label != 0 else {
          throw file.problem("the label is 0, expected -1 or 1", at: fields[0].offset)
        }
        return ((label + 1) / 2, fields[1].bytes)
      }
    )
  }

  private func reviews() throws -> SplitSource {
    let (file, row) = try reviewRows()
    return SplitSource(count: file.count) { number in
      let (label, review) = try row(number)
      return ArenaExample(
        sequences: [tokens(review, upTo: Self.reviewLength)], label: label,
        sourceHash: file.hash(ofRow: number))
    }
  }
}

// Pairs of documents, and whether they belong together

extension ArenaImporter {
  func retrieval() throws -> ArenaSource? {
    guard isFolder(path) else { return try halves() }
    guard
      let root = root(
        ["tsv_data", "lra_release/tsv_data", "lra_release/lra_release/tsv_data"],
        with: "new_aan_pairs.train.tsv")
    else { return nil }
    try refuseDevFraction("the source has a split for development")
    let length = task.length
    func split(_ name: String) throws -> SplitSource {
      let file = try DelimitedFile(
        "\(root)/new_aan_pairs.\(name).tsv", separator: "\t", hasQuotes: false)
      return SplitSource(count: file.count) { number in
        let fields = try file.row(
          number, of: ["label", "first id", "second id", "first text", "second text"])
        return ArenaExample(
          sequences: fields[3...].map { tokens($0.bytes, upTo: length) },
          label: try file.integer(fields[0], in: 0...1, "the label"),
          sourceHash: file.hash(ofRow: number))
      }
    }
    return ArenaSource(
      task, name: "pairs of papers", rule: "the source's own", train: try split("train"),
      dev: try split("eval"), test: try split("test"))
  }

  /// Pairs made of reviews: the halves of one belong together, those of two do not.
  private func halves() throws -> ArenaSource {
    try refuseDevFraction("pairs are cut into 80, 10 and 10 %")
    let (file, row) = try reviewRows()
    let order = ArenaRandom.shuffled(Array(0..<file.count), seed: options.seed)
    let length = task.length
    // Cut before pairing, so that no review is in two splits.
    func pairs(_ reviews: ArraySlice<Int>) -> SplitSource {
      let reviews = Array(reviews)
      return SplitSource(count: reviews.count > 1 ? 2 * reviews.count : 0) { number in
        let (place, label) = (number / 2, 1 - number % 2)
        let other = label == 1 ? place : (place + 1) % reviews.count
        let first = try Self.half(of: try row(reviews[place]).review, 0)
        let second = try Self.half(of: try row(reviews[other]).review, 1)
        return ArenaExample(
          sequences: [tokens(first, upTo: length), tokens(second, upTo: length)], label: label,
          sourceHash: file.hash(ofRow: reviews[place]))
      }
    }
    let (dev, test) = (file.count * 8 / 10, file.count * 9 / 10)
    return ArenaSource(
      task, name: "halves of reviews: of one for class 1, of two for class 0",
      rule: "80, 10 and 10 % of the reviews in random order, seed \(options.seed)",
      train: pairs(order[..<dev]), dev: pairs(order[dev..<test]), test: pairs(order[test...]))
  }

  /// A half of a review, cut at a space, so that no word shows what belongs together.
  private static func half(of review: [UInt8], _ number: Int) throws -> ArraySlice<UInt8> {
    let middle =
      review[(review.count / 2)...].firstIndex(of: UInt8(ascii: " ")) ?? review.count / 2
    return number == 0 ? review[..<middle] : review[middle...].dropFirst()
  }
}
