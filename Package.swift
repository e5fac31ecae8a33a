// swift-tools-version: 6.2
import PackageDescription

// Where libtorch may be, in include/ and lib/. SwiftPM caches the result of this file, so it must
// not test whether a folder exists: it passes every candidate, and the compiler skips missing ones.
let root = Context.packageDirectory
let torch = [
  Context.environment["TORCH_DIR"],
  root + "/.torch",
  // As a dependency: the folder of the package that depends on this one.
  root.contains("/checkouts/") ? root + "/../../../.torch" : nil,
  Context.environment["HOME"].map { $0 + "/.cache/parts-zoo/torch" },
].compactMap { $0 }
let torchHeaders = torch.flatMap { folder in
  ["/include", "/include/torch/csrc/api/include"].flatMap { ["-isystem", folder + $0] }
}
let torchLibraries = torch.flatMap {
  ["-L" + $0 + "/lib", "-Xlinker", "-rpath", "-Xlinker", $0 + "/lib"]
}

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]
// What runs in every trial: unoptimized, it takes more than twice the time in debug builds.
let fast: [SwiftSetting] = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

// What other packages may import; each product has one target.
let libraries = [
  "JSON", "Torch", "Parts", "Properties", "PropertiesTesting", "Oracles", "Reporting",
  "Conformance", "ConformanceTesting", "ZooCommands",
]

let package = Package(
  name: "parts-zoo",
  products: libraries.map { Product.library(name: $0, targets: [$0]) } + [
    .plugin(name: "RegistryPlugin", targets: ["RegistryPlugin"]),
    .plugin(name: "ConformancePlugin", targets: ["ConformancePlugin"]),
    .executable(name: "zoo", targets: ["zoo"]),
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
      cxxSettings: [.headerSearchPath("gloo-forward"), .unsafeFlags(torchHeaders + ["-O2"])],
      linkerSettings: [
        .unsafeFlags(torchLibraries), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
      ]),
    .systemLibrary(
      name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    // libpng, and zlib under it.
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .target(name: "Support", swiftSettings: fast),
    .target(name: "Catalogue", swiftSettings: settings),
    .target(name: "JSON", swiftSettings: fast),
    .target(name: "Torch", dependencies: ["CTorch", "JSON", "Support"], swiftSettings: fast),
    .target(
      name: "Parts", dependencies: ["Torch", "JSON", "Catalogue", "Support"],
      swiftSettings: fast, plugins: ["RegistryPlugin"]),
    .target(
      name: "Properties", dependencies: ["CXXHash", "JSON", "Support"], swiftSettings: fast),
    .target(name: "PropertiesTesting", dependencies: ["Properties"], swiftSettings: settings),
    // Inputs for `zoo engine challenge` and the engine's tests; not a product.
    .target(name: "Challenges", dependencies: ["Properties"], swiftSettings: fast),
    .target(name: "Oracles", swiftSettings: fast),
    .target(
      name: "Reporting", dependencies: ["Catalogue", "JSON", "Support"], swiftSettings: settings),
    .target(
      name: "Conformance",
      dependencies: [
        "Torch", "Parts", "Properties", "Oracles", "Catalogue", "Reporting", "JSON", "Support",
      ],
      swiftSettings: fast),
    .target(
      name: "ConformanceTesting",
      dependencies: [
        "Catalogue", "Parts", "Properties", "Reporting", "Conformance", "PropertiesTesting",
      ],
      swiftSettings: settings),
    // A debug build runs its own generator, which would be 50 times slower unoptimised.
    .target(name: "Codegen", dependencies: ["Catalogue", "Support"], swiftSettings: fast),
    .executableTarget(
      name: "partsgen", dependencies: ["Codegen", "Support"], swiftSettings: settings),
    .target(name: "Charts", swiftSettings: settings),
    .target(
      name: "Benchmarking", dependencies: ["Torch", "JSON", "Parts", "Catalogue"],
      swiftSettings: settings),
    .target(
      name: "LongRangeArena",
      dependencies: [
        "Charts", "Torch", "Parts", "Catalogue", "JSON", "Support", "CXXHash", "CPNG",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: fast),
    .target(
      name: "ZooCommands",
      dependencies: [
        "Benchmarking", "Charts", "LongRangeArena", "Catalogue", "JSON", "Support", "Torch",
        "Parts", "Properties", "Challenges", "Oracles", "Reporting", "Conformance", "Codegen",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    .executableTarget(name: "zoo", dependencies: ["ZooCommands"], swiftSettings: settings),
    .plugin(name: "RegistryPlugin", capability: .buildTool(), dependencies: ["partsgen"]),
    .plugin(name: "ConformancePlugin", capability: .buildTool(), dependencies: ["partsgen"]),
    .testTarget(name: "SupportTests", dependencies: ["Support"], swiftSettings: settings),
    .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: settings),
    .testTarget(name: "TorchTests", dependencies: ["Torch", "JSON"], swiftSettings: settings),
    .testTarget(
      name: "PartsTests",
      dependencies: ["Parts", "Torch", "JSON", "Catalogue", "Properties", "PropertiesTesting"],
      swiftSettings: settings),
    .testTarget(
      name: "PropertiesTests", dependencies: ["Properties", "PropertiesTesting", "Challenges"],
      swiftSettings: settings),
    .testTarget(name: "OraclesTests", dependencies: ["Oracles"], swiftSettings: settings),
    .testTarget(
      name: "CodegenTests", dependencies: ["Codegen", "Catalogue"],
      swiftSettings: settings),
    .testTarget(
      name: "ReportingTests", dependencies: ["Reporting", "Catalogue", "JSON"],
      swiftSettings: settings),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Conformance", "Reporting", "Catalogue", "Parts", "Torch", "JSON", "Oracles", "Properties",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ConformanceTestingTests",
      dependencies: ["Catalogue", "Conformance", "ConformanceTesting"], swiftSettings: settings),
    .testTarget(
      name: "LongRangeArenaTests",
      dependencies: ["LongRangeArena", "Parts", "Catalogue", "Torch", "JSON"],
      swiftSettings: settings),
    // The command with attentions that crash, hang or take too much, for its tests.
    .executableTarget(
      name: "TroubledZoo", dependencies: ["ZooCommands", "Conformance", "Parts", "Torch"],
      path: "Tests/TroubledZoo", swiftSettings: settings),
    .testTarget(
      name: "ZooCommandsTests",
      dependencies: [
        "ZooCommands", "TroubledZoo", "Benchmarking", "Charts", "LongRangeArena", "Catalogue",
        "Codegen", "Reporting", "Conformance", "Parts", "Properties", "Torch", "JSON",
      ],
      exclude: ["Snapshots"], swiftSettings: settings),
    .testTarget(
      name: "PartSuites",
      dependencies: ["Parts", "Catalogue", "Conformance", "ConformanceTesting"],
      swiftSettings: settings, plugins: ["ConformancePlugin"]),
  ],
  cxxLanguageStandard: .cxx20
)
