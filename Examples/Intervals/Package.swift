// swift-tools-version: 6.2
import PackageDescription

// A package that uses only the property engine: no tensors, no libtorch.
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
