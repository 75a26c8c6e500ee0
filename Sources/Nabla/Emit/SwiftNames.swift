/// The identifiers of one generated file: all that the spec names and all that the printer adds are different from each
/// other, so that nothing shadows anything.
struct SwiftNames {
    private var taken: Set<String> = SwiftNames.reserved
    private var nextNumbers: [String: Int] = [:]
    private var indexIdentifiers: [String: String] = [:]
    private var localIdentifiers: [String: String] = [:]

    /// An identifier of its own for a name: the name itself where that is free, otherwise with `_` or a number behind it.
    mutating func claim(_ name: String) -> String {
        let legal = SwiftNames.legal(name)
        if taken.insert(legal).inserted { return SwiftNames.quoted(legal) }
        if taken.insert(legal + "_").inserted { return legal + "_" }
        return claimNumbered(legal)
    }

    /// An identifier made of a name and a number: `t1`, `t2` and so on.
    mutating func claimNumbered(_ name: String) -> String {
        let legal = SwiftNames.legal(name)
        var number = nextNumbers[legal] ?? 1
        while !taken.insert("\(legal)\(number)").inserted { number += 1 }
        nextNumbers[legal] = number + 1
        return "\(legal)\(number)"
    }

    /// The identifier for all indices of this name that stand at this depth among nested ones of the same name.
    mutating func index(_ name: String, depth: Int = 0) -> String {
        let key = depth == 0 ? name : "\(name)(\(depth))"
        if let known = indexIdentifiers[key] { return known }
        let identifier = depth == 0 ? claim(name.isEmpty ? "i" : name) : claimNumbered(name)
        indexIdentifiers[key] = identifier
        return identifier
    }

    /// The identifier for local values of this name, the one with this number: functions share them.
    mutating func local(_ name: String, _ number: Int) -> String {
        let key = "\(number) \(name)"
        if let known = localIdentifiers[key] { return known }
        let identifier = number == 0 ? claim(name) : claimNumbered(name)
        localIdentifiers[key] = identifier
        return identifier
    }

    /// A name with what Swift does not allow in an identifier replaced by `_`.
    static func legal(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            let isLegal = result.isEmpty ? isHead(scalar) : isBody(scalar)
            if isLegal {
                result.unicodeScalars.append(scalar)
            } else {
                if result.isEmpty { result = "_" }
                if isBody(scalar) { result.unicodeScalars.append(scalar) } else { result += "_" }
            }
        }
        // `_` by itself is a pattern, not a name.
        return result.allSatisfy { $0 == "_" } ? result + "name" : result
    }

    static func quoted(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

    /// An identifier as an argument's label, which needs no backticks but for three words.
    static func label(_ identifier: String) -> String {
        let name = bare(identifier)
        return ["inout", "let", "var"].contains(name) ? identifier : name
    }

    /// An identifier without backticks, to make longer ones of.
    static func bare(_ identifier: String) -> String {
        identifier.hasPrefix("`") ? String(identifier.dropFirst().dropLast()) : identifier
    }

    // The grammar of identifiers in "The Swift Programming Language".
    private static func isHead(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A, 0x5F: true
        case 0xA8, 0xAA, 0xAD, 0xAF, 0xB2...0xB5, 0xB7...0xBA: true
        case 0xBC...0xBE, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0xFF: true
        case 0x100...0x2FF, 0x370...0x167F, 0x1681...0x180D, 0x180F...0x1DBF: true
        case 0x1E00...0x1FFF: true
        case 0x200B...0x200D, 0x202A...0x202E, 0x2060...0x206F: false  // legal, and invisible
        case 0x203F...0x2040, 0x2054: true
        case 0x2070...0x20CF, 0x2100...0x218F, 0x2460...0x24FF, 0x2776...0x2793: true
        case 0x2C00...0x2DFF, 0x2E80...0x2FFF, 0x3004...0x3007, 0x3021...0x302F, 0x3031...0x303F: true
        case 0x3040...0xD7FF, 0xF900...0xFD3D, 0xFD40...0xFDCF, 0xFDF0...0xFE1F, 0xFE30...0xFE44, 0xFE47...0xFEFE: true
        case 0xFF00...0xFFFD: true
        case 0x10000...0x1FFFD, 0x20000...0x2FFFD, 0x30000...0x3FFFD, 0x40000...0x4FFFD, 0x50000...0x5FFFD: true
        case 0x60000...0x6FFFD, 0x70000...0x7FFFD, 0x80000...0x8FFFD, 0x90000...0x9FFFD, 0xA0000...0xAFFFD: true
        case 0xB0000...0xBFFFD, 0xC0000...0xCFFFD, 0xD0000...0xDFFFD, 0xE0000...0xEFFFD: true
        default: false
        }
    }

    private static func isBody(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x300...0x36F, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F: true
        default: isHead(scalar)
        }
    }

    /// Words that need backticks somewhere; contextual ones are among them, for backticks are always right.
    private static let keywords: Set<String> = [
        "associatedtype", "class", "deinit", "enum", "extension", "fileprivate", "func", "import", "inout", "internal",
        "let", "open", "operator", "private", "precedencegroup", "protocol", "public", "rethrows", "static", "struct",
        "typealias", "var", "break", "case", "catch", "continue", "default", "defer", "do", "else", "fallthrough",
        "for", "guard", "if", "in", "repeat", "return", "throw", "switch", "where", "while", "any", "as", "await",
        "catch", "false", "is", "nil", "throws", "true", "try", "async", "some", "each", "consume", "copy", "discard",
        "borrowing", "consuming", "macro", "package", "get", "set", "willSet", "didSet", "yield", "then", "unsafe",
        "actor", "lazy", "weak", "unowned", "mutating", "nonmutating", "override", "required", "final", "dynamic",
        "optional", "indirect", "convenience", "isolated", "nonisolated", "prefix", "postfix", "infix", "left",
        "right", "none", "precedence", "associativity", "sending", "module",
    ]

    /// Names with a meaning of their own in every generated file: those that it uses, of Swift and of its own.
    private static let reserved: Set<String> = [
        "self", "Self", "init", "subscript", "super", "Any", "Type", "Protocol", "_", "__",
        // Swift's.
        "Swift", "Foundation", "Dispatch", "Double", "Float", "Int", "Bool", "String", "Array", "Range", "Error",
        "Sendable", "Equatable", "Codable", "Encodable", "Decodable", "Decoder", "Encoder", "CodingKey", "CodingKeys",
        "DecodingError", "Hashable", "Sequence", "Collection", "RandomNumberGenerator", "SystemRandomNumberGenerator",
        "CustomStringConvertible", "UnsafePointer", "UnsafeMutablePointer", "UnsafeBufferPointer",
        "UnsafeMutableBufferPointer", "Result", "Void", "Never", "Optional", "SIMD", "precondition",
        "abs", "min", "max", "stride", "zip", "print", "hypot", "exp", "log", "sqrt", "sin", "cos", "tan", "asin",
        "acos", "atan", "sinh", "cosh", "tanh", "erf", "erfc", "log1p", "expm1", "atan2", "pow", "repeatElement",
        "description", "hashValue", "encode", "hash",
        // The printer's.
        "Parameters", "Gradient", "Example", "Batch", "Constants", "Workspace", "ShapeError", "EmptyReductionError",
        "Memory", "values", "count", "zero", "random", "value", "gradient", "valueWithGradient", "add", "index",
        "withUnsafeBufferPointer", "withUnsafeMutableBufferPointer", "parameters", "example", "examples", "batch",
        "constants", "workspace", "network", "memory", "selecting", "reserve", "reservedCount", "reset", "exampleCount",
        "newValue", "Pointers", "Numbers", "lend", "withUnsafePointer",
        "Chunks", "workers", "chunks", "inChunks", "addSums", "DispatchQueue", "reserved",
        "exampleValues", "generator", "limit", "position", "container", "decoder", "encoder", "other", "factor",
        "positions", "result", "runValue", "runGradient", "computeValue", "computeGradient", "sameNetwork", "start",
        "sign", "sigmoid", "relu", "leakyrelu", "elu", "softplus", "silu", "gelu", "heaviside", "larger", "smaller",
        "firstExample", "blockCount", "blockSize", "blockRows", "scratch", "Kernel", "Vector", "Scalar", "VectorBits",
        "lanes",
        "ceilingQuotient", "entry", "checkedSum", "checkedProduct", "checkedSize", "checkDistribution", "addToLogSum",
    ]
}
