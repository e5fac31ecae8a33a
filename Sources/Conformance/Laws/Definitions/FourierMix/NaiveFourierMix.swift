internal import Foundation
internal import Torch

extension NaiveForm {
  /// Re(F_S x F_E) with the matrices of two discrete Fourier transforms.
  static let fourierMix = NaiveForm("fourier_mix") { call in
    let x = try call.input("q")
    func matrix(_ size: Int, _ wave: (Double) -> Double) throws -> Tensor {
      let values = (0..<size * size).map { index in
        wave(2 * .pi * Double(index / size * (index % size) % size) / Double(size))
      }
      return try Tensor(values, shape: [size, size], dtype: x.dtype)
    }
    let (tokens, channels) = (x.size(1), x.size(2))
    let even = try matrix(tokens, cos).matmul(x).matmul(matrix(channels, cos))
    let odd = try matrix(tokens, sin).matmul(x).matmul(matrix(channels, sin))
    return try even - odd
  }
}
