import Testing

@testable import Properties

@Suite struct `hashes and random numbers` {
  @Test func `XXH3 gives the published hash of abc`() {
    #expect(XXH3.hash64("abc").paddedHex == "78af5f94892f3950")
    #expect(XXH3.hash128("abc").description == "06b05ab6733a618578af5f94892f3950")
  }

  @Test func `hashes are padded to their full width`() {
    #expect(UInt64(255).paddedHex == "00000000000000ff")
    #expect(Hash128(high: 1, low: 2).description == "00000000000000010000000000000002")
  }

  @Test func `hashing in pieces equals hashing the whole`() {
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var stream = XXH3Stream()
    stream.update(Array(bytes[..<1]))
    stream.update(Array(bytes[1..<3000]))
    stream.update([])
    stream.update(Array(bytes[3000...]))
    #expect(stream.hash64 == XXH3.hash64(bytes))
    #expect(stream.hash128 == XXH3.hash128(bytes))
    #expect(XXH3.hash64(AnySequence(bytes)) == XXH3.hash64(bytes))
  }

  @Test func `Philox gives the known answers of its authors`() {
    #expect(
      Philox(key: 0).block((0, 0, 0, 0)) == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = UInt32.max
    #expect(
      Philox(key: .max).block((ones, ones, ones, ones))
        == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox(key: 0x299f_31d0_a409_3822).block(
        (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344))
        == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func `a stream repeats for its seed and differs from another's`() {
    var (a, b, c) = (RandomStream(seed: 1), RandomStream(seed: 1), RandomStream(seed: 2))
    let first = (0..<100).map { _ in a.next() }
    #expect(first == (0..<100).map { _ in b.next() })
    #expect(first != (0..<100).map { _ in c.next() })
    #expect(Set(first).count == 100)
  }
}
