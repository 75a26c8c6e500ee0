/// Finds quantities that can take the place of another one element by element: dC_de[k,i] = e[k,i]·c[k], where nothing needs e
/// afterwards.
struct InPlaceStores {
    /// A quantity that is stored where another one, read for the last time, lies, inside of one statement.
    struct Candidate {
        var target: QuantityID
        var source: QuantityID
    }

    private let program: LoopProgram
    private let lanes: Int

    /// - Parameter lanes: how many numbers the widest vectors have. A last vector that begins earlier would read what it has overwritten: rounds
    ///   are a multiple of it.
    init(_ program: LoopProgram, lanes: Int) {
        self.program = program
        self.lanes = lanes
    }

    /// The candidates inside of a statement, whatever stands around it.
    func candidates(in statement: LoopStatement) -> [Candidate] {
        var found: [Candidate] = []
        var accesses: LoopAccesses?
        var pending: [(statement: LoopStatement, around: [Dimension])] = [(statement, [])]
        while let (inner, around) = pending.popLast() {
            switch inner {
            case .examples(let body): pending += program[body].statements.map { ($0, around + [.examples]) }
            case .loop(let loop):
                guard let dimension = loop.dimension, loop.solution == nil else { continue }
                pending += program[loop.body].statements.map { ($0, around + [dimension]) }
            case .lanes(let lanes):
                guard let count = program.count(of: lanes.dimension), count > 0, count % self.lanes == 0 else {
                    continue
                }
                let all = accesses ?? LoopAccesses(statement, program)
                accesses = all
                found += candidates(lanes.body, around + [lanes.dimension], all)
            default: break
            }
        }
        return found
    }

    private func candidates(_ body: BlockID, _ around: [Dimension], _ all: LoopAccesses) -> [Candidate] {
        let statements = program[body].statements
        var found: [Candidate] = []
        for (position, statement) in statements.enumerated() {
            guard case .store(let target, let indices, let value) = statement, isOwn(indices, around) else { continue }
            var seen: Set<QuantityID> = []
            for id in program.system.graph.reachable(from: value) {
                guard case .access(let source, indices) = program.system.graph.form(of: id), source != target,
                    seen.insert(source).inserted, isAlike(source, target),
                    isFree(source, target, indices, statements, position, all)
                else { continue }
                found.append(Candidate(target: target, source: source))
                break
            }
        }
        return found
    }

    /// Whether each round has an element of its own: the indices of all loops, and nothing else.
    private func isOwn(_ indices: [AffineID], _ around: [Dimension]) -> Bool {
        let loops = around.compactMap(\.index)
        let places = indices.compactMap { program.system.graph[$0].asIndex }
        return places.count == indices.count && Set(places) == Set(loops) && places.count == loops.count
    }

    private func isAlike(_ one: QuantityID, _ other: QuantityID) -> Bool {
        guard let first = program.buffer(of: one), let second = program.buffer(of: other), first.role == .intermediate,
            second.role == .intermediate, first.examples == second.examples, first.ring == nil, second.ring == nil,
            program.system[one].stageCount == 0, program.system[other].stageCount == 0,
            let extents = first.uniformExtents
        else { return false }
        return extents == second.uniformExtents
    }

    /// Whether, of all accesses of the statement around, the source is read before it is overwritten, only there and only at this element, and the
    /// target is new.
    private func isFree(
        _ source: QuantityID, _ target: QuantityID, _ indices: [AffineID], _ statements: [LoopStatement],
        _ position: Int, _ all: LoopAccesses
    ) -> Bool {
        let (before, after) = (Array(statements[...position]), Array(statements[(position + 1)...]))
        let (first, rest) = (LoopAccesses(before, program), LoopAccesses(after, program))
        func count(_ accesses: [LoopAccesses.Access], _ quantity: QuantityID) -> Int {
            accesses.filter { $0.quantity == quantity }.count
        }
        return first.reads.allSatisfy { $0.quantity != source || $0.indices == indices }
            && count(all.writes, source) == 0 && count(all.reads, source) == count(first.reads, source)
            && count(first.reads, target) == 0 && count(all.writes, target) == 1
            && count(all.reads, target) == count(rest.reads, target)
            && rest.reads.allSatisfy { $0.quantity != target || $0.indices == indices }
    }
}
