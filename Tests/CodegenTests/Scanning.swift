import Catalogue
import Codegen

/// Scans one text as the file `Parts.swift` of the module `Sample` on Linux.
func scan(_ text: String) -> Inventory {
  Inventory(
    [SourceFile(path: "Parts.swift", module: "Sample", text: text)], platform: "Linux")
}

/// A file that declares `Config` and, below it, the text.
func scanBelowConfig(_ text: String) -> Inventory { scan("struct Config {}\n" + text) }

extension Inventory {
  /// The diagnostics without their common path.
  var problems: [String] {
    diagnostics.map { "\($0.line):\($0.column): \($0.message)" }
  }

  /// Each part as `line:column kind name type config`.
  var parts: [String] {
    annotations.map {
      "\($0.line):\($0.column) \($0.kind.rawValue) \($0.name) \($0.type) \($0.config)"
    }
  }
}
