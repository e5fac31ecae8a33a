// What the multi-head dispatch does with heads.

/// `[B, S, H·D]` → `[B, H, S, D]`, head h taking columns h·D ..< (h + 1)·D.
func split(
  _ x: Values, _ heads: Int, _ weight: String, _ call: OracleCall
) throws -> Values {
  try call.require(
    x.shape[2] % heads == 0, "parameter `\(weight)`",
    "a multiple of \(heads) rows, as many for each head",
    got: "\(x.shape[2])")
  let width = x.shape[2] / heads
  var output = Values.zeros([x.shape[0], heads, x.shape[1], width])
  for b in 0..<x.shape[0] {
    for h in 0..<heads {
      for s in 0..<x.shape[1] {
        for d in 0..<width { output[b, h, s, d] = x[b, s, h * width + d] }
      }
    }
  }
  return output
}

/// `[B, G, T, D]` → `[B, H, T, D]`, head h taking group ⌊h·G/H⌋.
func ofHeads(_ x: Values, _ heads: Int) throws -> Values {
  let groups = x.shape[1]
  var output = Values.zeros([x.shape[0], heads, x.shape[2], x.shape[3]])
  for b in 0..<x.shape[0] {
    for h in 0..<heads {
      for t in 0..<x.shape[2] {
        for d in 0..<x.shape[3] { output[b, h, t, d] = x[b, h * groups / heads, t, d] }
      }
    }
  }
  return output
}

/// The queries or keys `[B, H, ·, D]` of each head, normalized as the options say.
func normalized(_ x: Values, _ name: String, _ call: OracleCall) throws -> Values {
  let (key, width) = ("\(name)_norm", x.shape[3])
  let scales: [Int]?
  switch try call.textIfPresent("qk_norm") {
  case nil: return x
  case "rms": scales = [width]
  case "l2": scales = name == "q" ? [1] : nil
  case let other?: throw call.wrongOption("qk_norm", "rms or l2", .text(other))
  }
  let weight = try scales.map { shape in
    let weight = try call.parameter(key)
    try call.require(
      weight.shape == shape, "parameter `\(key)`", "\(shape)", got: "\(weight.shape)")
    return weight
  }
  var output = x
  for b in 0..<x.shape[0] {
    for h in 0..<x.shape[1] {
      for s in 0..<x.shape[2] {
        var square = 0.0
        for d in 0..<width { square += x[b, h, s, d] * x[b, h, s, d] }
        let root = (square / Double(width) + 1e-6).squareRoot()
        for d in 0..<width {
          output[b, h, s, d] = x[b, h, s, d] / root * (weight.map { $0[d % $0.shape[0]] } ?? 1)
        }
      }
    }
  }
  return output
}

/// One head of an array `[B, H, ·, ·]`.
func slice(_ x: Values, head: Int) -> Values {
  var output = Values.zeros([x.shape[0], x.shape[2], x.shape[3]])
  for b in 0..<x.shape[0] {
    for s in 0..<x.shape[2] {
      for d in 0..<x.shape[3] { output[b, s, d] = x[b, head, s, d] }
    }
  }
  return output
}
