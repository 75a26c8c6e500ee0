import Foundation
import TestSupport
import Testing

@testable import Nabla

/// The vector functions of generated Swift, compiled for every kind of vector that this machine has, against values in more
/// precision over the whole range.
@Suite struct VectorFunctionTests {
    @Test func everyFunctionOfTheLanguageHasAVectorFunction() {
        for row in FunctionTable.standard.rows {
            let kernel = VectorKernels.kernel(named: row.vectorKernel)
            #expect(kernel != nil, "\(row.name)")
            let tested = VectorReference.unary.map(\.name) + VectorReference.binary.map(\.name)
            #expect(tested.contains(row.vectorKernel), "\(row.name)")
        }
    }

    @Test func aClosureHasWhatItsFunctionsCallAndNoMore() {
        for scalar in SwiftScalar.allCases {
            for kernel in VectorKernels.all {
                let closure = VectorKernels.closure(of: [kernel.name])
                let names = closure.map(\.name)
                #expect(names.contains(kernel.name))
                // Whatever is called by a text is in the closure, and whatever is in the closure is called.
                let called = Set(closure.flatMap { Self.calls($0.lines(for: scalar)) })
                for other in VectorKernels.all where other.name != kernel.name {
                    #expect(names.contains(other.name) == called.contains(other.name), "\(kernel.name), \(other.name)")
                }
            }
        }
        #expect(VectorKernels.all.count > 40)
        #expect(Set(VectorKernels.all.map(\.name)).count == VectorKernels.all.count)
    }

    /// The unqualified names that a text calls: those before a parenthesis and after no point.
    private static func calls(_ lines: [String]) -> [String] {
        lines.filter { !$0.contains("// ") && !$0.contains("func ") }.flatMap { line -> [String] in
            let pieces = line.split(separator: "(", omittingEmptySubsequences: false).dropLast()
            return pieces.compactMap { piece in
                let name = String(piece.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "." }.reversed())
                return name.contains(".") ? nil : name
            }
        }
    }

    /// Names and texts do not depend on anything but the names asked for.
    @Test func theOrderOfTheNamesDoesNotMatter() {
        let names = ["gelu", "exp", "pow", "sin"]
        #expect(
            VectorKernels.lines(of: names, for: .float) == VectorKernels.lines(of: names.reversed(), for: .float))
        for scalar in SwiftScalar.allCases {
            let lines = VectorKernels.lines(of: VectorKernels.all.map(\.name), for: scalar)
            #expect(lines.allSatisfy { $0.count <= 140 }, "\(lines.filter { $0.count > 140 })")
        }
    }

    @Test(.timeLimit(.minutes(10))) func errorsAreAtMostTwoUnitsInTheLastPlace() throws {
        let unary = VectorReference.unary.map(\.name)
        let binary = VectorReference.binary.map(\.name)
        let program = try VectorProgram(unary: unary, binary: binary)
        defer { program.folder.remove() }
        let doubles = VectorExpectation<Double>()
        let floats = VectorExpectation<Float>()
        try doubles.write(to: program)
        try floats.write(to: program)
        // As debug builds do; the other builds follow.
        try program.compile(["-Onone"])
        for build in VectorProgram.Build.runnable {
            try program.compile(build.flags)
            try program.run()
            var report: [String] = []
            if VectorReference.judgesDouble { report += doubles.check(try program.results(Double.self), build) }
            report += floats.check(try program.results(Float.self), build)
            print(report.joined(separator: "\n"))
        }
    }
}
