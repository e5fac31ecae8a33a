internal import JSON
internal import Parts
internal import Torch

extension Need {
  /// The part is defined as an Orthoformer attention.
  static let orthoformer = Need.definition("orthoformer")
  /// Landmarks are chosen to be orthogonal.
  static let orthogonalLandmarks = option("no orthogonal landmarks", "landmark_selection") {
    $0?.string == "orthogonal"
  }
  /// Landmarks are centroids.
  static let centroidLandmarks = option("no centroids as landmarks", "landmark_selection") {
    ["kmeans", "kmeans_spherical"].contains($0?.string)
  }
  /// Landmarks come from queries alone.
  static let queryLandmarks = option("keys as landmarks", "landmark_selection") {
    $0?.string != "random"
  }
}

/// Tokens of one item as plain numbers, for choices that are made again one by one.
struct LandmarkChoice {
  /// The tokens, each a row.
  let rows: [[Double]]

  /// The items of a tensor `[…, L, D]`.
  static func items(of tokens: Tensor) throws -> [LandmarkChoice] {
    let folded = try tokens.detached().folded()
    let (length, width) = (folded.size(1), folded.size(2))
    let numbers = try folded.doubles()
    return (0..<folded.size(0)).map { item in
      LandmarkChoice(
        rows: (0..<length).map { row in
          let start = (item * length + row) * width
          return Array(numbers[start..<start + width])
        })
    }
  }

  static func product(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  static func length(_ row: [Double]) -> Double { product(row, row).squareRoot() }

  /// A row of length 1; zeros stay.
  static func direction(_ row: [Double]) -> [Double] {
    let length = length(row)
    return length > 0 ? row.map { $0 / length } : row
  }

  static func mean(_ rows: [[Double]]) -> [Double] {
    rows[0].indices.map { channel in
      rows.reduce(0) { $0 + $1[channel] } / Double(rows.count)
    }
  }

  /// Of numbers the index of the smallest, the first of equals; nil where another that is not equal
  /// to the bit is too close to tell.
  static func smallest(_ numbers: [Double], among allowed: [Int]) -> Int? {
    guard let best = allowed.min(by: { numbers[$0] < numbers[$1] }) else { return nil }
    let isClear = allowed.allSatisfy {
      numbers[$0] == numbers[best] || numbers[$0] - numbers[best] > Threshold.choiceGap
    }
    return isClear ? best : nil
  }
}
