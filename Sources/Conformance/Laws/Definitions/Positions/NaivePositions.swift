internal import Foundation
internal import JSON
internal import Torch

/// The cosines and sines by which pairs of channels turn, `[S, D/2]`.
///
/// Angles grow with the position, so that no narrow type holds them: they are computed in double
/// precision and rounded once, which is part of the definition.
struct RotaryTable {
  private let cosine: Tensor
  private let sine: Tensor

  /// The table for tokens `[…, S, D]`.
  init(_ tokens: Tensor, base: Double = 10000, offset: Int = 0) throws {
    let (length, half) = (tokens.size(-2), tokens.size(-1) / 2)
    let angles = (0..<length * half).map { index in
      Double(index / half + offset) * pow(base, -Double(index % half) / Double(half))
    }
    cosine = try Tensor(angles.map { cos($0) }, shape: [length, half], dtype: tokens.dtype)
    sine = try Tensor(angles.map { sin($0) }, shape: [length, half], dtype: tokens.dtype)
  }

  /// Tokens with the pairs (c, c + D/2) turned.
  func turned(_ tokens: Tensor) throws -> Tensor {
    let half = tokens.size(-1) / 2
    let first = try tokens.slice(-1, 0..<half)
    let second = try tokens.slice(-1, half..<2 * half)
    return try Tensor.cat(
      [first * cosine - second * sine, second * cosine + first * sine], -1)
  }
}

extension NaiveForm {
  /// Queries and keys with pairs of channels turned, stacked.
  static let rotary = NaiveForm("rotary") { call in
    let (base, offset) = (call.options["base"]?.double ?? 10000, call.integer("offset", default: 0))
    func turned(_ name: String) throws -> Tensor {
      let tokens = try call.input(name)
      return try RotaryTable(tokens, base: base, offset: offset).turned(tokens)
    }
    return try Tensor.stack([turned("q"), turned("k")], 0)
  }

  /// x plus sines and cosines of the position, computed in double precision and rounded once.
  static let sine = NaiveForm("sine") { call in
    let tokens = try features(call)
    let (length, width) = (tokens.size(1), tokens.size(2))
    let table = (0..<length * width).map { index -> Double in
      let channel = index % width
      let angle = Double(index / width) * pow(10000, -2 * Double(channel / 2) / Double(width))
      return channel % 2 == 0 ? sin(angle) : cos(angle)
    }
    return try tokens + Tensor(table, shape: [length, width], dtype: tokens.dtype)
  }

  /// x plus a row for each position, after a token of the class.
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

  /// The features `[B, S, E]`; each number of `[B, S]` stands for E equal ones.
  private static func features(_ call: NaiveCall, width: Int? = nil) throws -> Tensor {
    let x = try call.input("x")
    guard x.rank == 2 else { return x }
    let channels = width ?? call.integer("dim_model", default: 1)
    return try x.unsqueezed(-1).expanded([-1, -1, channels])
  }
}
