internal import Foundation
internal import JSON
internal import Oracles
internal import Torch

/// The cosines and sines that turn pairs of channels, `[S, d/2]`.
///
/// Angles grow with the position beyond the precision of narrow types; as part of the definition,
/// they are computed in double precision and rounded once.
struct RotaryTable {
  private let cosine: Tensor
  private let sine: Tensor
  private let width: Int
  private let isInterleaved: Bool

  /// The table for tokens `[…, S, D]`, by the options of the definition.
  ///
  /// - Parameters:
  ///   - rows: which tokens these are, of the whole call; by default all of them.
  ///   - length: the tokens of the whole call.
  init(
    _ tokens: Tensor, _ options: JSON = [:], _ rows: Range<Int>? = nil, of length: Int? = nil
  ) throws {
    width = options["rotary_dim"]?.int ?? tokens.size(-1)
    isInterleaved = options["interleaved"]?.bool ?? false
    let (offset, rows) = (options["offset"]?.int ?? 0, rows ?? 0..<tokens.size(-2))
    let form = try RotaryAngles(
      OracleCall(options: OracleOption.group(of: options)), width: width,
      length: offset + (length ?? rows.upperBound))
    let angles = rows.flatMap { token in
      form.frequencies.map { Double(token + offset) * $0 }
    }
    let shape = [rows.count, width / 2]
    cosine = try Tensor(
      angles.map { form.magnitude * cos($0) }, shape: shape, dtype: tokens.dtype)
    sine = try Tensor(
      angles.map { form.magnitude * sin($0) }, shape: shape, dtype: tokens.dtype)
  }

  /// Tokens with their pairs of channels turned.
  func turned(_ tokens: Tensor) throws -> Tensor {
    let half = width / 2
    let lefts = (0..<half).map { isInterleaved ? 2 * $0 : $0 }
    let rights = lefts.map { $0 + (isInterleaved ? 1 : half) }
    let (first, second) = try (tokens.picked(-1, lefts), tokens.picked(-1, rights))
    let rest = try tokens.slice(-1, width..<tokens.size(-1))
    let parts = try [first * cosine - second * sine, second * cosine + first * sine, rest]
    let channels = lefts + rights + Array(width..<tokens.size(-1))
    // Back to where the channels were.
    return try Tensor.cat(parts, -1)
      .picked(-1, channels.indices.sorted { channels[$0] < channels[$1] })
  }
}

extension NaiveForm {
  /// Queries and keys with pairs of channels turned, stacked.
  static let rotary = NaiveForm("rotary") { call in
    let turned = try ["q", "k"].map { name in
      let tokens = try call.input(name)
      return try RotaryTable(tokens, call.options).turned(tokens)
    }
    return try Tensor.stack(turned, 0)
  }

  /// x plus sines and cosines of the position, computed in double precision and rounded once.
  static let sine = NaiveForm("sine") { call in
    let tokens = try features(call)
    return try tokens + sineTable(like: tokens)
  }

  /// The table that `sine` adds to tokens `[B, S, E]`, from some position on.
  static func sineTable(like tokens: Tensor, start: Int = 0) throws -> Tensor {
    let (length, width) = (tokens.size(1), tokens.size(2))
    let table = (0..<length * width).map { index -> Double in
      let channel = index % width
      let angle =
        Double(start + index / width) * pow(10000, -2 * Double(channel / 2) / Double(width))
      return channel % 2 == 0 ? sin(angle) : cos(angle)
    }
    return try Tensor(table, shape: [length, width], dtype: tokens.dtype)
  }

  /// x plus a row for each position, after the class token.
  static let learnable = NaiveForm("learnable") { call in
    let table = try call.parameter("table")
    let rows = try table.reshaped([table.size(-2), table.size(-1)])
    var tokens = try features(call, width: rows.size(1))
    if call.bool("add_class_token", default: false) {
      let token = try call.parameter("class_token").reshaped([1, 1, -1])
      tokens = try Tensor.cat([token.expanded([tokens.size(0), -1, -1]), tokens], 1)
    }
    return try tokens + rows.slice(0, 0..<tokens.size(1))
  }

  /// The row of each word plus the row of its position.
  static let vocab = NaiveForm("vocab") { call in
    let indices = try call.input("x")
    let words = try call.parameter("word").picked(0, indices.integers())
    return try words.reshaped(indices.shape + [-1])
      + call.parameter("position").slice(0, 0..<indices.size(1))
  }

  /// The features `[B, S, E]`; a number in `[B, S]` is repeated E times.
  private static func features(_ call: NaiveCall, width: Int? = nil) throws -> Tensor {
    let x = try call.input("x")
    guard x.rank == 2 else { return x }
    let channels = width ?? call.integer("dim_model", default: 1)
    return try x.unsqueezed(-1).expanded([-1, -1, channels])
  }
}
