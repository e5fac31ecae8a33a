internal import Foundation
internal import JSON
internal import Torch

extension NaiveForm {
  /// Logits − slope·|i − j|; later keys get nothing unless the bias has both directions.
  static let alibi = NaiveForm("alibi") { call in
    let logits = try call.input("logits")
    let heads = logits.size(1)
    let slopes = documentedSlopes(heads)
    let isBidirectional = call.bool("bidirectional", default: true)
    return try added(logits) { head, distance in
      distance > 0 && !isBidirectional ? 0 : -slopes[head] * Double(abs(distance))
    }
  }

  /// Logits plus the row of the distance's bucket.
  static let t5Relative = NaiveForm("t5_relative") { call in
    let buckets = DistanceBuckets(call.options)
    let logits = try call.input("logits")
    let rows = try call.parameter("weight").picked(
      0, pairs(logits).map { buckets.bucket($0) })
    let (queries, keys) = (logits.size(2), logits.size(3))
    return try logits
      + rows.transposed(0, 1).reshaped([logits.size(1), queries, keys])
  }

  /// The distances j − i of all pairs, row by row.
  private static func pairs(_ logits: Tensor) -> [Int] {
    let (queries, keys) = (logits.size(2), logits.size(3))
    return (0..<queries).flatMap { query in (0..<keys).map { $0 - query } }
  }

  private static func added(_ logits: Tensor, _ number: (Int, Int) -> Double) throws -> Tensor {
    let heads = 0..<logits.size(1)
    let numbers = heads.flatMap { head in pairs(logits).map { number(head, $0) } }
    return try logits
      + Tensor(numbers, shape: [heads.count, logits.size(2), logits.size(3)], dtype: logits.dtype)
  }
}

/// 2^(−8/P), 2^(−16/P), … for the largest power of two P up to H, then every second one for 2P.
func documentedSlopes(_ heads: Int) -> [Double] {
  let power = 1 << (Int.bitWidth - 1 - heads.leadingZeroBitCount)
  let first = (1...power).map { pow(2, -8 * Double($0) / Double(power)) }
  let between = stride(from: 1, to: 2 * power, by: 2).map {
    pow(2, -4 * Double($0) / Double(power))
  }
  return Array((first + between).prefix(heads))
}

/// The buckets of distances, found by where each begins.
struct DistanceBuckets {
  /// The number of buckets for a direction.
  let count: Int
  /// Whether later keys have buckets of their own.
  let isBidirectional: Bool
  private let longest: Int

  init(_ options: JSON) {
    isBidirectional = options["bidirectional"]?.bool ?? true
    count = (options["num_buckets"]?.int ?? 32) / (isBidirectional ? 2 : 1)
    longest = options["max_distance"]?.int ?? 128
  }

  /// The bucket of a distance j − i.
  func bucket(_ distance: Int) -> Int {
    let first = distance > 0 && isBidirectional ? count : 0
    let length = distance > 0 && !isBidirectional ? 0 : abs(distance)
    let exact = count / 2
    if length < exact { return first + length }
    let begun = (1..<count - exact).count { step in
      let share = Double(step) / Double(count - exact)
      let begin = Double(exact) * pow(Double(longest) / Double(exact), share)
      // Whole numbers at which a bucket begins may be off by a rounding.
      return Double(length) >= begin * (1 - 64 * Double.ulpOfOne)
    }
    return first + exact + begun
  }
}
