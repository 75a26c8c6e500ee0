import Foundation

#if arch(x86_64) && os(Linux)
    /// Wider than `Double` in range and in precision where the machine has such a type.
    typealias Wide = Float80
#else
    typealias Wide = Double
#endif

/// A real number that is known up to a radius: what it encloses is certain, so that a difference between two balls is one in real
/// arithmetic and no rounding or overflow.
struct Ball {
    var middle: Wide
    var radius: Wide

    static let unit: Wide = Wide.ulpOfOne * 4

    init(_ middle: Wide, _ radius: Wide = 0) {
        self.middle = middle
        self.radius = radius
    }

    /// What came out of one rounded operation, with what its operands' radii make of it.
    static func rounded(_ middle: Wide, _ radius: Wide) -> Ball {
        Ball(middle, radius + middle.magnitude * unit + Wide.leastNonzeroMagnitude)
    }

    var isDefined: Bool { middle.isFinite && radius.isFinite }
    var low: Wide { middle - radius }
    var high: Wide { middle + radius }
    var isExact: Bool { radius == 0 }
    var isZero: Bool { middle == 0 && radius == 0 }

    /// Known well enough that a wrong value would be seen.
    var isSharp: Bool { isDefined && radius <= max(1e-9 * middle.magnitude, 1e-12) }

    func overlaps(_ other: Ball) -> Bool { low <= other.high && other.low <= high }

    static func + (left: Ball, right: Ball) -> Ball {
        if left.isZero { return right }
        if right.isZero { return left }
        return rounded(left.middle + right.middle, left.radius + right.radius)
    }

    static func * (left: Ball, right: Ball) -> Ball {
        if left.isZero || right.isZero { return Ball(left.isDefined && right.isDefined ? 0 : .nan) }
        if left.isExact, left.middle.magnitude == 1 { return Ball(left.middle * right.middle, right.radius) }
        if right.isExact, right.middle.magnitude == 1 { return Ball(left.middle * right.middle, left.radius) }
        return rounded(
            left.middle * right.middle,
            left.middle.magnitude * right.radius + right.middle.magnitude * left.radius + left.radius * right.radius)
    }

    static prefix func - (ball: Ball) -> Ball { Ball(-ball.middle, ball.radius) }

    var reciprocal: Ball {
        let least = middle.magnitude - radius
        guard least > 0 else { return Ball(.nan) }
        return Ball.rounded(1 / middle, radius / (middle.magnitude * least))
    }

    /// A function that rises (or falls) all the way between the ends of the ball.
    func monotone(_ function: (Wide) -> Wide) -> Ball {
        let value = function(middle)
        if isExact { return Ball.rounded(value, 0) }
        let spread = max((function(low) - value).magnitude, (function(high) - value).magnitude)
        return Ball.rounded(value, spread)
    }

    /// A function whose slope is nowhere above 1.
    func gentle(_ function: (Wide) -> Wide) -> Ball { Ball.rounded(function(middle), radius) }

    func power(_ exponent: Int) -> Ball {
        if exponent == 0 { return Ball(1) }
        var result = self
        for _ in 1..<max(1, exponent.magnitude) { result = result * self }
        return exponent < 0 ? result.reciprocal : result
    }
}
