// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "nabla",
    products: [
        .library(name: "Nabla", targets: ["Nabla"]),
        .executable(name: "nabla", targets: ["NablaCommand"]),
    ],
    targets: [
        .target(name: "Nabla"),
        .executableTarget(name: "NablaCommand", dependencies: ["Nabla"]),
        // Fixtures, programs that tests run, diffs: for tests only.
        .target(name: "TestSupport", dependencies: ["Nabla"], path: "Tests/TestSupport"),
        .testTarget(name: "NablaTests", dependencies: ["Nabla", "TestSupport"]),
        .testTarget(name: "GoldenTests", dependencies: ["Nabla", "TestSupport"], exclude: ["Cases"]),
        .testTarget(name: "GeneratedCodeTests", dependencies: ["Nabla", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
