// swift-format-ignore-file
// Do not edit: the next build overwrites this file.
// Generated from 3 annotations by partsgen 1.0.0.
// Inputs: 34249d0dc0c10b7a.

/// The parts that this module registers.
public enum PartsRegistry {
  /// The parts, sorted by kind and name.
  public static let entries: [PartEntry] = [entry0, entry1, entry2]

  #sourceLocation(file: "Annotated.swift", line: 43)
  private static let entry0 = PartEntry.attention("Alpha", Alpha.self, SampleConfig.self, summary: "")
  #sourceLocation()

  #sourceLocation(file: "Annotated.swift", line: 30)
  private static let entry1 = PartEntry.attention("zeta-2.b", Zeta.self, SampleConfig.self, summary: "An attention with \"quotes\", a \\ and more.")
  #sourceLocation()

  #sourceLocation(file: "Annotated.swift", line: 37)
  private static let entry2 = PartEntry.positionEmbedding("Alpha", Outer.`in`.self, Outer.Options.self, summary: "Tells tokens where they are.")
  #sourceLocation()
}
