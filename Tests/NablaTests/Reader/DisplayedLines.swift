import Foundation

@testable import Nabla

/// Checks that each displayed line of a printed derivation is equal to the line before it, at concrete values.
struct DisplayedLines {
    /// How many equalities were compared, at how many places.
    private(set) var compared = 0
    private(set) var places = 0
    /// What could not be read, with the line.
    private(set) var unread: [String] = []
    private(set) var complaints: [String] = []
    private var meaning: LaTeXMeaning
    /// Of each chain, at most this many places.
    static let most = 12

    init(_ derived: DerivedSystem, _ values: OracleValues) { meaning = LaTeXMeaning(derived, values) }

    /// A chain: what stands between the relations, and for which indices.
    private struct Chain {
        var sides: [String] = []
        var conditions: [String] = []
    }

    mutating func check(_ text: String) {
        for printed in chains(text) where printed.sides.count > 1 {
            var chain = printed
            // A list that leaves out paths has no value.
            chain.sides = chain.sides.map { Self.plain($0) }.filter { !$0.contains(#"\cdots"#) }
            if chain.sides.count < 2 { continue }
            // A list of derivatives says nothing.
            if chain.sides[0].contains(#"\nabla"#) { continue }
            do {
                try check(chain)
            } catch {
                unread.append("\(error): \(chain.sides.joined(separator: " = "))")
            }
        }
        complaints += meaning.complaints
    }

    /// A formula without colours and without the labels of paths: `\textcolor{blue}{\underbrace{e}_{\text{over }a}}` is e.
    private static func plain(_ text: String) -> String {
        var result = text
        while let start = result.range(of: #"\textcolor{"#) {
            guard let name = group(in: result, from: result.index(before: start.upperBound)),
                let body = group(in: result, from: name.upperBound)
            else { return result }
            result.replaceSubrange(start.lowerBound..<body.upperBound, with: inside(result, body))
        }
        while let label = result.range(of: #"_{\text{over }"#) {
            // The brace before the label closes the group of the path.
            guard let start = result[..<label.lowerBound].range(of: #"\underbrace{"#, options: .backwards).map({ $0 }),
                let ends = group(in: result, from: result.index(label.lowerBound, offsetBy: 1))
            else { return result }
            var opening = start.lowerBound
            var search = result[..<label.lowerBound]
            // The innermost one whose group ends at the label.
            while let found = search.range(of: #"\underbrace{"#, options: .backwards) {
                opening = found.lowerBound
                if let body = group(in: result, from: result.index(before: found.upperBound)),
                    body.upperBound == label.lowerBound
                {
                    break
                }
                search = search[..<found.lowerBound]
            }
            let brace = result.index(opening, offsetBy: #"\underbrace"#.count)
            guard let body = group(in: result, from: brace) else { return result }
            result.replaceSubrange(opening..<ends.upperBound, with: inside(result, body))
        }
        return result
    }

    private static func inside(_ text: String, _ group: Range<String.Index>) -> String {
        String(text[text.index(after: group.lowerBound)..<text.index(before: group.upperBound)])
    }

    /// A group in braces that begins here.
    private static func group(in text: String, from start: String.Index) -> Range<String.Index>? {
        guard start < text.endIndex, text[start] == "{" else { return nil }
        var depth = 0
        var place = start
        while place < text.endIndex {
            if text[place] == "{" { depth += 1 }
            if text[place] == "}" { depth -= 1 }
            place = text.index(after: place)
            if depth == 0 { return start..<place }
        }
        return nil
    }

    /// The chains of all displays, by the rules of `align`.
    private func chains(_ text: String) -> [Chain] {
        var chains: [Chain] = []
        var rest = text[...]
        while let begin = rest.range(of: "\\begin{align*}\n"), let end = rest.range(of: "\n\\end{align*}") {
            for whole in rest[begin.upperBound..<end.lowerBound].components(separatedBy: " \\\\\n") {
                // The rule beside a line.
                let line = whole.range(of: " && ").map { String(whole[..<$0.lowerBound]) } ?? whole
                let parts = line.components(separatedBy: #" \qquad "#)
                var body = parts[0]
                let conditions = parts.dropFirst()
                if !body.hasPrefix("&") { chains.append(Chain()) }
                if body.hasPrefix("& ") {
                    chains.append(Chain(sides: [String(body.dropFirst(2))]))
                } else if let relation = body.range(of: " &= ") {
                    chains[chains.count - 1].sides = [
                        String(body[..<relation.lowerBound]), String(body[relation.upperBound...]),
                    ]
                } else if chains.isEmpty {
                    continue
                } else if body.hasPrefix("&= ") || body.hasPrefix(#"&\quad = "#) {
                    body = String(body.drop { $0 != "=" }.dropFirst(2))
                    chains[chains.count - 1].sides.append(body)
                } else if body.hasPrefix(#"&\qquad "#) {
                    body = String(body.dropFirst(8))
                    let isCondition =
                        !isOpen(chains[chains.count - 1].sides.last ?? "")
                        && (body.hasPrefix(#"\text"#) || body.contains(#"\text{ in terms of }"#)
                            || !body.hasPrefix("{}") && !isFormula(body)
                                && (body.contains(#"\dots"#) || body.contains(" < ") || body.contains(#"\ge"#)))
                    if isCondition {
                        chains[chains.count - 1].conditions.append(body)
                    } else if !chains[chains.count - 1].sides.isEmpty {
                        chains[chains.count - 1].sides[chains[chains.count - 1].sides.count - 1] += " " + body
                    }
                }
                chains[chains.count - 1].conditions += conditions
            }
            rest = rest[end.upperBound...]
        }
        return chains
    }

    /// Whether a formula goes on in the next line, for a bracket is open.
    private func isOpen(_ text: String) -> Bool {
        let tokens = LaTeXReader.tokens(text)
        let opened = tokens.count { ["(", "[", "{"].contains($0) }
        return opened > tokens.count { [")", "]", "}"].contains($0) }
    }

    /// Whether a line is more than an index and its range.
    private func isFormula(_ text: String) -> Bool {
        [#"\operatorname"#, #"\frac"#, #"\bigl"#, #"\Bigl"#, #"\biggl"#, #"\Biggl"#, #"\begin"#, #"\sum"#, #"\mathbf"#]
            .contains { text.contains($0) }
    }

    private func read(_ text: String) throws -> LaTeXFormula {
        var reader = LaTeXReader(text, functions: meaning.functions)
        return try reader.all()
    }

    private mutating func check(_ chain: Chain) throws {
        // A rule beside an equation is no range.
        let sides = try chain.sides.map { try read($0) }
        let subject: LaTeXFormula
        switch sides[0] {
        case .ratio(_, let below): subject = below
        case .symbol: subject = sides[0]
        case .call(_, _, let primes, let arguments): return try check(chain, sides, primes, arguments)
        default: throw LaTeXReaderError(description: "a chain that begins otherwise")
        }
        guard let (quantity, tokens, _) = meaning.quantity(subject) else {
            throw LaTeXReaderError(description: "no quantity on the left")
        }
        let ranges = try chain.conditions.flatMap { try self.ranges($0) }
        var count = 0
        let elements = try meaning.elements(of: quantity)
        let stride = max(1, elements.count / DisplayedLines.most)
        for (number, indices) in elements.enumerated() where count == 0 || number % stride == 0 {
            guard let place = try place(tokens, indices), try ranges.allSatisfy({ try holds($0, place) }) else {
                continue
            }
            guard try keepsToStages(chain.conditions, place) else { continue }
            count += 1
            var last: Double?
            for (position, side) in sides.enumerated() {
                let value = try meaning.value(side, place)
                if let last {
                    compared += 1
                    if !LaTeXMeaning.isClose(last, value) {
                        complaints.append(
                            "\(last) is not \(value) at \(place.indices.sorted { $0.key < $1.key }): \(chain.sides[position - 1]) = \(chain.sides[position])"
                        )
                    }
                }
                last = value
            }
            if count >= DisplayedLines.most { break }
        }
        places += count
    }

    /// Whether indices whose range is cut at one end are inside their stage's at the other: `l < L` begins where the stage does.
    private mutating func keepsToStages(_ conditions: [String], _ place: LaTeXMeaning.Place) throws -> Bool {
        for piece in conditions.flatMap({ $0.components(separatedBy: #",\; "#) }) where !piece.contains(#"\dots"#) {
            guard let (name, value) = place.indices.first(where: { piece.hasPrefix($0.key + " ") }),
                let range = try meaning.range(ofStage: name)
            else { continue }
            if piece.contains(#"\ge"#) ? value > range.upperBound : value < range.lowerBound { return false }
        }
        return true
    }

    /// A function's definition, at some arguments.
    private mutating func check(
        _ chain: Chain, _ sides: [LaTeXFormula], _ primes: Int, _ arguments: [LaTeXFormula]
    ) throws {
        for number in 0..<DisplayedLines.most {
            var place = LaTeXMeaning.Place()
            for (position, argument) in arguments.enumerated() {
                guard case .symbol(let base, let below, []) = argument else {
                    throw LaTeXReaderError(description: "an argument that is no letter")
                }
                let name = base + (below.isEmpty ? "" : "_" + below.joined())
                // Positive and negative ones, none of them at a kink.
                place.arguments[name] = (Double((7 * number + 5 * position) % 12) - 5.4) / 4
            }
            var last: Double?
            for side in sides {
                let value = try meaning.value(side, place)
                if let last {
                    compared += 1
                    if !LaTeXMeaning.isClose(last, value) {
                        complaints.append(
                            "\(last) is not \(value) at \(place.arguments.sorted { $0.key < $1.key }): \(chain.sides)")
                    }
                }
                last = value
            }
        }
        places += DisplayedLines.most
    }

    /// What the letters on the left stand for at an element; nil where the left side means another element.
    private func place(_ tokens: [[String]], _ indices: [Int]) throws -> LaTeXMeaning.Place? {
        var place = LaTeXMeaning.Place()
        var rest: [([String], Int)] = []
        for (part, index) in zip(tokens, indices) {
            let name = part.joined()
            // A letter that is no size is a free index.
            if part.first?.first?.isNumber != true, !part.contains("+"), !part.contains("-"), !isSize(part) {
                if let known = place.indices[name], known != index { return nil }
                place.indices[name] = index
            } else {
                rest.append((part, index))
            }
        }
        for (part, index) in rest {
            let formula = try read(part.joined(separator: " "))
            guard try meaning.whole(formula, place) == index else { return nil }
        }
        return place
    }

    private func isSize(_ part: [String]) -> Bool {
        guard let formula = try? read(part.joined(separator: " ")) else { return false }
        return (try? meaning.whole(formula, LaTeXMeaning.Place())) != nil
    }

    /// `l = 1, \dots, L` or `l < L`, several after one another.
    private func ranges(_ text: String) throws -> [LaTeXCondition] {
        // A rule beside an equation is no range.
        if text.contains(#"\text{"#) { return [] }
        var result: [LaTeXCondition] = []
        var text = text
        // One of several lines.
        while let last = text.last, ";, ".contains(last) { text.removeLast() }
        let marked = text.replacingOccurrences(of: #", \dots, "#, with: #" \dots "#)
        for piece in marked.components(separatedBy: #",\; "#).flatMap({ $0.components(separatedBy: #";\; "#) }) {
            if piece.hasPrefix(#"\text"#) { continue }
            guard let dots = piece.range(of: #" \dots "#), let equals = piece.range(of: " = ") else {
                var reader = LaTeXReader(piece, functions: meaning.functions)
                result.append(try reader.wholeCondition())
                continue
            }
            let index = try read(String(piece[..<equals.lowerBound]))
            let lower = try read(String(piece[equals.upperBound..<dots.lowerBound]))
            let upper = try read(String(piece[dots.upperBound...]))
            result.append(.chain(lower, [(#"\le"#, index), (#"\le"#, upper)]))
        }
        return result
    }

    private func holds(_ condition: LaTeXCondition, _ place: LaTeXMeaning.Place) throws -> Bool {
        try meaning.holds(condition, place)
    }
}
