// Big operators: over ranges of indices and over the training examples.

extension FormulaPrinter {
    /// Takes a binder's index into scope.
    mutating func enter(_ binder: Binder, _ position: Int, of reduction: ExprID?, _ entered: inout [(IndexID, String)])
    {
        let (preferred, isGiven) = system.preferredName(of: binder.index, at: position, of: reduction)
        let name = preferredNames[binder.index] ?? preferred
        _ = scope.enter(binder.index, preferring: name, isGiven: isGiven)
        entered.append((binder.index, name))
    }

    /// A big operator with its bounds, from k = 0 to n − 1; the index is in scope.
    func bounded(_ operator: MathToken.BigOperator, _ binder: Binder) -> Text {
        let index = name(of: binder.index)
        let lower = text(of: binder.lower)
        let last = system.graph[binder.upper].offset(by: -1) ?? Affine(0)
        let upper = text(of: last)
        let width = max(1.45, 0.75 * max(index.width + lower.width + 1, upper.width)) + 0.2
        let from = index.tokens + [.operation(.equal, isTight: true)] + lower.tokens
        return ([.big(`operator`)] + from.grouped(.lowerLimit) + upper.tokens.grouped(.upperLimit), width)
    }

    mutating func push(
        reduction id: ExprID, _ kind: ReductionKind, _ binders: [Binder], _ body: ExprID, _ isLast: Bool,
        _ line: inout MathLine, _ stack: inout [Work]
    ) {
        var entered: [(IndexID, String)] = []
        var heads: [Text] = []
        for (position, binder) in binders.enumerated() {
            enter(binder, position, of: id, &entered)
            if kind == .mean, !isRectangular(binders) {
                heads.append(listed(binder, isFirst: position == 0))
                continue
            }
            switch kind {
            case .sum, .logSumExp: heads.append(bounded(.sum, binder))
            case .product: heads.append(bounded(.product, binder))
            case .mean:
                // 1/n Σ where the number of terms is plain.
                let count = system.graph[binder.upper].adding(system.graph[binder.lower], times: -1) ?? Affine(1)
                let number = text(of: count)
                heads.insert((.fraction([.number("1")], number.tokens), number.width + 0.3), at: position)
                heads.append(bounded(.sum, binder))
            case .maximum, .minimum:
                let range = range(of: binder)
                heads.append(
                    (
                        [.big(kind == .maximum ? .maximum : .minimum)] + range.tokens.grouped(.lowerLimit),
                        max(1.9, 0.75 * (range.width + 1.8)) + 0.2
                    ))
            }
        }
        if kind == .mean, !isRectangular(binders) { heads.append(([.end], 0)) }
        if kind == .logSumExp { line.write(.function("log", isKnown: true), width: 1.5) }
        for (position, head) in heads.enumerated() {
            line.write(
                head.tokens + [position == heads.count - 1 ? .blank : .thinSpace], width: head.width + 0.17)
        }
        stack.append(.leave(entered))
        if kind == .logSumExp {
            if fitsExponent(known(body)) {
                line.write(.symbol(.letter("e")), width: 0.47)
                line.beginGroup(.above(isIndex: false), width: 0.75 * known(body).width)
                stack.append(.endGroup)
                stack.append(.expression(body, .select))
            } else {
                push(head: [.function("exp", isKnown: true)], 1.6, [body], &line, &stack)
            }
        } else {
            stack.append(.expression(body, bodyPlace(body), isLast: isLast))
        }
    }

    /// Whether no binder's range depends on another's index.
    private func isRectangular(_ binders: [Binder]) -> Bool {
        binders.allSatisfy { binder in
            !binders.contains {
                system.graph.depends(binder.lower, on: $0.index) || system.graph.depends(binder.upper, on: $0.index)
            }
        }
    }

    /// Where an index runs: 0 ≤ k < n.
    func range(of binder: Binder) -> Text {
        let index = self.name(of: binder.index)
        let (lower, upper) = (text(of: binder.lower), text(of: binder.upper))
        return (
            lower.tokens + [.operation(.lessOrEqual, isTight: true)] + index.tokens
                + [.operation(.less, isTight: true)] + upper.tokens, lower.width + index.width + upper.width
        )
    }

    /// One range in a list below a mean, without the end of the list.
    private func listed(_ binder: Binder, isFirst: Bool) -> Text {
        let range = range(of: binder)
        let width = 0.75 * (range.width + 2.8)
        if isFirst { return ([.big(.mean), .begin(.lowerLimit)] + range.tokens, width + 1) }
        return ([.comma(.wide)] + range.tokens, width + 0.4)
    }

    mutating func push(
        examples kind: ReductionKind, _ body: ExprID, _ isLast: Bool, _ line: inout MathLine, _ stack: inout [Work]
    ) {
        let count = exampleCount.tokens()
        if kind == .sum, system.graph.number(body)?.isOne == true {
            line.write(count, width: exampleCount.baseWidth)
            return
        }
        if kind == .mean {
            line.write(.fraction([.number("1")], count) + [.blank], width: exampleCount.baseWidth + 0.3)
        }
        let from = exampleIndex.tokens() + [.operation(.equal, isTight: true), .number("0")]
        let last = count + [.operation(.minus, isTight: true), .number("1")]
        let indexed = [.big(.sum)] + from.grouped(.lowerLimit) + last.grouped(.upperLimit) + [.blank]
        // The cost of one example, or its derivative, takes the example's index.
        if case .access(let quantity, let indices) = system.graph.form(of: body) {
            if indices.isEmpty, system[quantity].derivative == nil {
                line.write(indexed, width: 2.4)
                line.write(exampleSymbol(quantity).text)
                return
            }
            if case .access(let cost, let at)? = system[quantity].derivative.map({ system.graph.form(of: $0.of) }),
                at.isEmpty, system[cost].dependsOnExamples,
                let (above, below) = ratio(of: quantity, indices, forExample: true)
            {
                line.write(indexed, width: 2.4)
                line.write(.fraction(above.tokens, below.tokens), width: max(above.width, below.width) + 0.3)
                return
            }
        }
        line.write([.big(.sum)] + [.text("examples")].grouped(.lowerLimit) + [.blank], width: 4)
        stack.append(.expression(body, bodyPlace(body), isLast: isLast))
    }
}
