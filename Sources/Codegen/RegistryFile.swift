import Catalogue

/// The text of the file that lists the parts of one module.
///
/// Each entry takes the source location of its annotation, so a type that is not such a part is an
/// error there, and so is a failure of its laws.
/// - Parameter annotations: the annotations of the module, in any order.
public func registryFile(module: String, annotations: [Annotation]) -> String {
  let annotations = annotations.sorted()
  let inputs = annotations.map {
    "\($0.kind.rawValue) \($0.name) \($0.type) \($0.config) \($0.summary)\n"
  }
  var text = generatedHeader(
    count: annotations.count, inputs: fingerprint("\(module)\n\(inputs.joined())"))
  if module != "Parts" { text += "\npublic import Parts\n" }
  let names = annotations.indices.map { "entry\($0)" }.joined(separator: ", ")
  text += """

    /// The parts that this module registers.
    public enum \(module)Registry {
      /// The parts, sorted by kind and name.
      public static let entries: [PartEntry] = [\(names)]

    """
  for (index, part) in annotations.enumerated() {
    let arguments = [
      swiftLiteral(part.name), "\(part.type).self", "\(part.config).self",
      "summary: \(swiftLiteral(part.summary))",
    ]
    text += """

        #sourceLocation(file: \(swiftLiteral(part.path)), line: \(part.line))
        private static let entry\(index) = PartEntry.\(part.kind)(\(arguments.joined(separator: ", ")))
        #sourceLocation()

      """
  }
  return text + "}\n"
}
