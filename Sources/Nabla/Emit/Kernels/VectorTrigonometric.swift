/// The sine, the cosine and the inverse tangent.
enum VectorTrigonometric {
    static let kernels: [VectorKernel] = [reducedByQuarterTurns, sineInQuadrant, usualSin, sin, usualCos, cos, atan]

    private static let reducedByQuarterTurns = VectorKernel("reducedByQuarterTurns") { f in
        """
        /// x − n·π/2 in two parts, for an integer n below \(f.choose("2²⁰", "2¹³")).
        ///
        /// π/2 stands in \(f.choose("four", "five")) parts (Cody and Waite), of which all but the last have exact products with n.
        @inline(__always) fileprivate static func reducedByQuarterTurns(
            _ x: Vector, _ n: Vector
        ) -> (high: Vector, low: Vector) {
            let first: Vector = x - n * \(f.constant(1.5707963267341256, 1.5703125))
            let second: Vector = first - n * \(f.constant(6.077094383272197e-11, 0.00048351288))
            let third: Vector = n * \(f.constant(6.123233973412625e-17, 3.138557e-07))
            \(f.choose(
                """
                let high: Vector = second - third
                let lost: Vector = (second - high) - third
                return (high, lost - n * Vector(repeating: 2.232414100745812e-25))
                """,
                """
                let fourth: Vector = n * Vector(repeating: 6.002665e-11)
                let most: Vector = second - third
                let high: Vector = most - fourth
                let lost: Vector = ((second - most) - third) + ((most - high) - fourth)
                return (high, lost - n * Vector(repeating: 7.443548e-13))
                """).indented())
        }
        """
    }

    private static let sineInQuadrant = VectorKernel("sineInQuadrant", uses: ["multiplyAdd"]) { f in
        """
        /// sin(r + low + n·π/2) for |r| ≤ π/4, where the lowest bits of a number hold the integer n.
        ///
        /// The sine as r + r³·S(r²), the cosine as 1 − r²/2 + r⁴·C(r²), with minimax S and C (Remez) of \(f.choose(6, 3)) terms and
        /// errors below \(f.choose("2⁻⁵⁸", "2⁻²⁸")) of the value.
        @inline(__always) fileprivate static func sineInQuadrant(_ r: Vector, _ low: Vector, _ number: Vector) -> Vector {
            let one: Vector = Vector(repeating: 1.0)
            let z: Vector = r * r
            \(f.polynomial(
                "s", of: "z",
                [
                    -0.16666666666666632, 0.00833333333332237, -0.0001984126982977032, 2.7557313678281247e-06,
                    -2.5050755895997555e-08, 1.5896662702274113e-10,
                ], [-0.16666655, 0.008332176, -0.00019517005]).indented())
            \(f.polynomial(
                "c", of: "z",
                [
                    0.0416666666666666, -0.0013888888888874068, 2.4801587289445843e-05, -2.7557314341287794e-07,
                    2.0875721704397247e-09, -1.1359563327821992e-11,
                ], [0.041666646, -0.0013887364, 2.4438057e-05]).indented())
            let half: Vector = Vector(repeating: 0.5) * z
            let most: Vector = one - half
            let sine: Vector = r + (low * most + r * z * s)
            let cosine: Vector = most + ((((one - most) - half) - r * low) + z * z * c)
            let quadrant: VectorBits = \(f.bits(of: "number"))
            let isOdd = (quadrant & VectorBits(repeating: 1)) .!= VectorBits()
            let value: Vector = sine.replacing(with: cosine, where: isOdd)
            let sign: VectorBits = (quadrant & VectorBits(repeating: 2)) &<< \(f.pattern("\(f.choose(62, 30))"))
            return \(f.vector(of: "\(f.bits(of: "value")) ^ sign"))
        }
        """
    }

    private static let usualSin = VectorKernel(
        "usualSin", uses: ["multiplyAdd", "reducedByQuarterTurns", "sineInQuadrant", "abs"]
    ) { f in
        """
        /// The sine of numbers up to \(f.choose("1.6 million", "12 thousand")).
        @inline(__always) fileprivate static func usualSin(_ x: Vector) -> Vector {
            let shift: Vector = Vector(repeating: \(f.roundingShift))
            let magnitude: Vector = abs(x)
            let shifted: Vector = multiplyAdd(shift, magnitude, \(f.constant(0.6366197723675814)))
            let (r, low) = reducedByQuarterTurns(magnitude, shifted - shift)
            let sine: Vector = sineInQuadrant(r, low, shifted)
            let sign: VectorBits = \(f.bits(of: "x")) & \(f.pattern(f.signBit))
            return \(f.vector(of: "\(f.bits(of: "sine")) ^ sign"))
        }
        """
    }

    private static let sin = VectorKernel(
        "sin", uses: ["usualSin", "isTrueAnywhere", "withRareLanes", "abs"]
    ) { f in
        """
        /// The sine; error below 1 ulp. Larger arguments than \(f.choose("1.6 million", "12 thousand")) take the scalar function.
        @inline(__always) fileprivate static func sin(_ x: Vector) -> Vector {
            let isRare = .!(abs(x) .<= \(f.constant(1.6e6, 12000)))
            if isTrueAnywhere(isRare) {
                return withRareLanes(x, isRare, { usualSin($0) }, { Foundation.sin($0) })
            }
            return usualSin(x)
        }
        """
    }

    private static let usualCos = VectorKernel(
        "usualCos", uses: ["multiplyAdd", "reducedByQuarterTurns", "sineInQuadrant", "abs"]
    ) { f in
        """
        /// The cosine, sin(|x| + π/2), of numbers up to \(f.choose("1.6 million", "12 thousand")).
        @inline(__always) fileprivate static func usualCos(_ x: Vector) -> Vector {
            let shift: Vector = Vector(repeating: \(f.roundingShift))
            let magnitude: Vector = abs(x)
            let shifted: Vector = multiplyAdd(shift, magnitude, \(f.constant(0.6366197723675814)))
            let (r, low) = reducedByQuarterTurns(magnitude, shifted - shift)
            return sineInQuadrant(r, low, shifted + Vector(repeating: 1.0))
        }
        """
    }

    private static let cos = VectorKernel(
        "cos", uses: ["usualCos", "isTrueAnywhere", "withRareLanes", "abs"]
    ) { f in
        """
        /// The cosine; error below 1 ulp. Larger arguments than \(f.choose("1.6 million", "12 thousand")) take the scalar function.
        @inline(__always) fileprivate static func cos(_ x: Vector) -> Vector {
            let isRare = .!(abs(x) .<= \(f.constant(1.6e6, 12000)))
            if isTrueAnywhere(isRare) {
                return withRareLanes(x, isRare, { usualCos($0) }, { Foundation.cos($0) })
            }
            return usualCos(x)
        }
        """
    }

    private static let atan = VectorKernel("atan", uses: ["multiplyAdd", "abs", "withSign"]) { f in
        """
        /// The inverse tangent, from 1 on π/2 − atan(1/x); error below 2 ulp.
        ///
        /// x + x³·P(x²) with a minimax P of \(f.choose(20, 9)) terms (Remez) on [0, 1]; its error is below \(f.choose("2⁻⁵⁷", "2⁻²⁸")) of the value.
        @inline(__always) fileprivate static func atan(_ x: Vector) -> Vector {
            let one: Vector = Vector(repeating: 1.0)
            let zero: Vector = Vector(repeating: 0.0)
            let magnitude: Vector = abs(x)
            let isLarge = magnitude .> one
            let y: Vector = magnitude.replacing(with: Vector(repeating: -1.0) / magnitude, where: isLarge)
            let high: Vector = zero.replacing(with: \(f.constant(1.5707963267948966, 1.5707964)), where: isLarge)
            let low: Vector = zero.replacing(with: \(f.constant(6.123233995736766e-17, -4.371139e-08)), where: isLarge)
            let z: Vector = y * y
            \(f.polynomial(
                "p", of: "z",
                [
                    -0.3333333333333307, 0.19999999999951476, -0.1428571428257584, 0.11111111007044694,
                    -0.09090907003286938, 0.07692279842480831, -0.06666404081994903, 0.05880527952080105,
                    -0.052535191360694636, 0.04722324114370022, -0.04219183746374973, 0.03664200536473388,
                    -0.02990400410695066, 0.021985028197911934, -0.013900721869887528, 0.007196616265592432,
                    -0.002884976182115995, 0.0008313421486441583, -0.00015216526027878526, 1.322551687944576e-05,
                ],
                [
                    -0.333333, 0.19998549, -0.14264247, 0.10952215, -0.08403542, 0.057959255, -0.031179592, 0.010915586,
                    -0.0017938489,
                ]).indented())
            let value: Vector = high + (y + (low + y * z * p))
            return withSign(value, x)
        }
        """
    }
}
