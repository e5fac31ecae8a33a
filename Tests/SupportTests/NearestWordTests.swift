import Support
import Testing

@Suite struct `nearest word` {
  @Test(
    arguments: [
      ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 1),
      ("ca", "abc", 2), ("nystorm", "nystrom", 1), ("é", "e", 1),
    ] as [(String, String, Int)])
  func `counts edits and swaps`(first: String, second: String, distance: Int) {
    #expect(editDistance(first, second) == distance)
    #expect(editDistance(second, first) == distance)
  }

  @Test func `ignores case`() {
    #expect(nearest("Nystorm", among: ["norm", "nystrom", "local"]) == "nystrom")
    #expect(nearest("local", among: ["global", "local"]) == "local")
  }

  @Test func `breaks ties by the common prefix, then alphabetically`() {
    #expect(nearest("f63", among: ["g63", "f64"]) == "f64")
    #expect(nearest("bat", among: ["cat", "bar", "bad"]) == "bad")
  }

  @Test func `suggests nothing when no word is near`() {
    #expect(nearest("zzz", among: ["nystrom", "f64"]) == nil)
    #expect(nearest("x", among: [String]()) == nil)
    #expect(nearest("azure", among: ["A01", "A02"]) == nil)
  }

  @Test func `changes at most a third of the letters`() {
    #expect(nearest("nystrrn", among: ["nystrom"]) == "nystrom")
    #expect(nearest("nystsrn", among: ["nystrom"]) == nil)
    #expect(nearest("sp", among: ["eps"]) == nil)
    #expect(nearest("es", among: ["eps"]) == "eps")
    #expect(nearest("cx", among: ["ci"]) == nil)
    #expect(nearest("ks", among: ["k"]) == "k")
    #expect(nearest("x", among: ["k"]) == nil)
    #expect(nearest("CI", among: ["ci"]) == "ci")
  }
}
