import Foundation
import TestSupport
import Testing

@testable import Nabla

/// The emitted product kernels against plain loops: every remainder, every form, every flag that this machine has.
@Suite struct ProductKernelTests {
    /// What a target has, and the flags by which emitted text learns of it.
    struct Target: Sendable, CustomStringConvertible {
        var scalar: SwiftScalar
        var name: String
        var flags: [String]
        var isSanitized = false

        var description: String { "\(scalar), \(name)\(isSanitized ? ", sanitized" : "")" }

        static var all: [Target] {
            let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
            var sets: [(String, [String])] = [("no flag", [])]
            if processor.contains(" fma ") && processor.contains(" avx2 ") {
                sets.append(("FMA", ["-DNABLA_FMA", "-Xcc", "-march=x86-64-v3"]))
            }
            if processor.contains(" avx512f ") && processor.contains(" avx512vl ") {
                sets.append(("AVX-512", ["-DNABLA_AVX512", "-Xcc", "-march=x86-64-v4"]))
            }
            var targets: [Target] = []
            for scalar in SwiftScalar.allCases {
                for (name, flags) in sets {
                    targets.append(Target(scalar: scalar, name: name, flags: flags))
                }
            }
            // The sanitizer sees the widest vectors of one type and the narrowest of the other.
            let widest = sets[sets.count - 1]
            targets.append(Target(scalar: .float, name: widest.0, flags: widest.1, isSanitized: true))
            targets.append(Target(scalar: .double, name: sets[0].0, flags: sets[0].1, isSanitized: true))
            return targets
        }
    }

    @Test(arguments: Target.all) func productsAreThoseOfPlainLoops(target: Target) throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let kernels =
            ["fileprivate typealias Scalar = \(target.scalar)"]
            + VectorKernels.lines(
                of: ["productLeftTriangle", "productRightTriangle", "productOntoTriangle"], for: target.scalar) + [""]
        let file = try folder.write(kernels.joined(separator: "\n") + ProductProgram.text, to: "products.swift")
        let binary = folder.url.appendingPathComponent("products").path
        let sanitizer = target.isSanitized ? ["-sanitize=address", "-use-ld=lld"] : []
        let arguments = ["swiftc", "-O", "-swift-version", "6", "-parse-as-library", "-warnings-as-errors"]
        let compiled = try Command(arguments + target.flags + sanitizer + ["-o", binary, file.path]).run(seconds: 600)
        try #require(compiled.status == 0, "\(compiled.output.prefix(2_000))")
        let ran = try Command([binary, target.isSanitized ? "7" : "3"]).run(seconds: 600)
        #expect(ran.status == 0, "\(ran.output.prefix(2_000))")
        let counts = ran.output.split(separator: "\n").last?.split(separator: " ") ?? []
        try #require(counts.count == 6, "\(ran.output.prefix(2_000))")
        #expect(counts[5] == "0", "\(ran.output.prefix(2_000))")
        #expect((Int(counts[1]) ?? 0) >= (target.isSanitized ? 1_000 : 3_000))
    }
}
