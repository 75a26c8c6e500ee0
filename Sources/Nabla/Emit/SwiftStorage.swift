/// Where the quantities of one program live while it runs.
enum SwiftPlace {
    /// A constant member of the generated type.
    case member(String)
    /// Lent by its value, not by a pointer: the only example's number.
    case number(SwiftArray)
    /// A scalar variable of a function, or a slot of the work memory where several functions use it.
    case variable
    /// In one of the arrays, the same for all examples.
    case shared(SwiftArray, base: SwiftInteger)
    /// In one of the arrays, one value for each example: at `fixed` + exampleCount · `offset` + example · `stride`.
    case stored(SwiftArray, fixed: SwiftInteger, offset: SwiftInteger, stride: SwiftInteger)
    /// Behind all else that a worker has of its own, one value for each example of a block: at `fixed` + blockRows · `offset` +
    /// (the example's place in its block) · `stride`.
    case blocked(fixed: SwiftInteger, offset: SwiftInteger, stride: SwiftInteger)
}

/// An array that a computation reads or writes, a member of the generated `Memory`.
enum SwiftArray: Hashable {
    case parameters, constants, direction, work, gradient
    /// Consts with values that have indices, before the work memory.
    case tables
    /// What each worker has of its own.
    case own
    /// What each chunk of examples has of its own: sums over the examples that are part of the gradient, and others.
    case gradientSums, sums
    /// The examples' values of one input or target, by its identifier.
    case data(String)

    var isWritten: Bool {
        switch self {
        case .parameters, .constants, .direction, .tables, .data: false
        case .work, .gradient, .own, .gradientSums, .sums: true
        }
    }

    /// The member of `Memory`.
    var member: String {
        switch self {
        case .parameters: "parameters"
        case .constants: "constants"
        case .direction: "direction"
        case .tables: "tables"
        case .work: "work"
        case .gradient: "gradient"
        case .own: "own"
        case .gradientSums: "gradientSums"
        case .sums: "sums"
        case .data(let name): "data.\(name)"
        }
    }

    func pointerType(_ scalar: String) -> String {
        isWritten ? "UnsafeMutablePointer<\(scalar)>" : "UnsafePointer<\(scalar)>"
    }
}

/// The arrays that all programs of a file share.
struct SwiftBlocks {
    var parameters = SwiftBlock()
    /// Inputs and targets, each in an array of its own.
    var data = SwiftBlock()
    /// Consts that are given at run time.
    var constants = SwiftBlock()
    /// The direction of a product with the Hessian, given at run time.
    var direction = SwiftBlock()
    /// Consts with values that have indices: before the work memory, or at its start.
    var tables = SwiftBlock()
    /// Consts with values that have none: their members.
    var members: [QuantityID: String] = [:]
    /// What the gradient is taken with respect to: first that which is the same for all examples, then that which is not.
    var gradient = SwiftBlock()
    var exampleGradient = SwiftBlock()
    /// Of each derivative that is part of the gradient: with respect to what.
    var gradientOf: [QuantityID: QuantityID] = [:]

    /// Whether a gradient that is used again has entries that the computation does not write.
    func needsReset(_ system: System) -> Bool {
        let written = Set(gradientOf.values)
        return !gradient.items.allSatisfy { system[$0.quantity].role == .parameter && written.contains($0.quantity) }
    }
}

/// The storage of one program.
struct SwiftStorage {
    private(set) var places: [QuantityID: SwiftPlace] = [:]
    private(set) var layouts: [QuantityID: SwiftLayout] = [:]
    /// How many numbers the work memory has that all workers share, besides those for each example.
    private(set) var workCount: SwiftInteger
    private(set) var workCountOfExample = SwiftInteger(0)
    /// Where sums over the examples start that are no part of the gradient, at the end of `workCount`, and how many numbers they are.
    private(set) var firstSum = SwiftInteger(0)
    private(set) var sumCount = SwiftInteger(0)
    /// How many numbers each worker has of its own, besides those for each example of a block.
    private(set) var ownCount: SwiftInteger
    private(set) var ownCountOfBlock = SwiftInteger(0)
    /// Examples that there is room for behind a block, so that a vector may be stored whole at the end of the last row.
    static let blockSlack = 16
    /// So many numbers of work memory that they lie on the stack for the time of a call; nil where they are more, or depend on sizes
    /// or the number of examples that are given at run time.
    private(set) var stackCount: Int?
    /// The longest work memory on the stack, in numbers: at most 1,024 bytes, beyond which Swift allocates.
    private static let mostOnStack = 128
    /// Where the kernels' own memory starts.
    private(set) var scratch = SwiftInteger(0)
    /// The slots of variables that several functions use: in the work memory, and in what is each worker's own.
    let firstSlot: Int
    let firstOwnSlot: Int

    init(
        _ program: LoopProgram, _ blocks: SwiftBlocks, _ variables: SwiftVariables, isOfOneExample: Bool,
        _ file: inout SwiftFile
    ) throws {
        // Little memory lies on the stack, close together; more of it in lines of the cache.
        var compact = file
        // Code to be read has a place for each quantity.
        let ranges = file.options.kernels == .plain ? nil : LiveRanges(program, lanes: file.options.scalar.widestVector)
        try self.init(
            program, blocks, variables, isOfOneExample: isOfOneExample, liveIn: ranges, lineCount: nil, &compact)
        if file.hasWorkInLines, stackCount == nil {
            try self.init(
                program, blocks, variables, isOfOneExample: isOfOneExample, liveIn: ranges,
                lineCount: file.options.scalar.widestVector, &file)
        } else {
            file = compact
        }
    }

    private init(
        _ program: LoopProgram, _ blocks: SwiftBlocks, _ variables: SwiftVariables, isOfOneExample: Bool,
        liveIn ranges: LiveRanges?, lineCount: Int?, _ file: inout SwiftFile
    ) throws {
        // Where there is one worker, all is in the work memory.
        let own: SwiftArray = file.splitsExamples(isOfOneExample: isOfOneExample) ? .own : .work
        let sums = Set(program.chunks.values.flatMap(\.sums))
        let system = program.system
        // Known numbers first, so that most places are literals; the consts' tables at the same place for every program.
        firstSlot = file.hasWorkInLines ? 0 : blocks.tables.count.known ?? 0
        workCount = SwiftInteger(firstSlot + variables.slotCount)
        ownCount = SwiftInteger(0)
        var work: [(id: QuantityID, name: String, layout: SwiftLayout)] = []
        var stored: [(id: QuantityID, name: String, layout: SwiftLayout)] = []
        var blocked: [(id: QuantityID, name: String, layout: SwiftLayout)] = []
        var ofWorker = work
        var ofChunk = work
        let scratchCount = SwiftInteger(program.hasContractions ? ProductKernels.scratchCount(file.options.scalar) : 0)
        if scratchCount.known != 0 { workCount = workCount.roundedUp(toMultipleOf: lineCount) }
        scratch = own == .own ? ownCount : workCount
        if own == .own { ownCount = ownCount + scratchCount } else { workCount = workCount + scratchCount }
        firstOwnSlot = ownCount.known ?? 0
        ownCount = ownCount + SwiftInteger(variables.chunkSlotCount)
        for buffer in program.buffers {
            let id = buffer.quantity
            if let wrt = blocks.gradientOf[id] {
                if let item = blocks.gradient[wrt] {
                    places[id] = .shared(sums.contains(id) ? .gradientSums : .gradient, base: item.base)
                    layouts[id] = item.layout
                    continue
                }
                if let item = blocks.exampleGradient[wrt] {
                    places[id] = .stored(
                        .gradient, fixed: blocks.gradient.count, offset: item.base, stride: item.layout.count)
                    layouts[id] = item.layout
                    continue
                }
            }
            if let item = blocks.direction[id] {
                places[id] = .shared(.direction, base: item.base)
                layouts[id] = item.layout
                continue
            }
            let layout = try file.layout(of: id, buffer, system)
            layouts[id] = layout
            if let item = blocks.parameters[id] {
                places[id] = .shared(.parameters, base: item.base)
            } else if let item = blocks.data[id] {
                let array = SwiftArray.data(file.identifier(system[id].name))
                if buffer.examples != .shared {
                    places[id] = .stored(array, fixed: SwiftInteger(0), offset: item.base, stride: item.layout.count)
                } else {
                    places[id] = layout.isScalar ? .number(array) : .shared(array, base: item.base)
                }
            } else if let item = blocks.constants[id] {
                places[id] = .shared(.constants, base: item.base)
            } else if let member = blocks.members[id] {
                places[id] = .member(member)
            } else if let item = blocks.tables[id] {
                places[id] = .shared(file.hasWorkInLines ? .tables : .work, base: item.base)
            } else if buffer.examples == .stored {
                stored.append((id, file.identifier(system[id].name), layout))
            } else if buffer.examples == .blocked {
                blocked.append((id, file.identifier(system[id].name), layout))
            } else if sums.contains(id) {
                ofChunk.append((id, file.identifier(system[id].name), layout))
            } else if layout.isScalar {
                places[id] = .variable
            } else if own == .own, buffer.examples == .reused {
                ofWorker.append((id, file.identifier(system[id].name), layout))
            } else {
                work.append((id, file.identifier(system[id].name), layout))
            }
        }
        for isKnown in [true, false] {
            func isWanted(_ item: (id: QuantityID, name: String, layout: SwiftLayout)) -> Bool {
                (item.layout.count.known != nil) == isKnown
            }
            let block = try file.block(work.filter(isWanted), from: workCount, liveIn: ranges, lineCount: lineCount)
            for item in block.items { places[item.quantity] = .shared(.work, base: item.base) }
            workCount = block.count
            let ownBlock = try file.block(
                ofWorker.filter(isWanted), from: ownCount, liveIn: ranges, lineCount: lineCount)
            for item in ownBlock.items { places[item.quantity] = .shared(.own, base: item.base) }
            ownCount = ownBlock.count
        }
        // A vector may be read past the end of what counts.
        let slack = SwiftInteger(program.hasLanes ? SwiftStorage.blockSlack : 0)
        workCount = (workCount + slack).roundedUp(toMultipleOf: lineCount)
        if own == .own { ownCount = (ownCount + slack).roundedUp(toMultipleOf: lineCount) }
        let ofSums = try file.block(ofChunk)
        for item in ofSums.items { places[item.quantity] = .shared(.sums, base: item.base) }
        firstSum = workCount
        sumCount = ofSums.count
        if sumCount.known != 0 { workCount = try file.sum(workCount, sumCount, name: "sums") }
        let block = try file.block(stored)
        for item in block.items {
            places[item.quantity] = .stored(.work, fixed: workCount, offset: item.base, stride: item.layout.count)
        }
        workCountOfExample = block.count
        let ofBlock = try file.block(blocked, liveIn: ranges)
        for item in ofBlock.items {
            places[item.quantity] = .blocked(fixed: ownCount, offset: item.base, stride: item.layout.count)
        }
        ownCountOfBlock = ofBlock.count
        if own == .work, file.hasWorkInLines, blocks.tables.items.isEmpty, workCountOfExample.known == 0,
            let count = workCount.known, count <= SwiftStorage.mostOnStack
        {
            stackCount = max(1, count)
        }
    }
}

extension SwiftFile {
    /// Whether work memory that is not on the stack begins at a line of the cache, behind the consts' tables.
    var hasWorkInLines: Bool { options.kernels == .simd }

    /// Whether the examples of a batch may be split over several workers.
    func splitsExamples(isOfOneExample: Bool) -> Bool { options.kernels == .simd && !isOfOneExample }
}
