extension Resolver {
    /// The equations of a quantity share out its range without a gap, and nothing is defined twice.
    mutating func checkDefinitions() {
        for quantity in definitions.keys {
            if let only = definitions.only(quantity), drafts[only].axes.isEmpty { continue }
            guard let own = definitions[quantity], own.allSatisfy({ !drafts[$0].hasFailed }) else { continue }
            let domains = system[quantity].domains
            guard let first = domains.first, own.count == domains.count else { continue }
            if first.isEmpty {
                if own.count > 1 { reportTwice(own[0], own[1], quantity) }
                continue
            }
            // A single part is its own tree, and needs none.
            if own.count == 1 { continue }
            let tree = PieceTree(domains, &system)
            trees[quantity] = tree
            for problem in tree.problems { report(problem, quantity, own) }
            for (affine, first, second) in tree.requirements {
                _ = require(
                    affine, targetRange(own[second]), Scope(),
                    [.init("it is also defined here", range: targetRange(own[first]))]
                ) { resolver in
                    "the equations of '\(resolver.system[quantity].name)' overlap or leave a gap"
                }
            }
        }
    }

    private mutating func report(_ problem: PieceTree.Problem, _ quantity: QuantityID, _ own: [Int]) {
        let name = system[quantity].name
        switch problem {
        case .overlap(let first, let second): reportTwice(own[first], own[second], quantity)
        case .gap(let lower, let upper, let first, let second):
            let start = system.description(of: lower)
            let end = upper.offset(by: -1).map { system.description(of: $0) } ?? start
            let place = start == end ? start : "\(start)...\(end)"
            report(
                "'\(name)' is not defined at \(place)", targetRange(own[first]),
                notes: [.init("it is also defined here", range: targetRange(own[second]))])
        case .tangled(let parts):
            report(
                "it is not clear whether the equations of '\(name)' overlap", targetRange(own[parts[1]]),
                notes: [
                    .init("let them share out one index after the other"),
                    .init("it is also defined here", range: targetRange(own[parts[0]])),
                ])
        }
    }

    private mutating func reportTwice(_ first: Int, _ second: Int, _ quantity: QuantityID) {
        report(
            "'\(system[quantity].name)' is defined twice", targetRange(second),
            notes: [.init("it is first defined here", range: targetRange(first))])
    }

    // MARK: Costs

    mutating func checkCosts(_ isComplete: Bool) {
        if system.costs.isEmpty, isComplete, diagnostics.isEmpty {
            report(
                "the spec has no cost", source.lastLine,
                notes: [.init("mark the scalar that is to be minimised: 'cost C = …'")])
        }
    }
}
