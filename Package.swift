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
        .testTarget(name: "NablaTests", dependencies: ["Nabla"]),
    ],
    swiftLanguageModes: [.v6]
)
