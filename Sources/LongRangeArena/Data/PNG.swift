internal import CPNG

/// A picture of grey values, row by row.
struct GreyPicture: Sendable, Equatable {
  var width: Int
  var height: Int
  var pixels: [UInt8]

  /// The grey value of a colour in the arena: `floor(weighted sum / 255 * 255.5)`.
  static func grey(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let sum = 0.2989 * Double(red) + 0.5870 * Double(green) + 0.1140 * Double(blue)
    return UInt8(sum / 255 * 255.5)
  }

  /// The picture in the middle of a larger square, whose other pixels are 0; nil if it is too large.
  func centred(inSide side: Int) -> [UInt8]? {
    guard width <= side, height <= side else { return nil }
    var result = [UInt8](repeating: 0, count: side * side)
    let (top, left) = ((side - height) / 2, (side - width) / 2)
    for row in 0..<height {
      let start = (top + row) * side + left
      result.replaceSubrange(
        start..<start + width, with: pixels[row * width..<(row + 1) * width])
    }
    return result
  }
}

// libpng rather than Foundation, which has no pictures on Linux.
extension GreyPicture {
  /// Reads a PNG of any kind; colours become grey.
  ///
  /// - Parameters:
  ///   - side: the largest width and height.
  ///   - path: the file, for messages.
  init(png bytes: UnsafeRawBufferPointer, side: Int, path: String) throws {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
      throw Self.problem(image, path)
    }
    guard image.width <= side, image.height <= side else {
      throw ArenaError(
        "\(path) has \(image.width) × \(image.height) pixels, expected at most \(side) × \(side)")
    }
    let isColored = image.format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0
    image.format = isColored ? UInt32(PNG_FORMAT_FLAG_COLOR) : 0
    let channels = isColored ? 3 : 1
    width = Int(image.width)
    height = Int(image.height)
    var values = [UInt8](repeating: 0, count: width * height * channels)
    guard png_image_finish_read(&image, nil, &values, 0, nil) != 0 else {
      throw Self.problem(image, path)
    }
    pixels =
      isColored
      ? stride(from: 0, to: values.count, by: 3).map {
        Self.grey(values[$0], values[$0 + 1], values[$0 + 2])
      } : values
  }

  /// The picture as an 8-bit grey PNG.
  func png() throws -> [UInt8] {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    image.width = UInt32(width)
    image.height = UInt32(height)
    // More than any picture needs: its rows as they are, and the chunks around them.
    var size = png_alloc_size_t(2 * pixels.count + 4096)
    var bytes = [UInt8](repeating: 0, count: size)
    guard png_image_write_to_memory(&image, &bytes, &size, 0, pixels, 0, nil) != 0 else {
      throw Self.problem(image, "a picture")
    }
    return Array(bytes.prefix(size))
  }

  private static func problem(_ image: png_image, _ path: String) -> ArenaError {
    let message = withUnsafeBytes(of: image.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return ArenaError("\(path) is not a readable PNG: \(message)")
  }
}
