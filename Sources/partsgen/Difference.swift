/// The lines that differ between two texts, after those they have in common at both ends.
func difference(from old: String, to new: String) -> String {
  let old = old.split(separator: "\n", omittingEmptySubsequences: false)
  let new = new.split(separator: "\n", omittingEmptySubsequences: false)
  let start = zip(old, new).prefix { $0 == $1 }.count
  let shared = zip(old.dropFirst(start).reversed(), new.dropFirst(start).reversed())
    .prefix { $0 == $1 }.count
  let removed = old[start..<(old.count - shared)]
  let added = new[start..<(new.count - shared)]
  let head = "@@ -\(start + 1),\(removed.count) +\(start + 1),\(added.count) @@"
  return ([head] + clipped(removed, "-") + clipped(added, "+")).joined(separator: "\n")
}

private func clipped(_ lines: ArraySlice<Substring>, _ mark: String) -> [String] {
  let shown = lines.prefix(20).map { mark + $0 }
  return lines.count > 20 ? shown + ["\(mark) ... \(lines.count - 20) more lines"] : shown
}
