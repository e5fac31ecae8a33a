// swift-tools-version: 6.2
import PackageDescription

// A package of its own: one part, judged by the zoo's laws. Two plugin lines, nothing else.
let package = Package(
  name: "CustomPart",
  dependencies: [.package(path: "../..")],
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
