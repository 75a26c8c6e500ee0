/// What is known while the body of a loop over lanes is written.
struct SwiftLanes {
    var dimension: Dimension
    /// Whether there certainly is a first round, so that what it reads may be read before the loop.
    var isNeverEmpty = true
    /// Whether every vector is a whole one, however wide vectors are.
    var isWhole = false
    /// Accumulators that began inside: each lane has its own.
    var accumulators: Set<AccumulatorID> = []
    /// Locals that are defined inside: vectors.
    var locals: Set<LocalID> = []
    /// Values that are the same in all lanes and in all loops inside, as vectors.
    var uniforms: [ExprID: String] = [:]
    /// Their declarations, to stand before the loop.
    var before: [SwiftSource] = []
    /// Values that have a name, by the block where it is visible.
    var names: [[ExprID: String]] = [[:]]
    /// Values that several statements of a block use, by the block.
    var shared: [Set<ExprID>] = []
    /// The loops inside that are open.
    var inner: [Dimension] = []
    /// Quantities that are stored inside: what is stored gets a name, for it may be read again.
    var readLater: Set<QuantityID> = []
    /// Quantities that the body reads from memory before it stores them.
    var rereads: Set<QuantityID> = []
    /// Whether the body asks how many lanes count.
    var usesCount = false
    /// Whether the exponentials of a log-sum-exp are added, their largest exponent being known.
    var isSecondLoop = false
    /// Whether expressions differ from lane to lane.
    var varies: [ExprID: Bool] = [:]

    init(_ dimension: Dimension) { self.dimension = dimension }

    func name(of id: ExprID) -> String? {
        for names in names.reversed() { if let name = names[id] { return name } }
        return nil
    }
}

/// The head of a loop over lanes.
struct SwiftLaneLoop {
    var name: String
    var lower: SwiftInteger
    var upper: SwiftInteger
    /// Whether the body asks how many lanes count.
    var usesCount: Bool
    /// Whether computing an element twice does no harm.
    var mayRepeat: Bool
}

/// Small kernels that loops over lanes use, beside the functions of the language.
enum LaneKernels {
    static let names = [
        "loadWhole", "storeWhole", "loadPart", "storePart", "first", "ramp", "largest", "largestNumber", "smallest", "productOfLanes",
    ]

    /// The lines of one.
    static func text(_ name: String, _ scalar: SwiftScalar) -> [String] {
        func numbers(_ count: Int) -> String { (0..<count).map { "\($0)" }.joined(separator: ", ") }
        return switch name {
        case "loadWhole":
            [
                "/// The numbers from a pointer on.",
                "@inline(__always) fileprivate static func load(_ numbers: UnsafePointer<Scalar>) -> Vector {",
                "    UnsafeRawPointer(numbers).loadUnaligned(as: Vector.self)",
                "}",
            ]
        case "storeWhole":
            [
                "/// Writes all lanes, also where the numbers that count end before the last one.",
                "@inline(__always) fileprivate static func store(_ vector: Vector, _ numbers: UnsafeMutablePointer<Scalar>) {",
                "    UnsafeMutableRawPointer(numbers).storeBytes(of: vector, as: Vector.self)",
                "}",
            ]
        case "loadPart":
            [
                "/// The first `count` numbers from a pointer on; zeros in the other lanes.",
                "@inline(__always) fileprivate static func load(_ numbers: UnsafePointer<Scalar>, count: Int) -> Vector {",
                "    if count == Vector.scalarCount { return UnsafeRawPointer(numbers).loadUnaligned(as: Vector.self) }",
                "    return loadSome(numbers, count)",
                "}",
                "@inline(never) fileprivate static func loadSome(_ numbers: UnsafePointer<Scalar>, _ count: Int) -> Vector {",
                "    var result: Vector = Vector()",
                "    for lane in 0..<count { result[lane] = numbers[lane] }",
                "    return result",
                "}",
            ]
        case "storePart":
            [
                "/// Writes the first `count` lanes.",
                "@inline(__always) fileprivate static func store(",
                "    _ vector: Vector, _ numbers: UnsafeMutablePointer<Scalar>, count: Int",
                ") {",
                "    if count == Vector.scalarCount {",
                "        UnsafeMutableRawPointer(numbers).storeBytes(of: vector, as: Vector.self)",
                "    } else {",
                "        storeSome(vector, numbers, count)",
                "    }",
                "}",
                "@inline(never) fileprivate static func storeSome(",
                "    _ vector: Vector, _ numbers: UnsafeMutablePointer<Scalar>, _ count: Int",
                ") {",
                "    for lane in 0..<count { numbers[lane] = vector[lane] }",
                "}",
            ]
        case "first":
            [
                "/// The first `count` lanes of a vector, and another value in the rest.",
                "@inline(__always) fileprivate static func first(_ count: Int, of vector: Vector, rest: Scalar) -> Vector {",
                "    let end: Vector = Vector(repeating: Scalar(count))",
                "    return vector.replacing(with: Vector(repeating: rest), where: ramp .>= end)",
                "}",
            ]
        case "ramp":
            [
                "/// 0, 1, 2 and so on.",
                "@inline(__always) fileprivate static var ramp: Vector {",
                "    #if NABLA_AVX512",
                "        return Vector(\(numbers(scalar == .double ? 8 : 16)))",
                "    #elseif NABLA_FMA",
                "        return Vector(\(numbers(scalar == .double ? 4 : 8)))",
                "    #else",
                "        return Vector(\(numbers(scalar == .double ? 2 : 4)))",
                "    #endif",
                "}",
            ]
        case "largest", "largestNumber", "smallest":
            halves(name, scalar)
        case "productOfLanes":
            [
                "/// The product of the lanes.",
                "@inline(never) fileprivate static func productOfLanes(_ vector: Vector) -> Scalar {",
                "    var result: Scalar = vector[0]",
                "    for lane in 1..<Vector.scalarCount { result *= vector[lane] }",
                "    return result",
                "}",
            ]
        default: []
        }
    }

    /// One half of the lanes against the other, until one is left.
    private static func halves(_ name: String, _ scalar: SwiftScalar) -> [String] {
        let sign = name == "smallest" ? "<" : ">"
        let keepsNaN = name != "largestNumber"
        func step(_ lanes: Int) -> [String] {
            let half = lanes / 2
            let (low, high) = half == 1 ? ("rest2[0]", "rest2[1]") : ("rest\(lanes).lowHalf", "rest\(lanes).highHalf")
            let type = half == 1 ? "Scalar" : "SIMD\(half)<Scalar>"
            let start = ["        let low\(half): \(type) = \(low)", "        let high\(half): \(type) = \(high)"]
            if half == 1 {
                let isNaN = keepsNaN ? " || high1.isNaN" : ""
                return start + ["        return high1 \(sign) low1\(isNaN) ? high1 : low1"]
            }
            let isLarger = "high\(half) .\(sign) low\(half)"
            let condition = keepsNaN ? "(\(isLarger)) .| (high\(half) .!= high\(half))" : isLarger
            return start + [
                "        let rest\(half): \(type) = low\(half).replacing(with: high\(half), where: \(condition))"
            ] + step(half)
        }
        func tree(bytes: Int) -> [String] {
            let lanes = bytes / (scalar == .double ? 8 : 4)
            return ["        let rest\(lanes): Vector = vector"] + step(lanes)
        }
        let comment =
            keepsNaN
            ? "/// The \(name) lane; NaN where one is." : "/// The largest lane; one that is NaN may count or not."
        return [
            comment, "@inline(__always) fileprivate static func \(name)(_ vector: Vector) -> Scalar {",
            "    #if NABLA_AVX512",
        ] + tree(bytes: 64) + ["    #elseif NABLA_FMA"] + tree(bytes: 32) + ["    #else"] + tree(bytes: 16)
            + ["    #endif", "}"]
    }
}
