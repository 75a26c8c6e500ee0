/// Scalar functions applied to each lane.
enum VectorLanes {
    static let kernels: [VectorKernel] =
        [lanes, lanePairs]
        + FunctionTable.standard.rows.filter { isScalar($0.swift) }.map(perLane)

    private static func isScalar(_ form: SwiftForm) -> Bool {
        guard case .library(let name) = form else { return false }
        return ["tan", "asin", "acos", "atan2", "hypot"].contains(name)
    }

    private static let lanes = VectorKernel("eachLane") { _ in
        """
        /// A scalar function of each lane.
        @inline(__always) fileprivate static func eachLane(_ x: Vector, _ function: (Scalar) -> Scalar) -> Vector {
            var result: Vector = Vector()
            for lane in 0..<Vector.scalarCount { result[lane] = function(x[lane]) }
            return result
        }
        """
    }

    private static let lanePairs = VectorKernel("eachPair") { _ in
        """
        /// A scalar function of each pair of lanes.
        @inline(__always) fileprivate static func eachPair(
            _ x: Vector, _ y: Vector, _ function: (Scalar, Scalar) -> Scalar
        ) -> Vector {
            var result: Vector = Vector()
            for lane in 0..<Vector.scalarCount { result[lane] = function(x[lane], y[lane]) }
            return result
        }
        """
    }

    private static func perLane(_ row: Function) -> VectorKernel {
        let name = row.swift.callee
        let isUnary = row.parameters.count == 1
        return VectorKernel(name, uses: [isUnary ? "eachLane" : "eachPair"]) { _ in
            """
            /// \(row.summary.prefix(1).uppercased() + row.summary.dropFirst()), by the scalar function.
            @inline(__always) fileprivate static func \(name)(\(row.parameters.map { "_ \($0): Vector" }.joined(separator: ", "))) -> Vector {
                \(isUnary ? "eachLane" : "eachPair")(\(row.parameters.joined(separator: ", "))) { Foundation.\(name)(\(isUnary ? "$0" : "$0, $1")) }
            }
            """
        }
    }
}
