import Foundation
import JSON
import Testing
import Torch

/// The bits of each tensor of a module.
private func bits(_ module: Module) throws -> [String: [UInt8]] {
  try module.stateDict.mapValues { try $0.bytes() }
}

private func write(_ text: String, to path: String) throws {
  try Data(text.utf8).write(to: URL(filePath: path))
}

/// Writes tensors of ones of these shapes.
private func write(_ shapes: [String: [Int]], to path: String) throws {
  let tensors = try shapes.mapValues { try Tensor.ones($0).safetensorsEntry() }
  try SafetensorsFile(tensors: tensors).write(to: path)
}

private func message(_ body: () throws -> some Any) -> String {
  do {
    _ = try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

private let shapes = ["a.first.weight": [2, 3], "a.first.bias": [2], "second.weight": [2, 3]]

@Suite struct `checkpoints of modules` {
  @Test(
    arguments: [DType.float64, .float32, .bfloat16, .float16], [nil, 1, 40])
  func `a state is the same bit by bit after saving and loading`(dtype: DType, shardBytes: Int?)
    throws
  {
    let (source, target) = try (Pair(seed: 1), Pair(seed: 2))
    for module in [source, target] { try module.to(dtype) }
    #expect(try bits(source) != bits(target))
    try inFolder { folder in
      let path = folder + "/model.safetensors"
      let files = try source.save(to: path, shardBytes: shardBytes)
      let report = try target.load(contentsOf: path)
      #expect(report.loaded == source.stateKeys)
      #expect(report.missing.isEmpty && report.leftOver.isEmpty && report.dropped.isEmpty)
      #expect(try bits(source) == bits(target))
      #expect(try Checkpoint(contentsOf: path).tensor("a.first.bias").dtype == dtype)
      // By the folder and by the file that stands for all.
      for place in [folder, files[files.count - 1]] {
        #expect(try Checkpoint(contentsOf: place).keys == source.stateKeys.sorted())
      }
    }
  }

  @Test func `shards are as large as asked, with an index of Hugging Face's form`() throws {
    let pair = try Pair()
    try inFolder { folder in
      let path = folder + "/model.safetensors"
      try pair.save(to: path)
      // In single precision, 24, 8 and 24 bytes.
      let files = try pair.save(to: path, shardBytes: 32)
      let names = [
        "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
      ]
      try #require(files == names.map { "\(folder)/\($0)" })
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == names)
      let index = try JSON(parsing: Data(contentsOf: URL(filePath: files[2])))
      let expected: JSON = [
        "metadata": ["total_size": 56],
        "weight_map": [
          "a.first.weight": .string(names[0]), "a.first.bias": .string(names[0]),
          "second.weight": .string(names[1]),
        ],
      ]
      #expect(index == expected)
      let checkpoint = try Checkpoint(contentsOf: folder)
      #expect(checkpoint.file(of: "second.weight") == files[1])
      #expect(checkpoint.shape(of: "second.weight") == [2, 3])
      #expect(checkpoint.metadata["format"] == "pt")
      // One file replaces them.
      #expect(try pair.save(to: path, shardBytes: 56) == [path])
      #expect(!FileManager.default.fileExists(atPath: files[2]))
      #expect(message { try pair.save(to: path, shardBytes: 0) }.contains("shards of 0 bytes"))
    }
  }

  @Test func `a shared tensor is saved once and is still shared after loading`() throws {
    let (source, target) = try (Pair(shared: true, seed: 1), Pair(shared: true, seed: 2))
    try inFolder { folder in
      let path = folder + "/tied.safetensors"
      try source.save(to: path)
      let file = try SafetensorsFile(contentsOf: path)
      #expect(file.names == ["a.first.bias", "a.first.weight"])
      #expect(file.metadata["second.weight"] == "a.first.weight")
      let report = try target.load(contentsOf: path)
      #expect(report.loaded == ["a.first.weight", "a.first.bias"])
      #expect(try bits(source) == bits(target))
      #expect(target.first.weight.value.sharesStorage(with: target.second.weight.value))

      // Other programs save both keys, or the other one.
      let weight = try source.first.weight.value.safetensorsEntry()
      var other = file
      other.tensors["second.weight"] = weight
      try other.write(to: path)
      #expect(try target.load(contentsOf: path).total == 2)
      other.tensors["a.first.weight"] = nil
      try other.write(to: path)
      #expect(try target.load(contentsOf: path).loaded == ["a.first.bias", "second.weight"])
      #expect(try bits(source) == bits(target))
      other.tensors["a.first.weight"] = try Tensor.ones([2, 3]).safetensorsEntry()
      try other.write(to: path)
      #expect(
        throws: StateError.inFile(
          path, .shared(key: "a.first.weight", other: "second.weight"))
      ) { try target.load(contentsOf: path) }
      #expect(try bits(source) == bits(target))
      other.tensors["a.first.weight"] = nil
      other.tensors["second.weight"] = nil
      try other.write(to: path)
      #expect(throws: StateError.inFile(path, .missing(key: "a.first.weight"))) {
        try target.load(contentsOf: path)
      }
    }
  }

  @Test func `every problem of a state is named, with its file`() throws {
    let pair = try Pair()
    let before = try bits(pair)
    try inFolder { folder in
      try write(
        ["a.first.weight": [3, 2], "a.firts.bias": [2], "net.second.weight": [2, 3]],
        to: folder + "/one.safetensors")
      try write(["zoo": [1]], to: folder + "/two.safetensors")
      let index = folder + "/model.safetensors.index.json"
      try write(
        """
        {"weight_map": {"a.first.weight": "one.safetensors", "a.firts.bias": "one.safetensors",
        "net.second.weight": "one.safetensors", "zoo": "two.safetensors"}}
        """, to: index)
      let text = message { try pair.load(contentsOf: folder) }
      #expect(
        text == """
          6 problems
            \(folder)/one.safetensors: parameter `a.first.weight` has the shape [3, 2], \
          expected [2, 3]
            \(folder): parameter `a.first.bias` is missing
            \(folder): parameter `second.weight` is missing
            \(folder)/one.safetensors: there is no parameter `a.firts.bias`; did you mean \
          "a.first.bias"?
            \(folder)/one.safetensors: there is no parameter `net.second.weight`; there is one \
          without "net."
            \(folder)/two.safetensors: there is no parameter `zoo`
          """)
      #expect(try bits(pair) == before)
    }
  }

  @Test func `a lenient load says what it loaded, and that must be something`() throws {
    let pair = try Pair()
    try inFolder { folder in
      let path = folder + "/part.safetensors"
      try write(["second.weight": [2, 3], "head.weight": [4], "head.bias": [1]], to: path)
      let report = try pair.load(contentsOf: path, strict: false)
      #expect(report.loaded == ["second.weight"])
      #expect(report.missing == ["a.first.weight", "a.first.bias"])
      #expect(report.leftOver == ["head.bias", "head.weight"])
      #expect(report.total == 3)
      #expect(try pair.second.weight.value.doubles() == [1, 1, 1, 1, 1, 1])

      try write(["model.second.weight": [2, 3]], to: path)
      #expect(
        message { try pair.load(contentsOf: path, strict: false) }.hasPrefix(
          "\(path): 0 of 3 tensors would be loaded: there is no parameter `model.second.weight`; "
            + "there is one without \"model.\" (parameters: "))
      try write([:], to: path)
      #expect(
        message { try pair.load(contentsOf: path, strict: false) }
          == "\(path): 0 of 3 tensors would be loaded: the state is empty")
      // A wrong shape is never meant.
      try write(["second.weight": [3, 2], "a.first.bias": [2]], to: path)
      #expect(
        throws: StateError.inFile(
          path, .shape(key: "second.weight", expected: [2, 3], got: [3, 2]))
      ) { try pair.load(contentsOf: path, strict: false) }
    }
  }

  @Test func `keys are renamed by their beginnings`() throws {
    let pair = try Pair()
    try inFolder { folder in
      let path = folder + "/model.safetensors"
      let names = ["model.first.weight", "model.first.bias", "model.next.weight"]
      try write(
        Dictionary(uniqueKeysWithValues: zip(names, [[2, 3], [2], [2, 3]])), to: path)
      let changes: [Checkpoint.Renaming] = [
        .init("model.first.", to: "a.first."), .init("model.next", to: "second"),
      ]
      #expect(try pair.load(contentsOf: path, renaming: changes).loaded == pair.stateKeys)
      let checkpoint = try Checkpoint(contentsOf: path)
      // The first that fits is made, once.
      #expect(
        try checkpoint.renamed([.init("model."), .init("model.next")]).keys
          == ["first.bias", "first.weight", "next.weight"])
      #expect(
        try checkpoint.renamed([.init("", to: "x.")]).keys == names.sorted().map { "x.\($0)" })
      #expect(
        message { try checkpoint.renamed([.init("modle.")]) }.hasSuffix(
          #"no key begins with "modle."; the first key is "model.first.bias""#))
      #expect(
        message { try checkpoint.renamed([.init("model.first"), .init("model.next")]) }.hasSuffix(
          #""model.first.weight" and "model.next.weight" would both become ".weight""#))
    }
  }

  @Test func `only files of others are converted from the layouts of the original`() throws {
    final class Turned: Module {
      let weight: Parameter
      init(_ values: [Double]) throws {
        weight = try Parameter(Tensor(values, shape: [2, 2]))
        super.init(["weight": weight])
      }
      override func converted(original state: [String: Tensor]) throws -> [String: Tensor] {
        try state.mapValues { try $0.transposed() }
      }
    }
    let (source, target) = try (Turned([1, 2, 3, 4]), Turned([0, 0, 0, 0]))
    try inFolder { folder in
      let path = folder + "/a.safetensors"
      try source.save(to: path)
      try target.load(contentsOf: path)
      #expect(try target.weight.value.doubles() == [1, 2, 3, 4])
      var file = try SafetensorsFile(contentsOf: path)
      file.metadata = [:]
      try file.write(to: path)
      try target.load(contentsOf: path)
      #expect(try target.weight.value.doubles() == [1, 3, 2, 4])
    }
  }
}

@Suite struct `checkpoints from anywhere` {
  @Test(arguments: [
    ("[]", "expected an object with `weight_map`, got an array"),
    ("{\"weight_map\": ", "1:"), ("", "1:1"),
    (#"{"weight_mop": {}}"#, #"`weight_map` is missing; did you mean "weight_mop"?"#),
    (#"{"weight_map": ["a.safetensors"]}"#, "`weight_map` must be an object, got an array"),
    (#"{"weight_map": {"a": 3}}"#, #"`weight_map` "a" must be the name of a file, got"#),
    (#"{"weight_map": {"a": "../a.safetensors"}}"#, "must name a file beside the index"),
    (#"{"weight_map": {"a": "/etc/passwd"}}"#, "must name a file beside the index"),
    (#"{"weight_map": {"a": "sub/a.safetensors"}}"#, "must name a file beside the index"),
    (#"{"weight_map": {"a": ".."}}"#, "must name a file beside the index"),
    (#"{"weight_map": {"a": ""}}"#, "must name a file beside the index"),
    (#"{"weight_map": {"a": "a\u0000"}}"#, "may not contain a zero byte"),
    (#"{"weight_map": {"a": "one.safetensors", "a": "one.safetensors"}}"#, "\"a\""),
    (#"{"weight_map": {"a": "x.index.json"}}"#, "this is not a safetensors file"),
    ("version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
  ])
  func `a wrong index is refused by its name`(text: String, expected: String) throws {
    try inFolder { folder in
      try write(["a": [1]], to: folder + "/one.safetensors")
      let path = folder + "/x.index.json"
      try write(text, to: path)
      let message = message { try Checkpoint(contentsOf: path) }
      #expect(message.hasPrefix(path) && message.contains(expected), "\(message)")
    }
  }

  @Test func `an index and shards that disagree are refused with every disagreement`() throws {
    try inFolder { folder in
      try write(["a": [1], "b": [1]], to: folder + "/one.safetensors")
      try write(["b": [1], "c": [1]], to: folder + "/two.safetensors")
      let path = folder + "/x.index.json"
      try write(
        """
        {"weight_map": {"a": "one.safetensors", "b": "one.safetensors", "d": "two.safetensors",
        "e": "three.safetensors"}}
        """, to: path)
      let text = message { try Checkpoint(contentsOf: path) }
      let missing = "shard \(folder)/three.safetensors: cannot be opened: No such file or directory"
      #expect(
        text == """
          \(path): 4 problems
            \(missing)
            tensor "d" is not in two.safetensors, where the index has it
            two.safetensors holds tensor "b", which the index has in "one.safetensors"
            two.safetensors holds tensor "c", which the index does not have
          """)
      try write(#"{"weight_map": {"e": "three.safetensors"}}"#, to: path)
      #expect(message { try Checkpoint(contentsOf: path) } == "\(path): \(missing)")
    }
  }

  @Test func `shards of different programs are not one checkpoint`() throws {
    try inFolder { folder in
      let path = folder + "/x.safetensors"
      let files = try Pair().save(to: path, shardBytes: 32)
      try write(["second.weight": [2, 3]], to: files[1])
      #expect(message { try Checkpoint(contentsOf: path) }.contains("different programs"))
    }
  }

  @Test func `a folder must hold one checkpoint`() throws {
    try inFolder { folder in
      func text() -> String { message { try Checkpoint(contentsOf: folder) } }
      #expect(text() == "\(folder): the folder holds no safetensors file")
      try write(shapes, to: folder + "/a.safetensors")
      #expect(try Checkpoint(contentsOf: folder).keys.count == 3)
      try write(shapes, to: folder + "/b.safetensors")
      #expect(
        text().hasSuffix("several checkpoints, name one of them: a.safetensors, b.safetensors"))
      try write(
        #"{"weight_map": {"x": "c.safetensors"}}"#, to: folder + "/c.safetensors.index.json")
      try write(["x": [1]], to: folder + "/c.safetensors")
      #expect(text().contains("name one of them: c.safetensors.index.json, c.safetensors"))
    }
    #expect(
      message { try Checkpoint(contentsOf: "no/such") }.hasPrefix("no/such: cannot be opened"))
  }
}
