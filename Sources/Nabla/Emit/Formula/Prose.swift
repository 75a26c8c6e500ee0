/// Running text with formulas in it, which each style spells in its own way.
///
///     let reason: Prose = "A nudge to \(element) nudges \(cost)."
struct Prose: Hashable, Sendable, ExpressibleByStringInterpolation {
    enum Part: Hashable, Sendable {
        /// Plain text, of nabla or of the spec's author: nothing in it is a command.
        case text(String)
        case math([MathToken])
    }

    var parts: [Part] = []

    init(_ text: String) { parts = text.isEmpty ? [] : [.text(text)] }

    init(stringLiteral text: String) { self.init(text) }

    init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    struct StringInterpolation: StringInterpolationProtocol {
        var parts: [Part] = []

        init(literalCapacity: Int, interpolationCount: Int) { parts.reserveCapacity(2 * interpolationCount + 1) }

        mutating func appendLiteral(_ literal: String) { appendInterpolation(literal) }

        mutating func appendInterpolation(_ text: String) { if !text.isEmpty { parts.append(.text(text)) } }

        mutating func appendInterpolation(_ prose: Prose) { parts += prose.parts }

        mutating func appendInterpolation(_ tokens: [MathToken]) { parts.append(.math(tokens)) }

        mutating func appendInterpolation(_ formula: FormulaPrinter.Text) { parts.append(.math(formula.tokens)) }

        mutating func appendInterpolation(_ line: MathLine) { parts.append(.math(line.tokens)) }

        mutating func appendInterpolation(_ symbol: MathSymbol) { parts.append(.math(symbol.tokens())) }
    }

    /// The text in parts of about this many characters, cut between words: where one place has no room for all of it.
    func parts(longest: Int) -> [Prose] {
        var all: [Prose] = []
        var current: Prose = ""
        var count = 0
        for part in parts {
            guard case .text(let text) = part else {
                current.parts.append(part)
                count += 8
                continue
            }
            var line = ""
            for character in text {
                line.append(character)
                count += 1
                // A word without end is cut, too.
                guard count > longest, character.isWhitespace || count > longest + 100 else { continue }
                current.parts.append(.text(line))
                all.append(current)
                (current, line, count) = ("", "", 0)
            }
            if !line.isEmpty { current.parts.append(.text(line)) }
        }
        return current.parts.isEmpty ? all : all + [current]
    }

    static func + (one: Prose, other: Prose) -> Prose {
        var sum = one
        sum.parts += other.parts
        return sum
    }
}

extension [Prose] {
    func joined(separator: Prose) -> Prose {
        var result: Prose = ""
        for (position, prose) in enumerated() {
            if position > 0 { result.parts += separator.parts }
            result.parts += prose.parts
        }
        return result
    }
}
