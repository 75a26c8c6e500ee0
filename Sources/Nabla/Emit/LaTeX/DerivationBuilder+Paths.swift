// The paths from a quantity to the cost: listed one by one before they are added up.

extension DerivationBuilder {
    /// The paths through one quantity.
    struct PathGroup {
        var contribution: Contribution
        /// The values of the indices that tell the paths apart, of those that are listed; empty where there is one path.
        var values: [[IndexID: Affine]]
        /// Whether none was left out before the last one.
        var isAll: Bool
    }

    /// One path, as it is listed and drawn.
    struct ListedPath {
        var factors: [Factor]
        /// Whether it leads to the cost directly.
        var isDirect: Bool
        /// Its colour: its own where all lead through one quantity, else that of the quantity.
        var mark: Int
        var isAfterGap: Bool
        /// What the path leads over; nil where it is direct.
        var over: FormulaPrinter.Text?
    }

    /// The paths of a step by what they go through: all where they are at most four, else the first, the second and the last.
    ///
    /// Nil where there is one path alone, or one that is no product of ratios.
    mutating func pathGroups(of step: AdjointStep) -> [PathGroup]? {
        let possible = step.contributions.filter { !isImpossible($0, step) }
        if possible.allSatisfy({ isCost($0, step) }) { return nil }
        var groups: [PathGroup] = []
        for contribution in possible {
            guard contribution.overExamples == nil, contribution.isRatio,
                guards(of: contribution, step) == nil
            else { return nil }
            if contribution.binders.isEmpty {
                groups.append(PathGroup(contribution: contribution, values: [], isAll: true))
                continue
            }
            // What the cost mentions in a sum is no list of paths.
            guard !isCost(contribution, step), let group = group(contribution) else { return nil }
            groups.append(group)
        }
        func count() -> Int { groups.reduce(0) { $0 + max(1, $1.values.count) } }
        if count() > Self.mostPaths {
            for position in groups.indices where groups[position].values.count > 2 {
                groups[position].values = [
                    groups[position].values[0], groups[position].values[groups[position].values.count - 1],
                ]
                groups[position].isAll = false
            }
        }
        return count() > 1 && count() <= Self.mostPaths ? groups : nil
    }

    /// The paths of a sum; nil where they cannot be told before the sum is known.
    private func group(_ contribution: Contribution) -> PathGroup? {
        let binders = contribution.binders
        var all: [[IndexID: Affine]] = [[:]]
        var isSmall = true
        for binder in binders {
            for other in binders
            where system.graph.depends(binder.lower, on: other.index)
                || system.graph.depends(binder.upper, on: other.index)
            {
                return nil
            }
            guard let count = constantCount(binder.lower, binder.upper), count <= 4, all.count * max(0, count) <= 4
            else {
                isSmall = false
                break
            }
            all = all.flatMap { known in
                (0..<max(0, count)).compactMap { number in
                    system.graph[binder.lower].offset(by: number).map { value in
                        known.merging([binder.index: value]) { $1 }
                    }
                }
            }
        }
        if isSmall { return all.isEmpty ? nil : PathGroup(contribution: contribution, values: all, isAll: true) }
        var first: [IndexID: Affine] = [:]
        var last: [IndexID: Affine] = [:]
        for binder in binders {
            first[binder.index] = system.graph[binder.lower]
            last[binder.index] = system.graph[binder.upper].offset(by: -1)
        }
        var second = first
        // The last index runs first, if it runs at all.
        let runner = binders.last { constantCount($0.lower, $0.upper) != 1 } ?? binders[binders.count - 1]
        second[runner.index] = system.graph[runner.lower].offset(by: 1)
        guard last.count == binders.count, second.count == binders.count else { return nil }
        return PathGroup(contribution: contribution, values: [first, second, last], isAll: false)
    }

    /// More paths than this say nothing as a list: of each quantity the first and the last stand for all.
    private static let mostPaths = 6

    /// The paths of a step with their chains; nil where they are not listed.
    mutating func listedPaths(
        of step: AdjointStep, _ element: FormulaPrinter.Text, _ cost: FormulaPrinter.Text
    ) -> [ListedPath]? {
        guard let groups = pathGroups(of: step) else { return nil }
        var paths: [ListedPath] = []
        for (number, group) in groups.enumerated() {
            let isDirect = isCost(group.contribution, step)
            let all =
                group.values.isEmpty ? [group.contribution] : group.values.map { path(group.contribution, at: $0) }
            for (position, one) in all.enumerated() {
                let factors = chain(from: one, element, cost, step)
                if factors.count < 2, !isDirect { return nil }
                // What a direct path gives stands in one piece.
                if isDirect, let value = factors.first?.value {
                    let measure = formulas.measure(value)
                    if measure.width > formulas.limit * 0.3 || measure.nesting > 3 { return nil }
                }
                paths.append(
                    ListedPath(
                        factors: factors, isDirect: isDirect, mark: groups.count > 1 ? number : position,
                        isAfterGap: !group.isAll && position == all.count - 1,
                        over: isDirect ? nil : factors.last?.below))
            }
        }
        // Where groups lead over the same quantity in the end, they are told apart by where they begin.
        if !areApart(groups.count, paths) {
            for position in paths.indices where !paths[position].isDirect {
                paths[position].over = paths[position].factors.first?.above
            }
        }
        return paths
    }

    /// Whether the paths through different quantities lead over different ones in the end, too.
    private func areApart(_ groupCount: Int, _ paths: [ListedPath]) -> Bool {
        if groupCount < 2 { return true }
        var markByEnd: [QuantityID: Int] = [:]
        for path in paths {
            guard let end = path.factors.dropLast().last?.link?.contribution.through else { continue }
            if markByEnd[end, default: path.mark] != path.mark { return false }
            markByEnd[end] = path.mark
        }
        return true
    }

    /// One path of a sum.
    private mutating func path(_ contribution: Contribution, at values: [IndexID: Affine]) -> Contribution {
        var one = substituted(contribution, values)
        one.binders = []
        return one
    }

    /// One product of ratios for each path, in the path's colour and labelled with what it leads over.
    mutating func pathList(of paths: [ListedPath]) -> MathLine {
        var line = MathLine()
        for path in paths {
            if path.isAfterGap { line.appendTerm(FormulaPrinter.leftOut) }
            var product = MathLine()
            if path.isDirect {
                // As a ratio it would be read as the derivative along all paths.
                write(values: path.factors, dropsSign: false, to: &product)
            } else {
                for (position, factor) in path.factors.enumerated() {
                    if position > 0 { product.write(.gap, width: 0.17) }
                    let ratio = formulas.ratio(factor.above, factor.below)
                    product.write(ratio)
                }
            }
            var label = FormulaPrinter.words(path.over == nil ? "directly" : "over ")
            if let over = path.over { label.write(over) }
            line.appendTerm(
                FormulaPrinter.coloured(FormulaPrinter.underbrace(product, label: label), path: path.mark))
        }
        return line
    }

    /// The paths as a drawing: each in its colour and with its own kind of line.
    mutating func addPathsPicture(of step: AdjointStep, to document: inout LaTeXDocument) {
        let isParameter = system[step.quantity].role == .parameter
        // The paths of one parameter look like those of the next.
        if isParameter, hasDrawnParameter { return }
        let element = subject(of: step)
        let cost = costText(step)
        guard let paths = listedPaths(of: step, element, cost) else { return }
        let picture = PathsPicture(
            from: element,
            paths: paths.map {
                PathsPicture.Path(
                    through: $0.isDirect ? [] : $0.factors.dropLast().map(\.above), mark: $0.mark,
                    isAfterGap: $0.isAfterGap)
            }, to: cost)
        if picture.text == nil { return }
        if isParameter { hasDrawnParameter = true }
        document.blocks.append(.picture(.paths(picture)))
    }
}
