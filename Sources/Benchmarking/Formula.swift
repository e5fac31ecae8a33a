internal import Foundation
internal import JSON
internal import Parts
internal import Torch

/// The least that the formula of a case needs: multiplications with additions, and numbers to move.
///
/// The arithmetic of an attention follows from what it claims: of softmax over products, from the
/// pairs of its pattern; otherwise from its definition. Every matrix of parameters around it, and of a
/// feedforward, is multiplied with each token. Exponentials, normalizations and other work on single
/// numbers are not counted, nor is what a kernel computes again or stores in between; each input,
/// output and parameter moves once a pass. So this is a bound from below, and of a part with another
/// definition, which counts for its memory alone, a loose one.
struct Formula {
  /// Products of tensors that both depend on the inputs.
  var products = 0.0
  /// Products with parameters.
  var weighted = 0.0
  /// Products with fixed numbers.
  var fixed = 0.0
  /// Products through which no gradient flows.
  var constant = 0.0
  /// The numbers of inputs, output and parameters.
  var inputs = 0.0
  var output = 0.0
  var parameters = 0.0

  init(_ workload: Workload, output: Tensor, _ key: BenchCase, _ settings: BenchSettings) {
    let ignored = key.level == .core ? workload.core.claims.withoutGradient : []
    let names = ["q", "k", "v"]
    inputs = zip(names, workload.inputs).filter { !ignored.contains($0.0) }
      .reduce(0) { $0 + Double($1.1.count) }
    self.output = Double(output.count)
    parameters = workload.parameters.reduce(0) { $0 + Double($1.count) }
    let tokens = Double(settings.batch * key.length)
    if let attention = workload.core as? any Attention {
      addAttention(attention, Double(key.length), settings)
      let around = Self.matrices(workload.parameters) - Self.matrices(of: attention)
      if key.level != .core { weighted += tokens * around }
    } else {
      let own = Self.matrices(of: workload.core)
      weighted = tokens * own * Self.share(workload.core)
      if key.level == .block {
        weighted += tokens * (Self.matrices(workload.parameters) - own)
        products = tokens * Double(2 * key.length * settings.tokenWidth) / (settings.causal ? 2 : 1)
      }
    }
  }

  /// The floating-point operations of a pass.
  func operations(_ key: BenchCase) -> Double {
    guard key.pass == .both else { return 2 * (products + weighted + fixed + constant) }
    // Both factors of a product get a derivative, parameters of a core do not.
    return 2 * (3 * products + (key.level == .core ? 2 : 3) * weighted + 2 * fixed + constant)
  }

  /// The bytes that a pass reads and writes.
  func bytes(_ key: BenchCase, _ settings: BenchSettings) -> Double {
    var numbers = inputs + output + parameters
    if key.pass == .both {
      numbers += 2 * inputs + output + (key.level == .core ? 1 : 2) * parameters
    }
    return numbers * Double(settings.dtype.size)
  }

  private static func matrices(_ tensors: [Tensor]) -> Double {
    tensors.filter { $0.rank > 1 }.reduce(0) { $0 + Double($1.count) }
  }

  private static func matrices(of part: any PartModule) -> Double {
    matrices(part.parameters.map(\.value))
  }

  /// The share of its parameters that a feedforward uses for a token.
  private static func share(_ part: any PartModule) -> Double {
    let options = part.claims.definition?.options
    guard let experts = options?["number_of_experts"]?.double else { return 1 }
    return min(1, (options?["gate"]?.string == "top_2" ? 2 : 1) / experts)
  }

  private mutating func addAttention(
    _ attention: any Attention, _ length: Double, _ settings: BenchSettings
  ) {
    let claims = attention.claims
    let (items, heads) = (Double(settings.batch), Double(settings.heads))
    let width = Double(settings.width)
    let (rows, tokenWidth) = (items * heads, heads * width)
    func option(_ key: String) -> Double { claims.definition?.options[key]?.double ?? 0 }
    if claims.softmaxOverProducts, let pairs = Self.pairs(attention, Int(length), settings) {
      products = items * pairs * 2 * width
      return
    }
    let landmarks = min(option("num_landmarks"), length)
    switch claims.definition?.oracle {
    case "linformer":
      weighted = 2 * rows * option("k") * length * width
      products = weighted
    case "nystrom":
      let inverse = option("inv_iterations") * 4 * pow(landmarks, 3)
      let small = 2 * pow(landmarks, 2) * width
      products = rows * (4 * length * landmarks * width + small + inverse)
    case "orthoformer":
      products = rows * 4 * length * landmarks * width
      constant = rows * length * landmarks * width
    case "favor":
      // A hyperbolic map has two features for each projection.
      let features = option("dim_features")
      fixed = rows * length * features * width
      products = 2 * rows * length * features * width
    case "linear": products = 2 * rows * length * width * width
    case "lambda":
      products = rows * (2 * length * width * width + length * length * width)
      weighted = rows * length * length * width
    case "compositional":
      products = items * length * length * (tokenWidth + heads * tokenWidth)
      weighted = items * length * 4 * tokenWidth * tokenWidth
    case "fourier_mix":
      // A real transform of n numbers takes about 2.5·n·log₂ n operations, a product counts as two.
      let count = length * tokenWidth
      fixed = items * 1.25 * count * log2(count)
    case "visual": weighted = items * length * Self.matrices(of: attention)
    default: break
    }
  }

  /// The pairs of queries and keys of one item in all heads; nil if the part does not say.
  private static func pairs(
    _ attention: any Attention, _ length: Int, _ settings: BenchSettings
  ) -> Double? {
    let (claims, isCausal) = (attention.claims, attention.claims.causal == .always)
    func count(_ allows: (Int, Int) -> Bool) -> Double {
      var count = 0
      for query in 0..<length {
        for key in 0..<(isCausal ? query + 1 : length) where allows(query, key) { count += 1 }
      }
      return Double(count)
    }
    let heads = Double(settings.heads)
    switch claims.pattern {
    case .full: return heads * count { _, _ in true }
    case .band(let past, let future):
      return heads * count { $0 - $1 <= past ?? length && $1 - $0 <= future ?? length }
    case .tokens(let tokens, let itself):
      let marks = (0..<length).map(tokens.contains)
      return heads * count { marks[$0] || marks[$1] || itself && $0 == $1 }
    case .pairs(let rule): return heads * count(rule.allows)
    case .blocks(let size, let stored):
      return stored.reduce(0) { sum, head in sum + count { head[$0 / size][$1 / size] } }
        * heads / Double(max(stored.count, 1))
    case .drawn(let name):
      guard let drawn = attention.drawn[name], let marks = try? drawn.to(.bool).booleans(),
        marks.count == length * length
      else { return nil }
      return heads * count { marks[$0 * length + $1] }
    case nil: return nil
    }
  }
}
