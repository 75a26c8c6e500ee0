/// How a ``LoopProgram`` is cut into Swift functions.
///
/// The compiler's time grows with the square of what stands in one scope, so that long blocks are cut into pieces, and deeply
/// nested ones are taken out. Most programs are one function.
struct SwiftFunctionPlan {
    /// What a block contains after the cut.
    enum Item {
        case statement(LoopStatement)
        /// Runs the function at this position of ``SwiftFunctionPlan/functions``.
        case call(Int)

        var isComment: Bool {
            if case .statement(.comment) = self { return true }
            return false
        }
    }

    struct Function {
        var items: [Item]
        /// The indices of the loops around it, the outermost first: it gets their values as arguments.
        var indices: [IndexID]
        /// Whether it runs for one training example.
        var isInsideExamples: Bool
        /// Whether it runs for one block of examples.
        var isInsideBlocks: Bool
        /// Whether it, or a function that it calls, ends a reduction that may turn out to be empty.
        var canThrow = false
    }

    /// A scalar of the program, wherever it lives.
    enum Variable: Hashable {
        case local(LocalID)
        case accumulator(AccumulatorID)
        /// A quantity without indices that has one value at a time.
        case quantity(QuantityID)
    }

    /// The last one runs the whole program; each calls earlier ones only.
    private(set) var functions: [Function] = []
    /// Of each block that stands inside a function: what it contains.
    private(set) var items: [[Item]]

    /// Scopes are kept to about this many statements.
    private static let mostStatements = 120
    private static let deepestNesting = 24

    private struct Place {
        var block: BlockID
        var indices: [IndexID] = []
        var isInsideExamples = false
        var isInsideBlocks = false
        /// Whether it runs in the lanes of a vector, and so stays in one piece.
        var isInsideLanes = false
    }

    init(_ program: LoopProgram) {
        items = Array(repeating: [], count: program.blocks.count)
        let places = SwiftFunctionPlan.places(program)
        var weights = Array(repeating: 0, count: program.blocks.count)
        var heights = Array(repeating: 0, count: program.blocks.count)
        // Inner blocks first.
        for place in places.reversed() {
            let block = Int(place.block.raw)
            items[block] = program[place.block].statements.map { .statement($0) }
            let children = SwiftFunctionPlan.children(program[place.block])
            // What is large goes into functions of its own only where the block around it gets too large.
            var total = SwiftFunctionPlan.weight(program[place.block], weights)
            if place.isInsideLanes {
                weights[block] = total
                continue
            }
            if total > SwiftFunctionPlan.mostStatements {
                for (child, inner) in children
                where !inner.isLanes && weights[Int(child.raw)] > SwiftFunctionPlan.mostStatements / 2 {
                    total -= weights[Int(child.raw)] - 1
                    takeOut(child, inner.place(in: place), &weights, &heights)
                }
            }
            for (child, inner) in children
            where !inner.isLanes && heights[Int(child.raw)] >= SwiftFunctionPlan.deepestNesting {
                takeOut(child, inner.place(in: place), &weights, &heights)
            }
            if total > SwiftFunctionPlan.mostStatements { total = cut(place, weights) }
            weights[block] = total
            heights[block] = 1 + (children.map { heights[Int($0.0.raw)] }.max() ?? 0)
        }
        functions.append(
            Function(items: items[Int(program.root.raw)], indices: [], isInsideExamples: false, isInsideBlocks: false))
        findThrows(program)
    }

    private enum Step {
        case loop(IndexID)
        case examples
        case exampleBlocks
        case lanes
        case branch

        var isLanes: Bool {
            if case .lanes = self { return true }
            return false
        }

        func place(in outer: Place) -> Place {
            var place = outer
            switch self {
            case .loop(let index): place.indices.append(index)
            case .examples: place.isInsideExamples = true
            case .exampleBlocks: place.isInsideBlocks = true
            case .lanes: place.isInsideLanes = true
            case .branch: break
            }
            return place
        }
    }

    /// The blocks directly inside a block.
    private static func children(_ block: LoopBlock) -> [(BlockID, Step)] {
        var result: [(BlockID, Step)] = []
        for statement in block.statements {
            switch statement {
            case .loop(let loop): result.append((loop.body, .loop(loop.index)))
            case .examples(let body): result.append((body, .examples))
            case .exampleBlocks(let body): result.append((body, .exampleBlocks))
            case .lanes(let lanes): result.append((lanes.body, .lanes))
            case .conditional(_, let then, let otherwise):
                result.append((then, .branch))
                if let otherwise { result.append((otherwise, .branch)) }
            default: break
            }
        }
        return result
    }

    /// All blocks, each before those inside it.
    private static func places(_ program: LoopProgram) -> [Place] {
        var found: [Place] = []
        var stack = [Place(block: program.root)]
        while let place = stack.popLast() {
            found.append(place)
            for (child, step) in children(program[place.block]) {
                var inner = step.place(in: place)
                inner.block = child
                stack.append(inner)
            }
        }
        return found
    }

    private static func weight(_ block: LoopBlock, _ weights: [Int]) -> Int {
        block.statements.reduce(0) { $0 + weight($1, weights) }
    }

    private static func weight(_ statement: LoopStatement, _ weights: [Int]) -> Int {
        switch statement {
        case .comment: 0
        case .loop(let loop): 2 + weights[Int(loop.body.raw)]
        case .examples(let body), .exampleBlocks(let body): 2 + weights[Int(body.raw)]
        case .lanes(let lanes): 4 + weights[Int(lanes.body.raw)]
        case .contraction: 8
        case .conditional(_, let then, let otherwise):
            2 + weights[Int(then.raw)] + (otherwise.map { weights[Int($0.raw)] } ?? 0)
        case .begin, .accumulate, .finish: 2
        default: 1
        }
    }

    private mutating func takeOut(_ child: BlockID, _ place: Place, _ weights: inout [Int], _ heights: inout [Int]) {
        let block = Int(child.raw)
        functions.append(
            Function(
                items: items[block], indices: place.indices, isInsideExamples: place.isInsideExamples,
                isInsideBlocks: place.isInsideBlocks))
        items[block] = [.call(functions.count - 1)]
        weights[block] = 1
        heights[block] = 1
    }

    /// Cuts a block into functions, and those again while they are many; gives the new weight.
    private mutating func cut(_ place: Place, _ weights: [Int]) -> Int {
        let block = Int(place.block.raw)
        while true {
            var groups: [[Item]] = [[]]
            var size = 0
            var total = 0
            for item in items[block] {
                var weight = 1
                if case .statement(let statement) = item {
                    weight = SwiftFunctionPlan.weight(statement, weights)
                    // A comment starts what belongs together.
                    if case .comment = statement, size > SwiftFunctionPlan.mostStatements / 2 {
                        groups.append([])
                        size = 0
                    }
                }
                if size > 0, size + weight > SwiftFunctionPlan.mostStatements {
                    groups.append([])
                    size = 0
                }
                groups[groups.count - 1].append(item)
                size += weight
                total += weight
            }
            if groups.count == 1 { return total }
            // Comments alone are no function.
            if groups[groups.count - 1].allSatisfy({ $0.isComment }) { groups[groups.count - 2] += groups.removeLast() }
            items[block] = groups.map { group in
                functions.append(
                    Function(
                        items: group, indices: place.indices, isInsideExamples: place.isInsideExamples,
                        isInsideBlocks: place.isInsideBlocks))
                return .call(functions.count - 1)
            }
            if groups.count <= SwiftFunctionPlan.mostStatements { return groups.count }
        }
    }

    private mutating func findThrows(_ program: LoopProgram) {
        for position in functions.indices {
            var canThrow = false
            forEachItem(of: position) { item in
                switch item {
                case .call(let function): canThrow = canThrow || functions[function].canThrow
                case .statement(.finish(let id)): canThrow = canThrow || program[id].mayFail
                default: break
                }
            }
            functions[position].canThrow = canThrow
        }
    }

    /// Calls `body` with what a function contains, blocks inside blocks too, in the order in which it is written.
    func forEachItem(of function: Int, _ body: (Item) -> Void) {
        var stack: [Item] = functions[function].items.reversed()
        while let item = stack.popLast() {
            body(item)
            guard case .statement(let statement) = item else { continue }
            switch statement {
            case .loop(let loop): stack.append(contentsOf: items[Int(loop.body.raw)].reversed())
            case .examples(let block), .exampleBlocks(let block):
                stack.append(contentsOf: items[Int(block.raw)].reversed())
            case .lanes(let lanes): stack.append(contentsOf: items[Int(lanes.body.raw)].reversed())
            case .conditional(_, let then, let otherwise):
                if let otherwise { stack.append(contentsOf: items[Int(otherwise.raw)].reversed()) }
                stack.append(contentsOf: items[Int(then.raw)].reversed())
            default: break
            }
        }
    }
}

extension Accumulator {
    /// Whether it must have got a value, and it is not certain that it does.
    var mayFail: Bool {
        if isNeverEmpty { return false }
        switch kind {
        case .value(.sum), .value(.product): return false
        default: return true
        }
    }
}
