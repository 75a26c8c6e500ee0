import Foundation
import Testing

@testable import Nabla

/// The points at which vector functions are tested, and what they should give there.
struct VectorExpectation<Scalar: BinaryFloatingPoint & SIMDScalar> where Scalar.RawSignificand: FixedWidthInteger {
    typealias Real = VectorReference.Real

    /// Points for functions of one argument.
    let points: [Scalar]
    /// Points for functions of two.
    let x: [Scalar]
    let y: [Scalar]
    private let exact: [(name: String, values: [Real])]

    init() {
        var random = SplitMix(state: 20_260_101)
        func uniform(_ low: Double, _ high: Double) -> Scalar {
            Scalar(low + (high - low) * Double(random.next() >> 11) / 9_007_199_254_740_992)
        }
        let specials: [Scalar] = [
            0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
            .leastNormalMagnitude,
            -.leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1, -1, 0.5, -0.5, 2, -2,
            .leastNormalMagnitude / 8, -.leastNormalMagnitude / 8,
        ]
        var points = specials
        // Every exponent, subnormal ones too.
        let isDouble = Scalar.significandBitCount == 52
        let lowest = Int(Scalar.leastNonzeroMagnitude.exponent)
        let highest = Int(Scalar.greatestFiniteMagnitude.exponent)
        for exponent in lowest...highest {
            for _ in 0..<(isDouble ? 1 : 8) {
                let power = Scalar(sign: .plus, exponent: Scalar.Exponent(exponent), significand: 1)
                points += [power * uniform(1, 2), -power * uniform(1, 2)]
            }
        }
        let bounds: [Double] = [0.1, 1.5, 6, 45, isDouble ? 760 : 110, isDouble ? 40 : 15]
        for bound in bounds {
            for _ in 0..<600 { points.append(uniform(-bound, bound)) }
        }
        // Where tanh and sigmoid are just below a power of two, what is lost before weighs most.
        for power in 1...20 {
            for _ in 0..<100 {
                let below = Double(sign: .plus, exponent: -power, significand: 1) * Double(uniform(0.97, 1))
                points += [Scalar(atanh(below)), Scalar(log(below / (1 - below)))]
            }
        }
        // Where the functions change their method, overflow or vanish, and near multiples of π/2 and of ln 2/2.
        var limits: [Double] = [
            0.41421356, 0.46875, 0.65, 1, 0.70710678, 1.41421356, 6, 10, 20, 26.5, 27.2, 28, 38.5, 39.5, 60, 88.72,
            89.41, 87.33,
            103.97, 104.5, 708.39, 709.78, 710.47, 745.13, 1.6e6, 12_000, 0x1p-27, 0x1p-54, 0x1p-12, 0x1p-25, 0x1p-26,
        ]
        for step in 1...60 {
            limits.append(Double(step) * Double.pi / 2)
            limits.append((Double(step) - 0.5) * 0.6931471805599453)
        }
        let large: [Double] = [355, 1e4, 103_993, 1e6, 1.5e6]
        for number in large {
            let quarters: Double = (number * 2 / Double.pi).rounded()
            limits.append(quarters * Double.pi / 2)
        }
        for limit in limits {
            let middle = Scalar(limit)
            for near in [middle.nextDown.nextDown, middle.nextDown, middle, middle.nextUp, middle.nextUp.nextUp] {
                points += [near, -near]
            }
        }
        while points.count % 16 != 0 { points.append(1) }

        var pairs: [(Scalar, Scalar)] = specials.flatMap { first in specials.map { (first, $0) } }
        let exponents: [Scalar] = [2, 3, -1, 0.5, -2.5, 17, 100.7, 1e-10, 12_345, 1e7, 1e30, -3]
        var bases: [Scalar] = specials
        for _ in 0..<40 { bases.append(uniform(-3, 3)) }
        for base in bases { pairs += exponents.map { (base, $0) } }
        for _ in 0..<3_000 { pairs.append((uniform(0, 30), uniform(-40, 40))) }
        // Powers of numbers near 1, whose results are in all of the range.
        for _ in 0..<2_000 { pairs.append((uniform(0.9, 1.1), uniform(-7_000, 7_000))) }
        for _ in 0..<1_000 { pairs.append((uniform(-20, 20), uniform(-9, 9).rounded())) }
        while pairs.count % 16 != 0 { pairs.append((1, 1)) }
        self.points = points
        let (x, y) = (pairs.map(\.0), pairs.map(\.1))
        self.x = x
        self.y = y
        var exact: [(name: String, values: [Real])] = []
        for row in VectorReference.unary {
            exact.append((row.name, points.map { (point: Scalar) -> Real in row.function(Real(point)) }))
        }
        for row in VectorReference.binary {
            exact.append((row.name, x.indices.map { (at: Int) -> Real in row.function(Real(x[at]), Real(y[at])) }))
        }
        self.exact = exact
    }

    func write(to program: VectorProgram) throws {
        try program.write(points, to: "points")
        try program.write(x, to: "x")
        try program.write(y, to: "y")
    }

    /// Compares; gives a line for each function with its greatest error.
    func check(_ results: [Scalar], _ build: VectorProgram.Build) -> [String] {
        var lines: [String] = []
        var start = 0
        for (name, values) in exact {
            guard start + values.count <= results.count else {
                Issue.record("\(results.count) results")
                return lines
            }
            let isUnary = values.count == points.count && VectorReference.unary.contains { $0.name == name }
            var worst: Real = 0
            var place = 0
            var complaints: [String] = []
            for (position, value) in values.enumerated() {
                let result = results[start + position]
                let error = VectorReference.error(result, value)
                if error > worst || error.isNaN { (worst, place) = (error, position) }
                // A zero has the sign of the scalar function's, an infinity and a NaN are where it has them.
                let isSame =
                    value.isNaN == result.isNaN && (value != 0 || result == 0 && result.sign == value.sign)
                    && (!value.isInfinite || Real(result) == value)
                if !isSame {
                    let arguments = isUnary ? "\(points[position])" : "\(x[position]), \(y[position])"
                    complaints.append("\(name)(\(arguments)) is \(result), not \(value)")
                }
            }
            let at = isUnary ? "\(points[place])" : "\(x[place]), \(y[place])"
            #expect(
                worst <= 2,
                "\(build), \(Scalar.self): \(name)(\(at)) is \(results[start + place]), not \(values[place])")
            #expect(complaints.isEmpty, "\(build), \(Scalar.self): \(complaints.prefix(5))")
            lines.append(
                "\(build), \(Scalar.self): \(name) is at most \(Double(worst)) ulp off, at \(at), of \(values.count) points"
            )
            start += values.count
        }
        #expect(start == results.count && start > 50_000)
        return lines
    }
}

/// Random bits (Steele, Lea and Flood's SplitMix).
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
