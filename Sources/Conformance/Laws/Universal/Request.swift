internal import Catalogue
internal import JSON
internal import Parts
internal import Torch

/// A value of a key that asks a part for something, found by what the part with the key claims.
struct Request: Hashable, Sendable {
  let key: String
  let value: JSON
  private let wish: Wish

  private enum Wish { case causality, dropout, otherShape }

  /// Whether a part with these claims can give it, or need not.
  func isGranted(by claims: Claims, _ entry: PartEntry) -> Bool {
    switch wish {
    case .causality: claims.causal != .never
    // A position embedding leaves dropout to the sublayers, which read the same keys.
    case .dropout: claims.dropout.key == key || entry.kind == .positionEmbedding
    case .otherShape: entry.keys.contains(key)
    }
  }

  /// What parts of a kind can be asked for.
  static func all(of kind: Kind, in registry: Registry) -> Set<Request> {
    var found: Set<Request> = []
    for entry in registry.entries(kind) {
      guard let plain = try? outcome(entry, entry.sample) else { continue }
      if let key = plain.claims.dropout.key, entry.keys.contains(key) {
        found.insert(Request(key: key, value: 0.25, wish: .dropout))
      }
      for key in entry.keys where entry.sample[key] == false {
        let config = OptionAxis.setting(true, at: [key], in: entry.sample)
        guard let asked = try? outcome(entry, config) else { continue }
        if asked.claims.causal == .always, plain.claims.causal != .always {
          found.insert(Request(key: key, value: true, wish: .causality))
        } else if asked.output != plain.output {
          found.insert(Request(key: key, value: true, wish: .otherShape))
        }
      }
    }
    return found

    func outcome(_ entry: PartEntry, _ config: JSON) throws -> (
      claims: Claims, output: [Signature.Axis]
    ) {
      let part = try registry.build(kind, entry.name, config, generator: Generator(seed: 0)).part
      return (part.claims, part.signature.output)
    }
  }
}
