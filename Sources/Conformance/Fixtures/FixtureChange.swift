internal import Foundation
internal import JSON
internal import Torch

/// How a fixture that waits for review differs from the stored one.
public struct FixtureChange: Sendable, CustomStringConvertible {
  /// The effect of accepting it.
  public enum Action: String, Sendable {
    /// A case is added.
    case added
    /// A case is replaced.
    case changed
    /// A case that is no longer declared is removed.
    case removed
  }

  /// The fixture.
  public let fixture: FixtureID
  /// The effect of accepting it.
  public let action: Action
  /// The fields of the recipe that differ, as `path: before → after`.
  public let fields: [String]
  /// The tensors that differ.
  public let tensors: [TensorChange]
  /// The laws that the part passed and failed in the last report; nil without one.
  public let laws: (passed: [String], failed: [String])?

  /// Whether values changed although nothing that determines them did.
  public var isUnexplained: Bool { action == .changed && fields.isEmpty && !tensors.isEmpty }

  /// A line about the case, then one for each field and tensor, and one about laws.
  public var description: String {
    var lines = ["\(fixture): \(action.rawValue)" + (isUnexplained ? ", unexplained" : "")]
    lines += fields.map { "  recipe \($0)" }
    lines += tensors.map { "  \($0)" }
    if let laws {
      let failed = laws.failed.isEmpty ? "" : ": \(laws.failed.joined(separator: ", "))"
      lines.append(
        "  laws in the last report: \(laws.passed.count) passed, \(laws.failed.count) failed\(failed)"
      )
    }
    return lines.joined(separator: "\n")
  }

  /// The paths at which two recipes differ, with both values.
  static func changedFields(from old: JSON, to new: JSON) -> [String] {
    let (before, after) = (leaves(old), leaves(new))
    return Set(before.keys).union(after.keys).sorted().compactMap { path in
      let (a, b) = (before[path], after[path])
      return a == b ? nil : "\(path): \(a ?? "absent") → \(b ?? "absent")"
    }
  }

  private static func leaves(_ json: JSON, _ path: String = "") -> [String: String] {
    guard let object = json.object, !object.isEmpty else { return [path: json.description] }
    return object.reduce(into: [:]) { found, pair in
      let inner = path.isEmpty ? pair.key : "\(path).\(pair.key)"
      found.merge(leaves(pair.value, inner)) { first, _ in first }
    }
  }
}

/// How a tensor of a fixture differs from an earlier one.
public struct TensorChange: Sendable, Hashable, CustomStringConvertible {
  /// Its name.
  public let name: String
  /// A difference in form: the tensor is added or removed, or has another shape or type.
  public let form: String?
  /// The largest difference.
  public let absolute: Double
  /// The largest difference as a share of the earlier value.
  public let relative: Double
  /// The largest difference in representable numbers between the two; 0 for other than floats.
  public let ulps: UInt64
  /// The share of elements that differ.
  public let share: Double

  /// The change between two versions of a tensor; nil if there is none.
  init?(_ name: String, from old: SafetensorsEntry?, to new: SafetensorsEntry?) throws {
    self.name = name
    guard let old, let new, old.dtype == new.dtype, old.shape == new.shape else {
      if old == nil, new == nil { return nil }
      func form(_ entry: SafetensorsEntry?) -> String {
        entry.map { "\($0.dtype.rawValue) \($0.shape)" } ?? "absent"
      }
      self.form = "\(form(old)) → \(form(new))"
      (absolute, relative, ulps, share) = (.infinity, .infinity, .max, 1)
      return
    }
    guard old.bytes != new.bytes else { return nil }
    form = nil
    let (a, b) = (try Tensor(old).doubles(), try Tensor(new).doubles())
    let type = DType(old.dtype)
    var (absolute, relative, ulps, count) = (0.0, 0.0, UInt64(0), 0)
    for (x, y) in zip(a, b) where x.bitPattern != y.bitPattern {
      count += 1
      let difference = Swift.abs(y - x)
      // A NaN on one side is an infinite difference.
      absolute = max(absolute, difference.isNaN ? .infinity : difference)
      relative = max(relative, difference.isNaN ? .infinity : difference / Swift.abs(x))
      ulps = max(ulps, type.isFloating ? Self.steps(x, y, type) : 0)
    }
    (self.absolute, self.relative, self.ulps) = (absolute, relative, ulps)
    share = Double(count) / Double(max(a.count, 1))
  }

  /// The number of representable numbers from one value to another.
  private static func steps(_ x: Double, _ y: Double, _ type: DType) -> UInt64 {
    func place(_ value: Double) -> Int64 {
      let bits: Int64 =
        type == .float64
        ? Int64(bitPattern: value.magnitude.bitPattern)
        : Int64(Float(value).magnitude.bitPattern)
      return value.sign == .minus ? -bits : bits
    }
    return (place(x).subtractingReportingOverflow(place(y)).partialValue).magnitude
  }

  /// Such as `output: 3 % of elements, at most 1.2e-09 absolute, 3e-08 relative, 12 ULP`.
  public var description: String {
    if let form { return "\(name): \(form)" }
    return "\(name): \(Self.short(share * 100)) % of elements, at most \(Self.short(absolute)) "
      + "absolute, \(Self.short(relative)) relative, \(ulps) ULP"
  }

  private static func short(_ value: Double) -> String { String(format: "%.2g", value) }
}
