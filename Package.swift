// swift-tools-version: 6.2
import PackageDescription

// Where libtorch may be; each has include/ and lib/. SwiftPM caches what this file computes, so it
// must not look whether a folder exists: every candidate is passed on, the compiler skips the rest.
let root = Context.packageDirectory
let torch = [
  Context.environment["TORCH_DIR"],
  root + "/.torch",
  // In a checkout, the folder of the package that depends on this one.
  root.contains("/checkouts/") ? root + "/../../../.torch" : nil,
  Context.environment["HOME"].map { $0 + "/.cache/parts-zoo/torch" },
].compactMap { $0 }
let torchHeaders = torch.flatMap { ["-isystem", $0 + "/include"] }
let torchLibraries = torch.flatMap {
  ["-L" + $0 + "/lib", "-Xlinker", "-rpath", "-Xlinker", $0 + "/lib"]
}

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]
// Scalar loops of generators and oracles run in every trial; in debug builds they would dominate.
let fast: [SwiftSetting] = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

// What other packages may import, each a product of one target.
let libraries = [
  "Torch", "Parts", "Properties", "PropertiesTesting", "Oracles", "Conformance",
  "ConformanceTesting", "ZooCommands",
]

let package = Package(
  name: "parts-zoo",
  products: libraries.map { Product.library(name: $0, targets: [$0]) } + [
    .plugin(name: "RegistryPlugin", targets: ["RegistryPlugin"]),
    .plugin(name: "ConformancePlugin", targets: ["ConformancePlugin"]),
    .executable(name: "zoo", targets: ["zoo"]),
  ],
  traits: [
    .trait(name: "Faults", description: "Compiles the seeded faults in, for `zoo faults run`.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
  ],
  targets: [
    .target(
      name: "CTorch",
      cxxSettings: [.unsafeFlags(torchHeaders + ["-O2"])],
      linkerSettings: [
        .unsafeFlags(torchLibraries), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
      ]),
    .systemLibrary(
      name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .target(name: "Catalogue", swiftSettings: settings),
    .target(name: "Torch", dependencies: ["CTorch"], swiftSettings: settings),
    .target(
      name: "Parts", dependencies: ["Torch", "Catalogue"],
      swiftSettings: settings + [.define("FAULTS", .when(traits: ["Faults"]))],
      plugins: ["RegistryPlugin"]),
    .target(name: "Properties", dependencies: ["CXXHash"], swiftSettings: fast),
    .target(name: "PropertiesTesting", dependencies: ["Properties"], swiftSettings: settings),
    .target(name: "Oracles", swiftSettings: fast),
    .target(
      name: "Conformance",
      dependencies: ["Torch", "Parts", "Properties", "Oracles", "Catalogue", "CXXHash"],
      swiftSettings: settings),
    .target(
      name: "ConformanceTesting",
      dependencies: ["Catalogue", "Parts", "Properties", "Conformance", "PropertiesTesting"],
      swiftSettings: settings),
    // A build runs the generator as it was built, and in debug that would be 50 times slower.
    .target(name: "Codegen", dependencies: ["Catalogue"], swiftSettings: fast),
    .executableTarget(name: "partsgen", dependencies: ["Codegen"], swiftSettings: settings),
    .target(name: "Benchmarking", dependencies: ["Torch", "Parts"], swiftSettings: settings),
    .target(
      name: "ZooCommands",
      dependencies: [
        "Benchmarking", "Catalogue", "Torch", "Parts", "Properties", "Oracles", "Conformance",
        "Codegen",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings + [.define("FAULTS", .when(traits: ["Faults"]))]),
    .executableTarget(name: "zoo", dependencies: ["ZooCommands"], swiftSettings: settings),
    .plugin(name: "RegistryPlugin", capability: .buildTool(), dependencies: ["partsgen"]),
    .plugin(name: "ConformancePlugin", capability: .buildTool(), dependencies: ["partsgen"]),
    .testTarget(name: "TorchTests", dependencies: ["Torch"], swiftSettings: settings),
    .testTarget(
      name: "PartsTests",
      dependencies: ["Parts", "Torch", "Catalogue", "Properties", "PropertiesTesting"],
      swiftSettings: settings),
    .testTarget(
      name: "PropertiesTests", dependencies: ["Properties", "PropertiesTesting"],
      swiftSettings: settings),
    .testTarget(name: "OraclesTests", dependencies: ["Oracles"], swiftSettings: settings),
    .testTarget(
      name: "CodegenTests", dependencies: ["Codegen", "Catalogue", "Properties"],
      swiftSettings: settings),
    .testTarget(
      name: "KitTests",
      dependencies: ["Conformance", "Catalogue", "Parts", "Torch", "Oracles", "Properties"],
      swiftSettings: settings),
    .testTarget(
      name: "ZooTests",
      dependencies: ["ZooCommands", "Catalogue", "Conformance", "Parts", "Properties", "Torch"],
      exclude: ["Snapshots"], swiftSettings: settings),
    .testTarget(
      name: "ConformanceTests",
      dependencies: ["Parts", "Catalogue", "Conformance", "ConformanceTesting"],
      swiftSettings: settings, plugins: ["ConformancePlugin"]),
  ],
  cxxLanguageStandard: .cxx20
)
