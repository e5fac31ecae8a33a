/// The slope of a function of one number at 0, from values around it.
struct CentralDifference {
  /// How far to each side the function is evaluated.
  private static let step = 1e-6

  /// The slope.
  let slope: Double
  /// False near a kink, and where the difference has not converged.
  ///
  /// It depends only on values of the function, so a wrong derivative cannot excuse itself.
  let isSmooth: Bool

  /// Evaluates a function at five places.
  init(_ function: (Double) throws -> Double) rethrows {
    let center = try function(0)
    func sides(_ step: Double) throws -> (left: Double, right: Double) {
      ((center - (try function(-step))) / step, (try function(step) - center) / step)
    }
    let (near, far) = (try sides(Self.step), try sides(2 * Self.step))
    slope = (near.left + near.right) / 2
    // What a kink leaves of the difference of the sides; curvature cancels.
    let kink = 2 * (near.right - near.left) - (far.right - far.left)
    let drift = (far.left + far.right) / 2 - slope
    // The analytic slope at a kink is one of its sides, at most half of it away.
    let bound = Tolerance.derivative.bound(slope) / 2
    isSmooth = abs(kink) <= bound && abs(drift) <= bound
  }
}
