import Catalogue

/// A hint at the candidate that a word most likely meant; empty if none is like it.
func hint(_ word: String, among candidates: some Sequence<String>) -> String {
  // Comparing costs the product of the lengths; what is this long was not mistyped.
  guard word.utf8.count <= 100 else { return "" }
  let best = nearest(word, among: candidates.lazy.filter { $0.utf8.count <= 100 })
  // Where more than half of the letters differ, another word was meant.
  guard let best, editDistance(word, best) * 2 <= max(word.count, best.count) else { return "" }
  return " (did you mean \"\(best)\"?)"
}
