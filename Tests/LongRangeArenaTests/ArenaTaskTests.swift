import LongRangeArena
import Testing

struct ArenaTaskTests {
  @Test func `a wrong task names the nearest`() throws {
    #expect(try ArenaTask.named("listops").classes == 10)
    let error = #expect(throws: ArenaError.self) { try ArenaTask.named("listop") }
    #expect(try #require(error).description.contains("did you mean `listops`?"))
  }
}
