#if FAULTS
  internal import Torch

  /// The softmax of an active fault or control, nil if none concerns it.
  ///
  /// Each is wrong in one thing only: where it is not about rows without keys, they give 0.
  func faultySoftmax(_ logits: Tensor, isMasked: Bool) throws -> Tensor? {
    // Nothing has no maximum.
    guard try logits.size(-1) > 0 else { return nil }
    let peak = try logits.maximum(-1, keep: true)
    let finitePeak = try peak.filled(0, where: peak.equals(-.infinity))
    if Fault.isActive(.softmaxNoMax) { return try normalized(logits.exp(), peak) }
    if Fault.isActive(.softmaxGlobalMax) {
      return try normalized((logits - finitePeak.maximum()).exp(), peak)
    }
    if Fault.isActive(.softmaxEpsilon) {
      return try normalized((logits - finitePeak).exp(), peak, excess: 1e-3)
    }
    if Fault.isActive(.lossyProbabilities) {
      return try logits.safeSoftmax(-1).to(.bfloat16).to(logits.dtype)
    }
    if Fault.isActive(.emptyRowNaN) { return try logits.softmax(-1) }
    if Fault.isActive(.gradNoRowSum) {
      let weights = try logits.safeSoftmax(-1).detached()
      // The value of the softmax with the derivative P · dP.
      let moves = try logits - logits.detached()
      return try weights + weights * moves.filled(0, where: moves.isNaN())
    }
    return try control(logits.to(.float64))?.to(logits.dtype)
  }

  /// The softmax of an active control, which sums in double precision as kernels do in single.
  private func control(_ logits: Tensor) throws -> Tensor? {
    let peak = try logits.maximum(-1, keep: true)
    let finitePeak = try peak.filled(0, where: peak.equals(-.infinity))
    if Fault.isActive(.controlBaseTwo) {
      let (folded, unfolded) = (1 / 0.6931471805599453, 0.6931471805599453)
      let powers = try (logits * folded - finitePeak * folded) * unfolded
      return try normalized(powers.exp(), peak)
    }
    if Fault.isActive(.controlNoMaxBelowTen) {
      // A row needs no maximum where its visible logits are small.
      let visible = try logits.filled(0, where: logits.equals(-.infinity))
      let isSmall = try visible.abs().maximum(-1, keep: true) .< 10
      return try normalized((logits - isSmall.select(finitePeak * 0, else: finitePeak)).exp(), peak)
    }
    return nil
  }

  /// Powers over their sum, with zeros in rows that have nothing but −∞.
  private func normalized(_ powers: Tensor, _ peak: Tensor, excess: Double = 0) throws -> Tensor {
    let sum = try powers.sum(-1, keep: true) + excess
    return try powers / sum.filled(1, where: peak.equals(-.infinity))
  }
#endif
