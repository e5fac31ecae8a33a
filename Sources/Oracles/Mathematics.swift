// The only file of this target with an import, that of the C mathematics library.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// e to the power of `x`.
func exponential(_ x: Double) -> Double { exp(x) }

/// The sine of an angle in radians.
func sineOf(_ angle: Double) -> Double { sin(angle) }

/// The cosine of an angle in radians.
func cosineOf(_ angle: Double) -> Double { cos(angle) }

/// The error function, 2/√π · ∫₀ˣ exp(−t²) dt.
func errorFunction(_ x: Double) -> Double { erf(x) }

/// A base raised to a real exponent.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// The natural logarithm.
func logarithm(_ x: Double) -> Double { log(x) }
