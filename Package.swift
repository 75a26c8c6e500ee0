// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "nabla",
    products: [
        .library(name: "Nabla", targets: ["Nabla"]),
        .executable(name: "nabla", targets: ["NablaCommand"]),
        // The same under its target's name, by which alone SwiftPM lets a plugin of this package find it.
        .executable(name: "NablaCommand", targets: ["NablaCommand"]),
        .executable(name: "nabla-bench", targets: ["NablaBench"]),
        .plugin(name: "NablaPlugin", targets: ["NablaPlugin"]),
    ],
    targets: [
        .target(name: "Nabla"),
        .executableTarget(name: "NablaCommand", dependencies: ["Nabla"]),
        // Benchmarks: timings are no tests.
        .executableTarget(name: "NablaBench", dependencies: ["Nabla"], exclude: ["Peers", "Specs"]),
        .plugin(
            name: "NablaPlugin", capability: .buildTool(), dependencies: ["NablaCommand"], path: "Sources/NablaPlugin"),
        .executableTarget(
            name: "Digits", path: "Examples/Digits", exclude: ["CREDITS.md"], resources: [.copy("digits.csv")],
            plugins: ["NablaPlugin"]),
        // Fixtures, programs that tests run, diffs: for tests only.
        .target(name: "TestSupport", dependencies: ["Nabla"], path: "Tests/TestSupport"),
        .testTarget(name: "NablaTests", dependencies: ["Nabla", "TestSupport"]),
        .testTarget(name: "GoldenTests", dependencies: ["Nabla", "TestSupport"], exclude: ["Cases"]),
        .testTarget(name: "GeneratedCodeTests", dependencies: ["Nabla", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
