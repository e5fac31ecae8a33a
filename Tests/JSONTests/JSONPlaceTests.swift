import JSON
import Testing

@Suite struct `values that are read name their place` {
  private let file: JSONPlace

  init() throws {
    file = JSONPlace(
      try JSON(parsing: #"{"cells": [{"part": "a", "n": 2.0}, {"part": 7, "n": null}]}"#))
  }

  @Test func `where they are what they should be`() throws {
    let first = try file.member("cells").elements[0]
    #expect(try first.member("part").string == "a")
    #expect(try first.member("n").int == 2)
    #expect(try first.member("n").double == 2)
    #expect(try first.optional("more") == nil)
    #expect(first.path == "cells[0]")
  }

  @Test func `where they are not`() throws {
    let second = try file.member("cells").elements[1]
    #expect(try second.optional("n") == nil)
    let wrong: [(String, () throws -> Void)] = [
      (
        "cells[1].part is a whole number, expected a string",
        { _ = try second.member("part").string }
      ),
      ("cells[1].n is null, expected a whole number", { _ = try second.member("n").int }),
      ("cells[1].more is missing", { _ = try second.member("more") }),
      ("cells is an array, expected an object", { [file] in _ = try file.member("cells").object }),
      ("the top level is an object, expected an array", { [file] in _ = try file.elements }),
    ]
    for (message, read) in wrong {
      let error = #expect(throws: JSONError.self) { try read() }
      #expect(error?.description == message)
    }
  }
}
