#if FAULTS
  internal import Foundation

  /// The faults that this build holds.
  public enum FaultTable {
    /// What is known of a fault.
    public struct Row: Sendable {
      /// The name that activates it.
      public let name: String
      /// The part it sits in, by kind and registered name.
      public let part: String
      /// The wrong line, in words.
      public let wrong: String
      /// The codes of the laws that must reject it, first the expected best.
      public let killers: [String]
      /// Whether it is an equivalent mutant, which every law must let live.
      public let isControl: Bool

      init(
        _ name: String, _ part: String, _ wrong: String, killers: [String],
        isControl: Bool = false
      ) {
        self.name = name
        self.part = part
        self.wrong = wrong
        self.killers = killers
        self.isControl = isControl
      }
    }

    /// The fault that this process runs with, if any.
    public static let active = ProcessInfo.processInfo.environment["ZOO_FAULT"]

    /// All faults, in the order of their reports.
    public static let rows: [Row] = [
      attention,
      patterns,
      nystrom,
      linformer,
      lambda,
      favor,
      mixers,
      feedforward,
      position,
      dispatch,
      contract,
      lengths,
    ].flatMap(\.self)
  }
#endif
