extension LoopProgram: CustomStringConvertible {
    /// The program as indented pseudo-code, for reading and for tests.
    public var description: String {
        var text = ""
        write(root, depth: 0, into: &text)
        return text
    }

    private func write(_ block: BlockID, depth: Int, into text: inout String) {
        for statement in self[block].statements {
            text += String(repeating: "    ", count: depth)
            switch statement {
            case .comment(let equation): text += "// \(system[system.equations[equation].quantity].name)\n"
            case .loop(let loop):
                let (lower, upper) = (loop.lower.description(in: system), loop.upper.description(in: system))
                text += "for \(name(loop.index)) in \(lower)..<\(upper)"
                text += loop.isReversed ? " reversed\n" : "\n"
                write(loop.body, depth: depth + 1, into: &text)
            case .examples(let body):
                text += "for each example\n"
                write(body, depth: depth + 1, into: &text)
            case .exampleBlocks(let body):
                text += "for each block of examples\n"
                write(body, depth: depth + 1, into: &text)
            case .conditional(let condition, let then, let otherwise):
                text += "if \(self.text(condition))\n"
                write(then, depth: depth + 1, into: &text)
                if let otherwise {
                    text += String(repeating: "    ", count: depth) + "else\n"
                    write(otherwise, depth: depth + 1, into: &text)
                }
            case .define(let local, let value): text += "let \(name(local)) = \(self.text(value))\n"
            case .declare(let local): text += "var \(name(local))\n"
            case .assign(let local, let value): text += "\(name(local)) = \(self.text(value))\n"
            case .begin(let id): text += "begin \(name(id))\n"
            case .accumulate(let id, let value): text += "\(name(id)) <- \(self.text(value))\n"
            case .finish(let id): text += "finish \(name(id))\n"
            case .store(let quantity, let indices, let value):
                text += "\(self.text(quantity, indices)) = \(self.text(value))\n"
            case .add(let quantity, let indices, let value):
                text += "\(self.text(quantity, indices)) += \(self.text(value))\n"
            case .clear(let quantity): text += "\(system[quantity].name) = 0\n"
            case .contraction(let contraction):
                text += "contraction\n"
                write(contraction.plain, depth: depth + 1, into: &text)
            case .lanes(let lanes):
                text += "lanes of \(lanes.dimension.index.map { name($0) } ?? "examples")\n"
                write(lanes.body, depth: depth + 1, into: &text)
            }
        }
    }

    private func name(_ local: LocalID) -> String {
        local == .exampleCount ? "m" : "\(self[local].name)_\(local.raw)"
    }

    private func name(_ id: AccumulatorID) -> String {
        (self[id].result.map { [$0] } ?? self[id].positions).map(name).joined(separator: ",")
    }

    private func name(_ index: IndexID) -> String { system.graph.name(of: index) }

    private func text(_ quantity: QuantityID, _ indices: [AffineID]) -> String {
        let list = indices.map { system.description(of: $0) }.joined(separator: ",")
        return system[quantity].name + (indices.isEmpty ? "" : "[\(list)]")
    }

    /// An expression, every operator in parentheses. Expressions of a program are short.
    private func text(_ id: ExprID) -> String {
        func list(_ operands: [ExprID], _ separator: String) -> String {
            "(" + operands.map { text($0) }.joined(separator: separator) + ")"
        }
        switch system.graph.form(of: id) {
        case .number(let value, let literal): return literal ?? value.description
        case .pi: return "pi"
        case .integer(let affine): return system.description(of: affine)
        case .argument(let local): return name(LocalID(local))
        case .access(let quantity, let indices): return text(quantity, indices)
        case .add(let terms): return list(terms, " + ")
        case .multiply(let factors): return list(factors, "*")
        case .negate(let operand): return "-\(text(operand))"
        case .divide(let left, let right): return list([left, right], "/")
        case .power(let left, let right): return list([left, right], "^")
        case .call(.standard(let function), let arguments):
            return FunctionTable.standard[function].name + list(arguments, ", ")
        case .select(let condition, let then, let otherwise):
            return "(\(text(condition)) ? \(text(then)) : \(text(otherwise)))"
        case .compare(let comparison, let left, let right): return list([left, right], " \(comparison.symbol) ")
        case .and(let operands): return list(operands, " && ")
        case .or(let operands): return list(operands, " || ")
        case .not(let operand): return "!\(text(operand))"
        case .boolean(let value): return "\(value)"
        case .call, .derivativeCall, .reduce, .reduceExamples, .extremum: return "?"
        }
    }
}

extension LoopBound {
    /// The bound in the language, with `ceil`, `max` and `min` where it is no affine expression.
    func description(in system: System) -> String {
        let texts = terms.map { term in
            let affine = system.description(of: term.affine)
            return term.divisor == 1 ? affine : "ceil((\(affine))/\(term.divisor))"
        }
        if texts.count == 1 { return texts[0] }
        return "\(choice == .largest ? "max" : "min")(\(texts.joined(separator: ", ")))"
    }
}
