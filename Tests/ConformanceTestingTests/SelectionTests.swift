import Catalogue
import Conformance
import ConformanceTesting
import Foundation
import Testing

@Suite struct `an expression in ZOO_K` {
  @Test func `that selects nothing ends the process before any test`() async {
    let result = await #expect(
      processExitsWith: .exitCode(5), observing: [\.standardErrorContent]
    ) {
      setenv("ZOO_K", "nystrm", 1)
      _ = Kit().cells(.attention, "nystrom", .contract)
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.contains("the nearest word is \"nystrom\""))
  }

  @Test func `that is wrong ends the process with its place`() async {
    let result = await #expect(
      processExitsWith: .exitCode(64), observing: [\.standardErrorContent]
    ) {
      setenv("ZOO_K", "nystrom and", 1)
      _ = Kit().cells(.attention, "nystrom", .contract)
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.contains("nystrom and\n           ^"))
  }
}
