// swift-tools-version: 6.2
import PackageDescription

// A separate package with one part, which the zoo's laws judge; it takes only the two plugins.
let package = Package(
  name: "CustomPart",
  dependencies: [.package(name: "parts-zoo", path: "../..")],
  targets: [
    .target(
      name: "CustomParts",
      dependencies: [
        .product(name: "Parts", package: "parts-zoo"),
        .product(name: "Torch", package: "parts-zoo"),
        .product(name: "Oracles", package: "parts-zoo"),
      ],
      plugins: [.plugin(name: "RegistryPlugin", package: "parts-zoo")]),
    .executableTarget(
      name: "custom-zoo",
      dependencies: ["CustomParts", .product(name: "ZooCommands", package: "parts-zoo")]),
    .testTarget(
      name: "CustomPartsTests",
      dependencies: [
        "CustomParts", .product(name: "ConformanceTesting", package: "parts-zoo"),
      ],
      plugins: [.plugin(name: "ConformancePlugin", package: "parts-zoo")]),
  ]
)
