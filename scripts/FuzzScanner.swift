/// Scans the fuzzer's input, and traps if anything happens that no input may cause.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzScanner(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  let inventory = scan(bytes)
  checkPlaces(inventory, in: bytes)
  checkSkipping(bytes, inventory)
  if !bytes.contains(Byte.carriageReturn) { checkLineEnds(bytes, inventory) }
  if inventory.diagnostics.isEmpty {
    _ = registryFile(module: "M", annotations: inventory.annotations)
    _ = suitesFile(annotations: inventory.annotations)
  }
  return 0
}

private func scan(_ bytes: [UInt8]) -> Inventory {
  Inventory([SourceFile(path: "F.swift", module: "M", bytes: bytes)], platform: "Linux")
}

/// Every annotation is at the location it reports.
private func checkPlaces(_ inventory: Inventory, in bytes: [UInt8]) {
  var lexer = Lexer(bytes)
  var comments: [Int: Token] = [:]
  while let token = lexer.next() {
    precondition(!token.range.isEmpty)
    if token.kind == .lineComment, token.isFirstOnLine { comments[token.line] = token }
  }
  precondition(lexer.position == bytes.count)
  for annotation in inventory.annotations {
    let comment = comments[annotation.line]!
    precondition(comment.column == annotation.column)
    precondition(bytes[comment.range].starts(with: "// @register(".utf8))
  }
  precondition(inventory.diagnostics.allSatisfy { $0.line >= 1 && $0.column >= 1 })
}

/// A file that is skipped because of its bytes contains nothing that a scan would find.
private func checkSkipping(_ bytes: [UInt8], _ inventory: Inventory) {
  guard firstInvalidOffset(in: bytes) == nil, !NearMiss.mayOccur(in: bytes) else { return }
  let file = FileScan(
    SourceFile(path: "F.swift", module: "M", bytes: bytes), platform: "Linux")
  precondition(file.annotations.isEmpty && file.diagnostics.isEmpty)
}

/// The kind of line ending changes nothing.
private func checkLineEnds(_ bytes: [UInt8], _ inventory: Inventory) {
  let other = bytes.flatMap { $0 == Byte.newline ? [Byte.carriageReturn, $0] : [$0] }
  let again = scan(other)
  precondition(again.annotations == inventory.annotations)
  precondition(again.diagnostics == inventory.diagnostics)
}
