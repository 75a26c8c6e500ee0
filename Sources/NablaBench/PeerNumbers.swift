import Foundation

/// The numbers of a problem, the same for every peer, and what a peer makes of them.
enum PeerNumbers {
    /// Three counts, then parameters, `x` and `y`, all as Double; always the same numbers.
    static func input(_ problem: PeerProblem) -> Data {
        var state: UInt64 = 20
        func uniform() -> Double {
            // SplitMix64.
            state &+= 0x9e37_79b9_7f4a_7c15
            var bits = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
            return Double((bits ^ (bits >> 31)) >> 11) / 9_007_199_254_740_992
        }
        func draw(_ numbers: PeerProblem.Numbers, times: Int = 1) -> [Double] {
            (0..<numbers.count * times).map { _ in numbers.low + uniform() * (numbers.high - numbers.low) }
        }
        let parameters = problem.parameters.flatMap { draw($0) }
        let x = draw(problem.x, times: problem.batch)
        let y = draw(problem.y, times: problem.batch)
        let all = [Double(parameters.count), Double(x.count), Double(y.count)] + parameters + x + y
        return all.withUnsafeBytes { Data($0) }
    }

    /// The cost and the gradient that a peer wrote.
    static func output(_ path: String) throws -> [Double] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return data.withUnsafeBytes { bytes in
            (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
        }
    }

    /// How far two costs with gradients are from each other, relative to the cost and to the gradient's largest component.
    static func distance(_ left: [Double], _ right: [Double]) -> Double {
        guard left.count == right.count, let first = left.first, let other = right.first,
            (left + right).allSatisfy({ $0.isFinite })
        else { return .infinity }
        let pairs = zip(left, right).dropFirst()
        let largest = pairs.reduce(0) { max($0, abs($1.1)) }
        return pairs.reduce(abs(first - other) / abs(other)) { max($0, abs($1.0 - $1.1) / largest) }
    }
}
