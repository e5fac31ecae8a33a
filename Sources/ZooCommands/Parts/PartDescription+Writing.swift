internal import Catalogue
internal import Conformance
internal import JSON
internal import Parts
internal import Torch

extension PartDescription {
  private var keyTable: Table {
    var table = Table(["key", "type", "default", "tried"])
    table.rows = keys.map { key in
      [
        key.name, key.type,
        short(key.isRequired ? "required; sample \(key.value)" : "\(key.value)"),
        short(key.domain),
      ]
    }
    return table
  }

  /// The beginning of a long text, such as the stacks of a model.
  private func short(_ text: String) -> String {
    text.count > 200 ? "\(text.prefix(200))…" : text
  }

  private var claimTable: Table {
    var table = Table(["claim", "value"])
    table.rows = claims.sentences.map { [$0.about, $0.promise] }
    return table
  }

  private var tensorTable: Table {
    var table = Table(["tensor", "shape", "elements"])
    table.rows = signature.inputs.map { input in
      let elements =
        switch input.element {
        case .floating: "numbers"
        case .index(let bound): "whole numbers below \(bound)"
        }
      let shapes = ([input.axes] + input.alternatives).map(Signature.text)
      return [
        input.name + (input.isOptional ? " (optional)" : ""), shapes.joined(separator: " or "),
        elements,
      ]
    }
    table.rows.append(["output", Signature.text(signature.output), "numbers"])
    return table
  }

  private var parameterTable: Table {
    var table = Table(["parameter", "shape", "initial values"])
    table.rows = parameters.map { [$0.key, "\($0.shape)", initial($0.key)] }
    return table
  }

  /// The claimed distribution of a parameter's initial values.
  private func initial(_ key: String) -> String {
    switch claims.parameters[key]?.initial {
    case nil: "not declared"
    case .constant(let value): value.rounded() == value ? "\(Int(value))" : "\(value)"
    case .uniform(let bound): "uniform from -\(bound) to \(bound)"
    case .normal(let deviation): "normal with deviation \(deviation)"
    case .truncatedNormal(let deviation): "truncated normal with deviation \(deviation)"
    }
  }

  private var lawTable: Table {
    var table = Table(["code", "law", "types", "applies"])
    table.rows = laws.map { law in
      let applicable = law.dtypes.filter { law.reasons[$0] == nil }
      return [
        law.id.code, law.id.name,
        (law.appliesSomewhere ? applicable : law.dtypes)
          .joined(separator: " "),
        law.reason.map { "no: \($0)" } ?? "yes",
      ]
    }
    return table
  }

  private var sections: [(title: String, table: Table, none: String)] {
    [
      ("Keys", keyTable, "The part has no options."),
      ("Call", tensorTable, ""),
      ("Claims of the sample", claimTable, ""),
      ("Parameters of the sample", parameterTable, "The part has no parameters."),
      ("Laws", lawTable, "There are no laws for this kind."),
    ]
  }

  private var fixedLengths: String? {
    let lengths =
      signature.fixed.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
      + signature.rules.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.phrase)" }
    return lengths.isEmpty ? nil : "In the sample, " + lengths.joined(separator: ", ") + "."
  }

  /// The description for a terminal.
  var text: String {
    var blocks = ["\(entry.title): \(entry.summary)\n\(place), options \(entry.configName)"]
    for section in sections {
      let body = section.table.rows.isEmpty ? section.none : section.table.text
      blocks.append(section.title + "\n" + indented(body))
      if section.title == "Call", let fixedLengths { blocks.append("  " + fixedLengths) }
    }
    return blocks.joined(separator: "\n\n")
  }

  /// The description as a page.
  var markdown: String {
    var blocks = ["# \(entry.title)", entry.summary, "`\(place)`, options `\(entry.configName)`."]
    for section in sections {
      blocks += ["## \(section.title)"]
      blocks.append(section.table.rows.isEmpty ? section.none : section.table.markdown)
      if section.title == "Call", let fixedLengths { blocks.append(fixedLengths) }
    }
    return blocks.joined(separator: "\n\n")
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
      .joined(separator: "\n")
  }

  /// The description for another program.
  var json: JSON {
    [
      "kind": .string(entry.kind.rawValue), "name": .string(entry.name),
      "config": .string(entry.configName), "summary": .string(entry.summary),
      "place": .string(place),
      "keys": .array(
        keys.map { key in
          [
            "key": .string(key.name), "type": .string(key.type),
            "default": key.isRequired ? .null : key.value, "required": .bool(key.isRequired),
            "sample": key.value, "domain": .string(key.domain),
          ]
        }),
      "inputs": .array(
        signature.inputs.map { input in
          [
            "name": .string(input.name), "shape": .string(Signature.text(input.axes)),
            "optional": .bool(input.isOptional),
          ]
        }),
      "output": .string(Signature.text(signature.output)),
      "claims": .object(
        JSONObject(claims.sentences.map { ($0.about, JSON.string($0.promise)) })),
      "parameters": .array(
        parameters.map { parameter in
          [
            "key": .string(parameter.key),
            "shape": .array(parameter.shape.map { .integer($0) }),
            "initial": .string(initial(parameter.key)),
          ]
        }),
      "laws": .array(laws.map(\.json)),
    ]
  }
}

extension Signature.Rule {
  fileprivate var phrase: String {
    switch self {
    case .multiple(let number): "is a multiple of \(number)"
    case .side(let cells): "= √\(cells)"
    case .windows(let cells, let width, let stride, let padding):
      "= (⌊(√\(cells) + 2·\(padding) - \(width)) / \(stride)⌋ + 1)²"
    }
  }
}

extension PartDescription.JudgedBy {
  fileprivate var json: JSON {
    [
      "code": .string(id.code), "law": .string(id.name), "family": .string(id.family.rawValue),
      "dtypes": .array(dtypes.map { .string($0) }), "applies": .bool(appliesSomewhere),
      "reasons": .object(
        JSONObject(reasons.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) })),
    ]
  }
}
