internal import Catalogue
internal import JSON
internal import Parts
internal import Torch

/// A key that holds a rate of dropout, and the tensors on which the part claims that it acts.
struct DropoutSite {
  /// The key, by path.
  let key: String
  /// What the naive form calls the tensors, in the order in which they are dropped.
  let tensors: [String]

  /// The sites that a part claims, in the order in which they act.
  static func all(_ claims: Claims) -> [DropoutSite] {
    [
      DropoutSite(claims.dropout),
      claims.stochasticDepth.map { Self(key: $0, tensors: ["branch"]) },
    ]
    .compactMap(\.self)
  }

  private init(key: String, tensors: [String]) { (self.key, self.tensors) = (key, tensors) }

  /// - Parameter path: where the part lies in the configuration, with a dot at the end.
  init?(_ claim: DropoutClaim, in path: String = "") {
    guard let own = claim.key else { return nil }
    let key = path + own
    let prefix = key.lastIndex(of: ".").map { key[...$0] } ?? ""
    self.key = key
    tensors = claim.sites.map { prefix + $0 }
  }
}

/// A call in training with certain rates of dropout.
///
/// The part reports what it keeps. Softmax attention may compute its weights in any layout, so there
/// it is read from the outputs for values that mark one key each.
struct DroppingCall {
  /// The part, in training.
  let part: any PartModule
  /// The tensors of the call.
  let inputs: [String: Tensor]
  /// The weights in evaluation, `[…, S, T]`, if masks are read from them.
  let weights: Tensor?
  private let setting: Setting
  /// The rate at which each tensor is dropped, by the names of the naive form, in order.
  let rates: [(tensor: String, rate: Double)]
  private let drawn: [String: Tensor]

  /// The sites of a part and of the attention that it dispatches, in the order in which they act.
  static func sites(_ setting: Setting) throws -> [DropoutSite] {
    let own = DropoutSite.all(setting.claims)
    guard let inner = try (setting.part() as? MultiHeadDispatch)?.attention.claims else {
      return own
    }
    let nested = [DropoutSite(inner.dropout, in: "attention.")].compactMap(\.self)
    return nested + own.filter { site in !nested.contains { $0.key == site.key } }
  }

  /// - `rates`: the rate of each key that holds one; others are 0.
  init(_ setting: Setting, _ inputs: [String: Tensor], _ rates: [String: Double]) throws {
    self.setting = setting
    let sites = try Self.sites(setting).filter { rates[$0.key] ?? 0 > 0 }
    self.rates = sites.flatMap { site in site.tensors.map { ($0, rates[site.key] ?? 0) } }
    part = try setting.part(rates.mapValues { .number($0) })
    self.inputs = inputs
    let claims = setting.claims
    // Draws other than dropout stay those of this call.
    _ = try part.run(inputs)
    drawn = part.drawn
    if case .weights = claims.dropout, claims.linearInValue, claims.rowsSumToOne,
      claims.pattern != nil, claims.valueWidth == .free
    {
      weights = try Self.weights(part, inputs)
    } else {
      weights = nil
      // Others report the masks of all pairs where they compute all pairs.
      if claims.pattern != nil || part is MultiHeadDispatch { part.choosing?.path = .dense }
    }
    part.train()
  }

  /// The output of training after a seed.
  func output(_ seed: UInt64) throws -> Tensor {
    try start(seed)
    return try part.run(inputs)
  }

  /// What training keeps after a seed, 1 = kept, by the names of the naive form.
  ///
  /// - `asCalled`: whether values from which weights are read are as wide as those of the call, on
  ///   which the choice of an implementation may depend.
  func kept(_ seed: UInt64, asCalled: Bool = false) throws -> [String: Tensor] {
    if let weights {
      let dropped = try Self.weights(part, inputs, asCalled: asCalled) { try start(seed) }
      return ["weights": try (weights * 0.5 .< dropped).to(.float64)]
    }
    for dropout in part.dropouts { dropout.drawn = [] }
    _ = try output(seed)
    let masks = part.dropouts.flatMap { $0.drawn ?? [] }
    for dropout in part.dropouts { dropout.drawn = nil }
    guard masks.count == rates.count else {
      throw PartMistake(
        "dropout acted on \(masks.count) tensors, expected \(rates.count): "
          + rates.map(\.tensor).joined(separator: ", "))
    }
    return Dictionary(uniqueKeysWithValues: zip(rates.map(\.tensor), masks))
  }

  /// What the definition gives with what is kept scaled by 1/(1 − rate), and the rest 0.
  func expected(_ kept: [String: Tensor]) throws -> Tensor {
    var factors: [String: Tensor] = [:]
    for (tensor, rate) in rates {
      factors[tensor] =
        try rate < 1 ? kept.tensor(tensor) * (1 / (1 - rate)) : Tensor([0], shape: [])
    }
    return try setting.subject.naives.evaluate(part, inputs, dropped: factors)
  }

  private func start(_ seed: UInt64) throws {
    try part.reseed(seed)
    try part.inject(drawn)
  }

  /// The weights that a part gives the values, `[…, S, T]`.
  private static func weights(
    _ part: any PartModule, _ inputs: [String: Tensor], asCalled: Bool = false,
    _ start: () throws -> Void = {}
  ) throws -> Tensor {
    let name = part.signature.inputs[2].name
    let values = try inputs.tensor(name)
    let keys = values.size(-2)
    let width = asCalled ? values.size(-1) : keys
    let marks = try Tensor.identity(keys, values.dtype).padded([0, width])
    let columns = try stride(from: 0, to: keys, by: width).map { first in
      var call = inputs
      call[name] = try marks.slice(1, first..<first + width)
        .expanded(Array(values.shape.dropLast()) + [width]).contiguous()
      try start()
      return try part.run(call)
    }
    return try Tensor.cat(columns, -1).slice(-1, 0..<keys)
  }
}

extension Claims {
  /// The keys of the part itself that hold a rate of dropout.
  var dropoutKeys: [String] { DropoutSite.all(self).map(\.key) }
}

extension Subject {
  /// Why dropout cannot be judged, or nil.
  var withoutDropout: String? { dropoutKeys.isEmpty ? "no dropout" : withoutNaiveForm }
}
