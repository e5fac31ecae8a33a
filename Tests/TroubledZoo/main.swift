// The `zoo` command with attentions that no benchmark must be brought down by.
import Conformance
import Foundation
import Parts
import Synchronization
import Torch
import ZooCommands

struct TroubledConfig: PartConfig {
  var width: Int?
  static let sample = Self()
}

/// What an attention does in each call besides returning its values.
protocol Trouble {
  static func happen() throws
}

final class Troubled<Kind: Trouble>: Module, Attention {
  let config: TroubledConfig

  init(_ config: TroubledConfig, generator: Generator) throws {
    self.config = config
    super.init([:])
  }

  static func claims(for config: TroubledConfig) -> Claims { Claims() }

  func callAsFunction(_ query: Tensor, _ key: Tensor, _ value: Tensor, masks: Masks) throws
    -> Tensor
  {
    try Kind.happen()
    return try value + 0
  }
}

enum Slow: Trouble {
  static func happen() { usleep(20_000) }
}

enum Leaking: Trouble {
  private static let kept = Mutex<[Tensor]>([])
  static func happen() throws {
    let megabytes = try Tensor.ones([4, 1 << 18])
    kept.withLock { $0.append(megabytes) }
  }
}

enum Crashing: Trouble {
  static func happen() { raise(SIGSEGV) }
}

enum Chatty: Trouble {
  static func happen() {
    print("hello")
    fflush(nil)
  }
}

enum Hanging: Trouble {
  static func happen() { while true { sleep(1) } }
}

enum Hungry: Trouble {
  static func happen() throws { _ = try Tensor.zeros([1 << 30]) }
}

func entry<Kind: Trouble>(_ name: String, _ trouble: Kind.Type) -> PartEntry {
  .attention(name, Troubled<Kind>.self, TroubledConfig.self, summary: "An attention in trouble.")
}

await Zoo.main(
  Kit {
    try $0.parts.add([
      entry("slow", Slow.self), entry("leaking", Leaking.self), entry("crashing", Crashing.self),
      entry("chatty", Chatty.self), entry("hanging", Hanging.self), entry("hungry", Hungry.self),
    ])
  })
