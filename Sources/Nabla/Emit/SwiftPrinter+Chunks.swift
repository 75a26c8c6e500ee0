// Batches that are split over several workers: memory, and what runs the chunks.

/// What one computation needs where the examples are split: its memory and its work.
struct SwiftSplit {
    let storage: SwiftStorage
    /// How many operations one example takes; nil where that depends on sizes that are given at run time.
    let operations: Double?

    init(_ storage: SwiftStorage, _ operations: Double?) {
        self.storage = storage
        self.operations = operations
    }
}

extension SwiftComposer {
    /// Makes the work memory larger.
    static let growth = SwiftSource.braces(
        "if values.count < count",
        [.line("values.append(contentsOf: repeatElement(0, count: count - values.count))")])

    /// `reserve`, with memory for each worker and sums for each chunk.
    func reservingForWorkers(
        _ types: inout SwiftTypes, _ storages: [SwiftStorage], _ fixed: SwiftInteger, _ perExample: SwiftInteger
    ) -> SwiftSource {
        func largest(_ values: [SwiftInteger]) -> String {
            let present = values.filter { $0.known != 0 }
            return SwiftInteger.largest(
                present.isEmpty
                    ? [SwiftInteger(0)]
                    : present.map { $0.known == nil ? SwiftInteger(types.count($0), $0.precedence) : $0 }
            ).text
        }
        func sum(_ left: String, _ right: String) -> String {
            if left == "0" || right == "0" { return left == "0" ? right : left }
            return types.file.call(.checkedSum, [left, right]).text
        }
        func product(_ left: String, _ right: String) -> String {
            left == "0" || right == "0" ? "0" : types.file.call(.checkedProduct, [left, right]).text
        }
        func declaration(_ name: String, _ value: String) -> SwiftSource {
            .line("let \(name): Int = \(value.contains("checked") ? "try " : "")\(value)")
        }
        let gradientCount = largest([blocks.gradient.count, secondBlocks.gradient.count])
        let rows = "min(exampleCount, \(file.blockSize)) + \(SwiftStorage.blockSlack)"
        let own = sum(largest(storages.map(\.ownCount)), product(rows, largest(storages.map(\.ownCountOfBlock))))
        return .list(
            head: "fileprivate mutating func reserve", items: ["exampleCount: Int", "chunks: Chunks"], tail: " throws",
            body: [
                .braces(
                    "if exampleCount <= reserved.examples, chunks.workers <= reserved.workers, chunks.sets <= reserved.sets",
                    [.line("return")]),
                declaration("shared", sum(fixed.text, product("exampleCount", perExample.text))),
                declaration("own", product("chunks.workers", own)),
                declaration("sums", product("chunks.sets", sum(gradientCount, largest(storages.map(\.sumCount))))),
                declaration("count", sum("shared", sum("own", "sums"))),
                SwiftComposer.growth,
                .line("reserved = (exampleCount, chunks.workers, chunks.sets)"),
            ])
    }
}

extension SwiftEntry {
    /// What splits the examples, and runs a part of the computation for each chunk.
    func chunking() -> [SwiftSource] {
        let size = file.blockSize
        let modifier = file.isInstance ? "private" : "private static"
        let text = """
            /// How the examples of a batch are split. The chunks depend on the number of examples alone, and their sums are added in
            /// the chunks' order: the result does not depend on the number of workers.
            fileprivate struct Chunks {
                let count: Int
                let workers: Int

                init(exampleCount: Int, workers: Int, operations: Double) {
                    var count: Int = 1
                    while count < 16, exampleCount >= \(4 * size) * count { count *= 2 }
                    self.count = count
                    // Other threads cost more than they gain where all takes less than about 0.3 ms.
                    self.workers = workers > 1 && Double(exampleCount) * operations >= 2e6 ? min(workers, count) : 1
                }

                /// How many chunks have sums of their own at one time, beside the first one.
                var sets: Int { workers == 1 ? min(1, count - 1) : count - 1 }
            }

            /// Runs a computation for each chunk of the examples, and adds up what they gather.
            \(modifier) func inChunks(_ memory: Memory, _ run: @Sendable (Memory) -> Void, adding add: (Memory, Memory) -> Void) {
                let chunks = memory.chunks
                if chunks.count == 1 { return run(memory) }
                if chunks.workers == 1 {
                    for number in 0..<chunks.count {
                        let chunk = memory.chunk(number, worker: 0, set: min(1, number))
                        run(chunk)
                        if number > 0 { add(chunk, memory) }
                    }
                    return
                }
                DispatchQueue.concurrentPerform(iterations: chunks.workers) { worker in
                    for number in stride(from: worker, to: chunks.count, by: chunks.workers) {
                        run(memory.chunk(number, worker: worker, set: number))
                    }
                }
                for number in 1..<chunks.count { add(memory.chunk(number, worker: 0, set: number), memory) }
            }

            \(modifier) func addSums(
                _ source: UnsafeMutablePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, count: Int
            ) {
                for position in 0..<count { target[position] += source[position] }
            }
            """
        return lines(text)
    }

    /// The members of `Memory` that a chunk has of its own, and the function that makes it.
    func chunkMembers() -> [SwiftSource] {
        let size = file.blockSize
        let pointer = "UnsafeMutablePointer<\(file.scalar)>"
        let gradient = hasAnyGradient
        return lines(
            """
            /// What each worker has of its own starts here, and is so large.
            var own: \(pointer)
            let ownCount: Int
            \(gradient ? "var gradientSums: \(pointer)\n" : "")var sums: \(pointer)
            /// Where the sums of other chunks than the first one are, so many that belong to the gradient before the others.
            let spare: \(pointer)
            let spareCount: Int
            let gradientCount: Int
            let chunks: Chunks
            var firstExample: Int
            var endExample: Int

            /// One chunk of the examples: whole blocks of \(size).
            func chunk(_ number: Int, worker: Int, set: Int) -> Memory {
                let blocks: Int = (exampleCount + \(size - 1)) / \(size)
                var chunk = self
                chunk.firstExample = blocks * number / chunks.count * \(size)
                chunk.endExample = min(exampleCount, blocks * (number + 1) / chunks.count * \(size))
                chunk.own += worker * ownCount
                if set > 0 {
                    chunk.sums = spare + (set - 1) * spareCount + gradientCount\(gradient ? "\n        chunk.gradientSums = chunk.sums - gradientCount" : "")
                }
                return chunk
            }
            """)
    }

    private func lines(_ text: String) -> [SwiftSource] {
        text.replacing("Scalar", with: file.scalar).split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.isEmpty ? .blank : .line(String($0))
        }
    }

    /// What a runner computes first: how the examples are split.
    func split(_ run: Run) -> [SwiftSource] {
        guard let split = splits[run] else { return [] }
        let operations =
            split.operations.map { NumberText.swift($0) }
            ?? "Double(6 * \(blocks.parameters.count.operand(.product)) + 8 * \(split.storage.ownCountOfBlock.operand(.product)))"
        return [
            .list(
                head: "let chunks = Chunks",
                items: ["exampleCount: exampleCount", "workers: workers", "operations: \(operations)"], tail: "",
                body: nil),
            .line("try workspace.reserve(exampleCount: exampleCount, chunks: chunks)"),
        ]
    }

    /// The memory that workers have of their own, where a runner has `work`.
    func splitMemory(_ run: Run) -> [SwiftSource] {
        guard let split = splits[run] else { return [] }
        let rows = SwiftInteger("(min(exampleCount, \(file.blockSize)) + \(SwiftStorage.blockSlack))", .atom)
        let count = SwiftInteger(atom: "exampleCount")
        let own = split.storage.ownCount + rows * split.storage.ownCountOfBlock
        let first = split.storage.workCount + count * split.storage.workCountOfExample
        return [
            .line("let ownCount: Int = \(own.text)"),
            .line("let own: UnsafeMutablePointer<\(file.scalar)> = work + \(first.operand(.product))"),
        ]
    }

    /// The arguments of `Memory` for workers and chunks.
    func splitFields(_ run: Run) -> [String] {
        guard let split = splits[run] else { return [] }
        let gradientCount: SwiftInteger =
            switch run {
            case .value: SwiftInteger(0)
            case .gradient: blocks.gradient.count
            case .second: second?.gradientCount ?? SwiftInteger(0)
            }
        let sums = split.storage.firstSum
        return ["own: own", "ownCount: ownCount"]
            + (hasAnyGradient
                ? ["gradientSums: \(run == .value ? "work" : "gradientBuffer.baseAddress ?? work")"] : [])
            + [
                "sums: work\(sums.known == 0 ? "" : " + \(sums.operand(.product))")",
                "spare: own + chunks.workers * ownCount",
                "spareCount: \((gradientCount + split.storage.sumCount).text)", "gradientCount: \(gradientCount.text)",
                "chunks: chunks", "firstExample: 0", "endExample: exampleCount",
            ]
    }
}
