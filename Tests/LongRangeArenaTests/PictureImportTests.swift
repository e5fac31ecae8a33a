import Foundation
import Testing

@testable import LongRangeArena

extension `imported examples` {
  @Test func `of image come from the binary version of CIFAR-10`() async throws {
    func record(_ label: UInt8, _ grey: UInt8) -> [UInt8] {
      // A first pixel of pure red, the others grey.
      [label] + [255] + [UInt8](repeating: grey, count: 1023) + [0]
        + [UInt8](repeating: grey, count: 1023) + [0] + [UInt8](repeating: grey, count: 1023)
    }
    for batch in 1...5 {
      try folder.write(
        "cifar-10-batches-bin/data_batch_\(batch).bin",
        record(UInt8(batch), 10) + record(UInt8(batch), 250))
    }
    try folder.write("cifar-10-batches-bin/test_batch.bin", record(9, 255))
    let source = try source("image")
    #expect(try labels(source) == [1, 1, 2, 2, 3, 3, 4, 4, 5])
    #expect(try labels(source, 1) == [5])
    #expect(try labels(source, 2) == [9])
    // 0.2989 · 255.5 = 76.4 and (0.2989 + 0.587 + 0.114) · 255.5 = 255.47.
    #expect(try examples(source, 2)[0]?.sequences[0].prefix(3) == [76, 255, 255])
    try folder.write("cifar-10-batches-bin/test_batch.bin", Array(record(9, 255).dropLast()))
    #expect(
      await refusal("image").hasSuffix("test_batch.bin has 3072 bytes, expected a multiple of 3073")
    )
    try folder.write("cifar-10-batches-bin/test_batch.bin", record(1, 1))
    try folder.write("cifar-10-batches-bin/data_batch_1.bin", record(10, 255))
    #expect(
      await refusal("image").hasSuffix(
        "data_batch_1.bin: the label of record 0 is 10, expected 0 to 9"))
  }

  @Test func `of image are not read from pickles`() async throws {
    try folder.write("cifar-10-batches-py/data_batch_1", "pickle")
    #expect(
      await refusal("image").contains("get the binary version, a folder with data_batch_1.bin"))
  }

  @Test func `of image come from IDX files, packed or not`() async throws {
    func number(_ value: Int) -> [UInt8] { [0, 0, UInt8(value / 256), UInt8(value % 256)] }
    func write(_ name: String, count: Int, pixels: Int) throws {
      let pictures = (0..<count).flatMap { [UInt8](repeating: UInt8($0 + 1), count: 28 * 28) }
      try folder.write(
        "\(name)-images-idx3-ubyte",
        [0, 0, 8, 3] + number(count) + number(28) + number(28) + pictures.prefix(pixels))
      try folder.write(
        "\(name)-labels-idx1-ubyte",
        [0, 0, 8, 1] + number(count) + (0..<count).map { UInt8($0 % 10) })
    }
    try write("train", count: 20, pixels: .max)
    try write("t10k", count: 3, pixels: .max)
    let source = try source("image")
    #expect(try (0...2).map { try labels(source, $0).count } == [18, 2, 3])
    #expect(try labels(source, 1) == [8, 9])
    // In the middle of 32 × 32 pixels.
    let pixels = try #require(try examples(source)[1]?.sequences[0])
    #expect(pixels.count == 1024 && pixels.count { $0 == 2 } == 28 * 28)
    #expect(pixels[2 * 32 + 1] == 0 && pixels[2 * 32 + 2] == 2 && pixels[29 * 32 + 29] == 2)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip"] + files.map { "\(folder.path)/\($0)" }
    try gzip.run()
    gzip.waitUntilExit()
    #expect(try examples(try self.source("image")) == (try examples(source)))
    let packed = "\(folder.path)/train-images-idx3-ubyte.gz"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: packed))
    try folder.write("train-images-idx3-ubyte.gz", Array(bytes.prefix(bytes.count / 2)))
    #expect(await refusal("image").contains("train-images-idx3-ubyte.gz is damaged or truncated"))
    try write("train", count: 20, pixels: 100)
    #expect(
      await refusal("image")
        == "train-images-idx3-ubyte has 100 values, expected 20 × 28 × 28")
    try folder.write("train-labels-idx1-ubyte", [1, 2, 3])
    try write("t10k", count: 3, pixels: .max)
    try write("train", count: 20, pixels: .max)
    try folder.write("train-labels-idx1-ubyte", [1, 2, 3])
    #expect(
      await refusal("image") == "train-labels-idx1-ubyte is no IDX file of bytes with 1 dimensions"
    )
  }

  @Test func `of image come from folders of pictures`() async throws {
    for split in ["train", "test"] {
      for (label, name) in ["cat", "dog"].enumerated() {
        for number in 0..<10 {
          let grey = GreyPicture(
            width: 32, height: 32,
            pixels: [UInt8](repeating: UInt8(10 * label + number), count: 1024))
          try folder.write("\(split)/\(name)/\(number).png", try grey.png())
        }
      }
    }
    let source = try source("image")
    let all = try (0...2).map { try examples(source, $0) }
    #expect(all.map(\.count) == [18, 2, 20])
    for example in all.joined() {
      #expect(example?.label == Int(try #require(example?.sequences[0][0])) / 10)
    }
    try folder.write("train/dog/3.png", "no picture")
    #expect(await refusal("image").contains("train/dog/3.png is not a readable PNG: "))
    try folder.write(
      "train/dog/3.png",
      try GreyPicture(width: 33, height: 1, pixels: [UInt8](repeating: 0, count: 33)).png())
    #expect(
      await refusal("image").hasSuffix(
        "train/dog/3.png has 33 × 1 pixels, expected at most 32 × 32"))
    try folder.write("test/cow/1.png", "")
    #expect(await refusal("image").hasSuffix("test has a class `cow` that train lacks"))
  }

  @Test func `turn coloured pictures grey`() throws {
    // 2 × 1 pixels, pure red and white, as an RGB PNG.
    let png = try #require(
      Data(
        base64Encoded:
          "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP8z8DA8P8/AAkFAv/EHkoWAAAAAElFTkSuQmCC"
      ))
    let picture = try png.withUnsafeBytes { try GreyPicture(png: $0, side: 2, path: "a") }
    #expect(picture == GreyPicture(width: 2, height: 1, pixels: [76, 255]))
  }

  @Test func `of digits come from the file of scikit-learn`() async throws {
    let rows = (0..<20).map { "\((0..<64).map { "\($0 % 17)" }.joined(separator: ",")),\($0 % 10)" }
    try folder.write("digits.csv", rows.joined(separator: "\n"))
    let source = try source("digits", "digits.csv")
    let all = try (0...2).map { try examples(source, $0) }
    #expect(all.map(\.count) == [16, 2, 2])
    #expect(all.joined().compactMap { $0?.label }.sorted() == (0..<20).map { $0 / 2 })
    #expect(all[0][0]?.sequences[0] == (0..<64).map { UInt16($0 % 17) })
    try folder.write(
      "digits.csv", rows.map { $0.replacing("5,6", with: "5,17") }.joined(separator: "\n"))
    #expect(
      await refusal("digits", "digits.csv").contains(":13: pixel 6 is `17`, expected 0 to 16"))
  }

  @Test(arguments: ["lra_release/lra_release/pathfinder32/", "pathfinder32/", ""])
  func `of pathfinder come from the release, without its empty picture`(root: String) async throws {
    let level = "\(root)curv_baseline"
    var rows: [[String]] = [[], []]
    for number in 0..<20 {
      let batch = number / 10
      let name = "sample_\(number % 10).png"
      let grey = GreyPicture(
        width: 32, height: 32, pixels: [UInt8](repeating: UInt8(number), count: 1024))
      try folder.write("\(level)/imgs/\(batch)/\(name)", number == 7 ? [] : try grey.png())
      rows[batch].append("imgs/\(batch) \(name) \(number % 10) \(number % 2) 1.0 6 2 2 0.5 1 1")
    }
    for batch in 0...1 {
      try folder.write(
        "\(level)/metadata/\(batch).npy", rows[batch].joined(separator: "\n") + "\n")
    }
    let source = try source("pathfinder32-curv_baseline")
    let all = try (0...2).map { try examples(source, $0) }
    #expect(all.map(\.count) == [16, 2, 2])
    #expect(all.joined().count { $0 == nil } == 1)
    for case let example? in all.joined() {
      #expect(example.label == Int(example.sequences[0][0]) % 2)
    }
    let summary = try await source.write(to: "\(folder.path)/data", workers: 2)
    #expect(summary.splits.map(\.leftOut).reduce(0, +) == 1)
    try folder.write("\(level)/metadata/0.npy", "imgs/0 sample_0.png 0 2 1.0 6 2 2 0.5 1 1\n")
    let text = await message {
      let source = try self.source("pathfinder32-curv_baseline")
      for split in 0...2 { _ = try examples(source, split) }
    }
    #expect(text.hasSuffix("metadata/0.npy:1:23: the label is `2`, expected 0 to 1"))
  }

  @Test func `of pathfinder go through the export unchanged`() async throws {
    let task = try ArenaTask.named("pathfinder128-curv_baseline")
    let generated = try ArenaSource.pathfinder(
      task, counts: ArenaCounts(train: 6, dev: 2, test: 2), seed: 1)
    try await generated.export(to: folder.path, workers: 2)
    let source = try source(task.name)
    func all(_ source: ArenaSource) throws -> Set<[UInt16]> {
      Set(
        try (0...2).flatMap { try examples(source, $0) }.compactMap { example in
          example.map { $0.sequences[0] + [UInt16($0.label)] }
        })
    }
    #expect(try all(source) == (try all(generated)))
    #expect(try all(source).count == 10)
  }
}
