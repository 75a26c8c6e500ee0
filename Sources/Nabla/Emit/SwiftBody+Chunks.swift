// Passes over the examples that run in chunks: a function for one chunk, and one that adds what chunks have gathered.

extension SwiftBody {
    mutating func sumsName(_ chunks: BlockID) -> String {
        if let known = sumsNames[chunks] { return known }
        let name = file.names.claim("\(functionNames.last ?? "compute")Sums")
        sumsNames[chunks] = name
        return name
    }

    /// What starts a chunk: the first one goes on with what there is, others have sums of their own.
    mutating func clearedSums(_ chunks: BlockID) -> [SwiftSource] {
        output.append([])
        for quantity in program.chunks[chunks]?.sums ?? [] { clear(quantity) }
        let statements = output.popLast() ?? []
        return statements.isEmpty ? [] : [.braces("if memory.firstExample > 0", statements)]
    }

    /// The function that adds the sums of a chunk to those of the first one.
    mutating func writeSums(_ chunks: BlockID) -> SwiftSource {
        var runs: [(array: SwiftArray, base: SwiftInteger, count: SwiftInteger)] = []
        for quantity in program.chunks[chunks]?.sums ?? [] {
            guard case .shared(let array, let base) = storage.places[quantity],
                let layout = storage.layouts[quantity]
            else { continue }
            runs.append((array, base, layout.count))
        }
        var body: [SwiftSource] = []
        for run in SwiftBody.joined(runs) {
            let place = run.array.member + (run.base.known == 0 ? "" : " + \(run.base.operand(.product))")
            body.append(.line("addSums(chunk.\(place), to: memory.\(place), count: \(run.count.text))"))
        }
        let modifier = file.isInstance ? "private" : "private static"
        return .list(
            head: "\(modifier) func \(sumsName(chunks))", items: ["_ chunk: Memory", "_ memory: Memory"], tail: "",
            body: body)
    }

    /// Runs of numbers, those that are known to follow each other as one.
    private static func joined(
        _ runs: [(array: SwiftArray, base: SwiftInteger, count: SwiftInteger)]
    ) -> [(array: SwiftArray, base: SwiftInteger, count: SwiftInteger)] {
        var result: [(array: SwiftArray, base: SwiftInteger, count: SwiftInteger)] = []
        let keys = runs.enumerated().map { position, run in
            (run.array == .gradientSums ? 0 : 1, run.base.known ?? Int.max, position)
        }
        for key in keys.sorted(by: <) {
            let run = runs[key.2]
            if let last = result.last, last.array == run.array, let base = last.base.known,
                let count = last.count.known,
                run.base.known == base + count, let more = run.count.known
            {
                result[result.count - 1].count = SwiftInteger(count + more)
            } else {
                result.append(run)
            }
        }
        return result
    }
}
