internal import Foundation

extension Double {
  /// The natural logarithm.
  var logarithm: Double { Foundation.log(self) }
}
