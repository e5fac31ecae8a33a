// swift-tools-version: 6.2
import PackageDescription

// A package that takes the property engine and nothing else: no tensors, no libtorch.
let package = Package(
  name: "Intervals",
  dependencies: [.package(path: "../..")],
  targets: [
    .target(name: "Intervals"),
    .testTarget(
      name: "IntervalsTests",
      dependencies: [
        "Intervals",
        .product(name: "Properties", package: "parts-zoo"),
        .product(name: "PropertiesTesting", package: "parts-zoo"),
      ],
      exclude: ["Regressions"]),
  ]
)
