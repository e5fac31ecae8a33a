internal import Foundation

/// A learning rate that rises to a peak and falls again once, while beta1 does the opposite.
///
/// [Smith and Topin, 2017](https://arxiv.org/abs/1708.07120), with the values of PyTorch's
/// `OneCycleLR`: the rate begins at peak / 25 and ends at that / 10⁴; beta1 goes from 0.95 to 0.85 and
/// back.
public struct OneCycle: Sendable, Equatable {
  /// How values go from one to the next.
  public enum Anneal: String, Codable, Sendable, CaseIterable {
    /// Along a straight line.
    case linear
    /// Along half a period of a cosine.
    case cos
  }

  /// The largest learning rate.
  public let peak: Double
  /// The number of steps to it, 0 … steps.
  public let warmup: Int
  /// The number of steps in all.
  public let steps: Int
  /// How values change between those three points.
  public let anneal: Anneal

  /// Makes a schedule of so many steps; a warm-up outside of them is cut off.
  public init(peak: Double, warmup: Int, steps: Int, anneal: Anneal = .linear) {
    self.peak = peak
    self.warmup = min(max(warmup, 0), steps)
    self.steps = steps
    self.anneal = anneal
  }

  /// The values of a step, counted from 0; steps after the last have its values.
  public func callAsFunction(_ step: Int) -> (learningRate: Double, beta1: Double) {
    let (first, last) = (Double(warmup - 1), Double(steps - 1))
    let step = min(Double(step), last)
    let start = peak / 25
    if step <= first {
      let share = first > 0 ? step / first : 1
      return (between(start, peak, share), between(0.95, 0.85, share))
    }
    let share = (step - first) / (last - first)
    return (between(peak, start / 1e4, share), between(0.85, 0.95, share))
  }

  private func between(_ from: Double, _ to: Double, _ share: Double) -> Double {
    switch anneal {
    case .linear: from + (to - from) * share
    case .cos: to + (from - to) / 2 * (1 + Foundation.cos(.pi * share))
    }
  }
}
