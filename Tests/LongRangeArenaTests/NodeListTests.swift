import Foundation
import LongRangeArena
import Testing

struct NodeListTests {
  private static let lists: [(list: String, names: String)] = [
    ("node1", "node1"),
    ("b,a,b", "b a b"),
    (
      "node[1-2,05-07],gpu-a[1-2]b[3-4]",
      "node1 node2 node05 node06 node07 gpu-a1b3 gpu-a1b4 gpu-a2b3 gpu-a2b4"
    ),
    ("a[08-11]", "a08 a09 a10 a11"),
    ("a[9-11]", "a9 a10 a11"),
    ("a[1-02]", "a1 a2"),
    ("a[001,1]", "a001 a1"),
    ("a[1,1-2]", "a1 a1 a2"),
    ("a[99998-100001]", "a99998 a99999 a100000 a100001"),
    ("[3-4]", "3 4"),
    (",a,", "a"),
  ]

  @Test(arguments: lists)
  func `a list becomes the names of its nodes`(list: String, names: String) throws {
    #expect(try NodeList.expand(list).joined(separator: " ") == names)
  }

  @Test(.enabled(if: hasScontrol), arguments: lists)
  func `scontrol agrees`(list: String, names: String) throws {
    try inTemporaryFolder { folder in
      let file = folder + "/slurm.conf"
      try write("ClusterName=test\nSlurmctldHost=localhost\n", to: file)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["SLURM_CONF=\(file)", "scontrol", "show", "hostnames", list]
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let data = output.fileHandleForReading.readDataToEndOfFile()
      let words = String(decoding: data, as: UTF8.self).split(separator: "\n")
      #expect(words.joined(separator: " ") == names)
    }
  }

  private static let hasScontrol = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/scontrol")
    }

  @Test(arguments: [
    ("", "has no node"), ("a[1", "not closed"), ("a]", "none has opened"), ("a[[1]]", "within"),
    ("a[]", "got ``"), ("a[1,]", "got ``"), ("a[x]", "got `x`"), ("a[1-]", "got `1-`"),
    ("a[1-2-3]", "got `1-2-3`"), ("a[3-1]", "goes down"), ("a b", "space"),
    ("a[1-3]-ib", "`-ib` follows"), ("a[1-70000]", "more than 65536"),
    ("a[1-300][1-300]", "more than 65536"), ("a[99999999999999999999]", "expected a number"),
  ])
  func `a malformed list is refused`(list: String, reason: String) throws {
    let error = #expect(throws: ArenaError.self) { try NodeList.expand(list) }
    let text = try #require(error).description
    #expect(text.contains("`\(list)`") && text.contains(reason))
  }
}
