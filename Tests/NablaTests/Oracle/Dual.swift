/// A dual number with many infinitesimals: a value and its slope along each seed.
///
/// An empty slope stands for zeros, so that constants cost nothing.
struct Dual {
    var value: Double
    var slope: [Double] = []

    init(_ value: Double) { self.value = value }

    init(_ value: Double, slope: [Double]) {
        self.value = value
        self.slope = slope
    }

    /// The chain rule: a value, and each partial derivative with the number that it belongs to.
    ///
    /// A slope of zero stays zero whatever the partial derivative is: 0·∞ is no contribution.
    init(_ value: Double, _ parts: [(partial: Double, of: Dual)]) {
        self.value = value
        for (partial, part) in parts where !part.slope.isEmpty && partial != 0 {
            if slope.isEmpty { slope = Array(repeating: 0, count: part.slope.count) }
            for seed in part.slope.indices where part.slope[seed] != 0 { slope[seed] += partial * part.slope[seed] }
        }
    }

    /// Whether a small step along some seed changes the number.
    var moves: Bool { slope.contains { $0 != 0 } }

    static func + (left: Dual, right: Dual) -> Dual { Dual(left.value + right.value, [(1, left), (1, right)]) }
    static func - (left: Dual, right: Dual) -> Dual { Dual(left.value - right.value, [(1, left), (-1, right)]) }
    static func * (left: Dual, right: Dual) -> Dual {
        Dual(left.value * right.value, [(right.value, left), (left.value, right)])
    }
    static func / (left: Dual, right: Dual) -> Dual {
        Dual(left.value / right.value, [(1 / right.value, left), (-left.value / right.value / right.value, right)])
    }
    static prefix func - (operand: Dual) -> Dual { Dual(-operand.value, [(-1, operand)]) }
}
