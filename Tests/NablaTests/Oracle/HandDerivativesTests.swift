import Foundation
import Testing

@testable import Nabla

/// The oracle itself: its derivatives against Richardson-extrapolated differences of its values.
@Suite struct HandDerivativesTests {
    private static func argument(_ name: String, _ generator: inout SeededGenerator) -> Double {
        switch name {
        case "log", "sqrt": Double.random(in: 0.2...3, using: &generator)
        case "log1p": Double.random(in: -0.8...3, using: &generator)
        case "asin", "acos": Double.random(in: -0.9...0.9, using: &generator)
        case "tan": Double.random(in: -1.2...1.2, using: &generator)
        default: Double.random(in: -3...3, using: &generator)
        }
    }

    /// (4 D(h/2) − D(h)) / 3 for the central difference D: an error of the order h⁴.
    private static func slope(_ function: (Double) -> Double, at x: Double) -> Double {
        let step = 1e-3
        func central(_ h: Double) -> Double { (function(x + h) - function(x - h)) / (2 * h) }
        return (4 * central(step / 2) - central(step)) / 3
    }

    @Test func everyFunctionOfTheTableIsKnown() {
        #expect(Set(FunctionTable.standard.names) == HandDerivatives.names)
    }

    @Test func derivativesAreTheSlopesOfTheValues() throws {
        var generator = SeededGenerator(state: 11)
        var compared: [String: Int] = [:]
        for name in HandDerivatives.names.sorted() {
            for _ in 0..<200 {
                let isBinary = HandDerivatives.apply(name, [0.5]) == nil
                var arguments = [Self.argument(name, &generator)]
                if isBinary { arguments.append(Self.argument(name, &generator)) }
                if name == "pow" { arguments[0] = abs(arguments[0]) + 0.2 }
                let result = try #require(HandDerivatives.apply(name, arguments))
                guard result.distanceToKink > 0.01 else { continue }
                for position in arguments.indices {
                    let numeric = Self.slope(
                        { value in
                            var moved = arguments
                            moved[position] = value
                            return HandDerivatives.apply(name, moved)?.value ?? .nan
                        }, at: arguments[position])
                    let exact = result.partials[position]
                    #expect(abs(exact - numeric) < 1e-7 * max(1, abs(exact)), "\(name) at \(arguments)")
                }
                compared[name, default: 0] += 1
            }
        }
        for name in HandDerivatives.names { #expect(compared[name, default: 0] > 100, "\(name)") }
    }

    /// language.md, "At a kink the derivative is the one the field uses".
    @Test func conventionsAtKinks() throws {
        let partials: (String, Double...) throws -> [Double] = { name, arguments in
            try #require(HandDerivatives.apply(name, arguments)).partials
        }
        #expect(try partials("relu", 0) == [0])
        #expect(try partials("abs", 0) == [0])
        #expect(try partials("sign", 0) == [0])
        #expect(try partials("heaviside", 0) == [0])
        #expect(try partials("leakyrelu", 0, 0.1) == [0.1, 0])
        #expect(try partials("elu", 0, 1.5) == [1.5, 0])
        #expect(try partials("hypot", 0, 0) == [0, 0])
        #expect(try partials("max", 2, 2) == [1, 0])
        #expect(try partials("min", 2, 2) == [1, 0])
        #expect(try partials("max", 1, 2, 2) == [0, 1, 0])
        #expect(try partials("pow", 0, 2)[1] == 0)
    }
}
