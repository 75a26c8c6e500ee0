/// The sine, the cosine and the inverse tangent.
enum VectorTrigonometric {
    static let kernels: [VectorKernel] = [reducedByPi, sineOfReduced, sin, cos, atan]

    private static let reducedByPi = VectorKernel("reducedByPi", uses: ["multiplyAdd"]) { f in
        """
        /// x − n·π in two parts, for a multiple n of ½ below \(f.choose("2¹⁹", "2¹²")).
        ///
        /// π stands in \(f.choose("four", "five")) parts (Cody and Waite), of which all but the last have exact products with n.
        @inline(__always) fileprivate static func reducedByPi(_ x: Vector, _ n: Vector) -> (high: Vector, low: Vector) {
            let first: Vector = multiplyAdd(x, n, \(f.constant(-3.1415926534682512, -3.140625)))
            let second: Vector = multiplyAdd(first, n, \(f.constant(-1.2154188766544394e-10, -0.00096702576)))
            let third: Vector = n * \(f.constant(1.224646794682525e-16, 6.277114e-07))
            \(f.choose(
                """
                let high: Vector = second - third
                let lost: Vector = (second - high) - third
                return (high, multiplyAdd(lost, n, Vector(repeating: -4.464828201491624e-25)))
                """,
                """
                let fourth: Vector = n * Vector(repeating: 1.200533e-10)
                let most: Vector = second - third
                let high: Vector = most - fourth
                let lost: Vector = ((second - most) - third) + ((most - high) - fourth)
                return (high, multiplyAdd(lost, n, Vector(repeating: -1.4887095e-12)))
                """).indented())
        }
        """
    }

    private static let sineOfReduced = VectorKernel("sineOfReduced", uses: ["multiplyAdd"]) { f in
        """
        /// (−1)^n·sin(r + low) for |r| ≤ π/2, where n is the lowest bit of a number.
        ///
        /// r + r³·P(r²) with a minimax P of \(f.choose(8, 5)) terms (Remez); its error is below \(f.choose("2⁻⁶¹", "2⁻³⁵")) of the sine.
        @inline(__always) fileprivate static func sineOfReduced(_ r: Vector, _ low: Vector, _ number: Vector) -> Vector {
            let z: Vector = r * r
            \(f.polynomial(
                "p", of: "z",
                [
                    -0.16666666666666666, 0.008333333333333194, -0.00019841269841209153, 2.7557319211126183e-06,
                    -2.505210687177741e-08, 1.605893965350322e-10, -7.642990097089404e-13, 2.721159967894844e-15,
                ], [-0.16666667, 0.008333331, -0.00019840868, 2.7525368e-06, -2.3888617e-08]).indented())
            let one: Vector = Vector(repeating: 1.0)
            let slope: Vector = multiplyAdd(one, z, Vector(repeating: -0.5))
            let sine: Vector = r + multiplyAdd(low * slope, r * z, p)
            let sign: VectorBits = \(f.bits(of: "number")) &<< \(f.pattern("\(f.choose(63, 31))"))
            return \(f.vector(of: "\(f.bits(of: "sine")) ^ sign"))
        }
        """
    }

    private static let sin = VectorKernel(
        "sin", uses: ["multiplyAdd", "reducedByPi", "sineOfReduced", "abs", "isTrueAnywhere", "replaceLanes"],
        needsFoundation: true
    ) { f in
        """
        /// The sine; error below 2 ulp. Arguments above \(f.choose("1.6 million", "12 thousand")) take the scalar function.
        @inline(__always) fileprivate static func sin(_ x: Vector) -> Vector {
            let shift: Vector = Vector(repeating: \(f.roundingShift))
            let magnitude: Vector = abs(x)
            let shifted: Vector = multiplyAdd(shift, magnitude, \(f.constant(0.3183098861837907)))
            let (r, low) = reducedByPi(magnitude, shifted - shift)
            let sine: Vector = sineOfReduced(r, low, shifted)
            let sign: VectorBits = \(f.bits(of: "x")) & \(f.pattern(f.signBit))
            let value: Vector = \(f.vector(of: "\(f.bits(of: "sine")) ^ sign"))
            let isLarge = .!(magnitude .<= \(f.constant(1.6e6, 12800)))
            if isTrueAnywhere(isLarge) { return replaceLanes(value, isLarge, x) { Foundation.sin($0) } }
            return value
        }
        """
    }

    private static let cos = VectorKernel(
        "cos", uses: ["multiplyAdd", "reducedByPi", "sineOfReduced", "abs", "isTrueAnywhere", "replaceLanes"],
        needsFoundation: true
    ) { f in
        """
        /// The cosine, (−1)^n·sin(x − (n − ½)·π); error below 2 ulp. Arguments above \(f.choose("1.6 million", "12 thousand")) take the scalar function.
        @inline(__always) fileprivate static func cos(_ x: Vector) -> Vector {
            let half: Vector = Vector(repeating: 0.5)
            let shift: Vector = Vector(repeating: \(f.roundingShift))
            let magnitude: Vector = abs(x)
            let shifted: Vector = multiplyAdd(half, magnitude, \(f.constant(0.3183098861837907))) + shift
            let (r, low) = reducedByPi(magnitude, (shifted - shift) - half)
            let value: Vector = sineOfReduced(r, low, shifted)
            let isLarge = .!(magnitude .<= \(f.constant(1.6e6, 12800)))
            if isTrueAnywhere(isLarge) { return replaceLanes(value, isLarge, x) { Foundation.cos($0) } }
            return value
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
            let value: Vector = high + (y + multiplyAdd(low, y * z, p))
            return withSign(value, x)
        }
        """
    }
}
