import Foundation

@testable import Nabla

/// A reader of the derivative texts of the function table that computes at once: a second, simpler reading of the
/// language's expressions than the library's own, for tests only.
struct PartialEvaluator {
    struct Failure: Error {
        let text: String
    }

    private var tokens: [String] = []
    private var position = 0
    private let values: [String: Double]

    static func value(of text: String, with values: [String: Double]) throws -> Double {
        var evaluator = PartialEvaluator(text, values)
        let value = try evaluator.conditional()
        guard evaluator.position == evaluator.tokens.count else { throw Failure(text: text) }
        return value
    }

    /// All partial derivatives of a function at these arguments.
    static func partials(of function: Function, at arguments: [Double]) throws -> [Double] {
        var values = Dictionary(uniqueKeysWithValues: zip(function.parameters, arguments))
        values["self"] = function.evaluate(arguments)
        values["pi"] = Double.pi
        return try function.partials.map { try value(of: $0, with: values) }
    }

    private init(_ text: String, _ values: [String: Double]) {
        self.values = values
        var rest = Substring(text)
        while let first = rest.first {
            if first == " " {
                rest.removeFirst()
                continue
            }
            var token = rest.prefix { $0.isLetter || $0.isNumber }
            if token.isEmpty {
                token = rest.prefix(["==", "&&", "||", ">=", "<="].contains(rest.prefix(2)) ? 2 : 1)
            }
            tokens.append(String(token))
            rest.removeFirst(token.count)
        }
    }

    private mutating func accept(_ token: String) -> Bool {
        guard position < tokens.count, tokens[position] == token else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ token: String) throws {
        if !accept(token) { throw Failure(text: tokens.joined(separator: " ")) }
    }

    /// Truth is a number here: 1 or 0.
    private mutating func conditional() throws -> Double {
        let condition = try disjunction()
        guard accept("?") else { return condition }
        let first = try conditional()
        try expect(":")
        let second = try conditional()
        return condition != 0 ? first : second
    }

    private mutating func disjunction() throws -> Double {
        var left = try conjunction()
        while accept("||") {
            let right = try conjunction()
            left = left != 0 || right != 0 ? 1 : 0
        }
        return left
    }

    private mutating func conjunction() throws -> Double {
        var left = try comparison()
        while accept("&&") {
            let right = try comparison()
            left = left != 0 && right != 0 ? 1 : 0
        }
        return left
    }

    private mutating func comparison() throws -> Double {
        let left = try sum()
        if accept("==") { return try sum() == left ? 1 : 0 }
        if accept(">=") { return try sum() <= left ? 1 : 0 }
        if accept("<=") { return try sum() >= left ? 1 : 0 }
        if accept(">") { return try sum() < left ? 1 : 0 }
        if accept("<") { return try sum() > left ? 1 : 0 }
        return left
    }

    private mutating func sum() throws -> Double {
        var left = try product()
        while true {
            if accept("+") {
                left += try product()
            } else if accept("-") {
                left -= try product()
            } else {
                return left
            }
        }
    }

    private mutating func product() throws -> Double {
        var left = try negation()
        while true {
            if accept("*") {
                left *= try negation()
            } else if accept("/") {
                left /= try negation()
            } else {
                return left
            }
        }
    }

    private mutating func negation() throws -> Double {
        accept("-") ? -(try negation()) : try power()
    }

    private mutating func power() throws -> Double {
        let base = try primary()
        return accept("^") ? pow(base, try negation()) : base
    }

    private mutating func primary() throws -> Double {
        if accept("(") {
            let value = try conditional()
            try expect(")")
            return value
        }
        guard position < tokens.count else { throw Failure(text: tokens.joined(separator: " ")) }
        let token = tokens[position]
        position += 1
        if let number = Double(token) { return number }
        guard accept("(") else {
            guard let value = values[token] else { throw Failure(text: token) }
            return value
        }
        var arguments = [try conditional()]
        while accept(",") { arguments.append(try conditional()) }
        try expect(")")
        guard let id = FunctionTable.standard.id(named: token),
            let value = FunctionTable.standard[id].evaluate(arguments)
        else { throw Failure(text: token) }
        return value
    }
}
