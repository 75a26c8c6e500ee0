/// How one quantity's values lie in memory, for known sizes.
///
/// For each value of the stage indices there is a dense row-major array; these follow one another, the last stage index
/// fastest. Ragged stages have arrays of different sizes.
public struct TensorShape: Sendable {
    /// The number of element axes.
    public let elementAxisCount: Int
    /// The range of each stage axis.
    let stageRanges: [Range<Int>]
    /// Of each combination of stages, row-major: where its array starts, or -1 where it has none.
    let offsets: [Int]
    /// Of each combination of stages, the extents of its array.
    let extents: [Int]
    /// How many numbers there are in all.
    public let count: Int

    /// Whether all stages have arrays of the same extents, one behind the other.
    let isUniform: Bool

    /// More numbers than this are not kept in memory.
    static let largest = 1 << 36

    /// The shape of one quantity.
    ///
    /// - Throws: ``EvaluationError`` where there would be too many numbers.
    init(_ buffer: Buffer, in system: System, _ arithmetic: SizeArithmetic) throws {
        let quantity = system[buffer.quantity]
        let tooLarge = EvaluationError("'\(quantity.name)' is too large for these sizes", at: quantity.range)
        elementAxisCount = buffer.boxes.first?.extents.count ?? 0
        var ranges: [Range<Int>] = []
        var tuples = 1
        for range in buffer.stageRanges {
            guard let lower = arithmetic.value(range.lower, in: system.graph),
                let upper = arithmetic.value(range.upper, in: system.graph)
            else { throw EvaluationError("the stages of '\(quantity.name)' are not known", at: quantity.range) }
            ranges.append(lower..<max(lower, upper))
            let (product, overflow) = tuples.multipliedReportingOverflow(by: max(0, upper - lower))
            guard !overflow, product <= 1 << 30 else { throw tooLarge }
            tuples = product
        }
        stageRanges = ranges
        var extents = Array(repeating: 0, count: tuples * elementAxisCount)
        var isPresent = Array(repeating: false, count: tuples)
        for box in buffer.boxes {
            var indices: [IndexID: Int] = [:]
            var odometer = Odometer(box.stages, system.graph, arithmetic)
            while let stages = try odometer.next(&indices) {
                var tuple = 0
                for (range, stage) in zip(ranges, stages) { tuple = tuple * range.count + (stage - range.lowerBound) }
                guard isPresent.indices.contains(tuple) else { throw tooLarge }
                isPresent[tuple] = true
                for (axis, extent) in box.extents.enumerated() {
                    guard let value = arithmetic.value(extent, indices, in: system.graph) else { throw tooLarge }
                    let place = tuple * elementAxisCount + axis
                    extents[place] = max(extents[place], value)
                }
            }
        }
        var offsets: [Int] = []
        offsets.reserveCapacity(tuples)
        var count = 0
        var sizes: [Int] = []
        for tuple in 0..<tuples {
            guard isPresent[tuple] else {
                offsets.append(-1)
                sizes.append(0)
                continue
            }
            offsets.append(count)
            var size = 1
            for axis in 0..<elementAxisCount {
                let (product, overflow) = size.multipliedReportingOverflow(by: extents[tuple * elementAxisCount + axis])
                guard !overflow, product <= TensorShape.largest else { throw tooLarge }
                size = product
            }
            sizes.append(size)
            count += size
            guard count <= TensorShape.largest else { throw tooLarge }
        }
        if let ring = buffer.ring {
            // Never more than without a ring.
            let capacity = sizes.max() ?? 0
            for tuple in offsets.indices where offsets[tuple] >= 0 { offsets[tuple] = tuple % ring.count * capacity }
            count = min(ring.count, tuples) * capacity
        }
        self.offsets = offsets
        self.extents = extents
        self.count = count
        let size = offsets.count > 1 ? offsets[1] : count
        let width = elementAxisCount
        isUniform = offsets.indices.allSatisfy { tuple in
            offsets[tuple] == tuple * size
                && (0..<width).allSatisfy { extents[tuple * width + $0] == extents[$0] }
        }
    }

    /// How far apart neighbours on an element axis are.
    func stride(of axis: Int, tuple: Int) -> Int {
        var stride = 1
        // The product of some of the extents whose product was checked, or of more where one of them is 0.
        for inner in axis + 1..<max(axis + 1, elementAxisCount) {
            stride = stride.multipliedReportingOverflow(by: extents[tuple * elementAxisCount + inner]).partialValue
        }
        return stride
    }

    /// Of each combination of stages, how far apart neighbours on an element axis are.
    func strides(of axis: Int) -> [Int] { offsets.indices.map { stride(of: axis, tuple: $0) } }

    /// The combination of stages, as a position in ``offsets``; nil where there is none.
    func tuple(_ stages: some Collection<Int>) -> Int? {
        var tuple = 0
        for (range, stage) in zip(stageRanges, stages) {
            guard range.contains(stage) else { return nil }
            tuple = tuple * range.count + (stage - range.lowerBound)
        }
        return tuple < offsets.count && offsets[tuple] >= 0 ? tuple : nil
    }

    /// Where an element lies: stage indices first; nil where there is no such element.
    public func offset(of indices: [Int]) -> Int? {
        guard indices.count == stageRanges.count + elementAxisCount,
            let tuple = tuple(indices.prefix(stageRanges.count))
        else { return nil }
        var offset = 0
        for axis in 0..<elementAxisCount {
            let extent = extents[tuple * elementAxisCount + axis]
            let index = indices[stageRanges.count + axis]
            guard index >= 0, index < extent else { return nil }
            offset = offset * extent + index
        }
        return offsets[tuple] + offset
    }
}

/// All values of some axes, the last one fastest.
struct Odometer {
    private let axes: [Axis]
    private let graph: ExprGraph
    private let arithmetic: SizeArithmetic
    private var current: [Int] = []
    private var uppers: [Int] = []
    private var isStarted = false

    init(_ axes: [Axis], _ graph: ExprGraph, _ arithmetic: SizeArithmetic) {
        self.axes = axes
        self.graph = graph
        self.arithmetic = arithmetic
    }

    /// The next values, also under the axes' indices; nil after the last ones.
    mutating func next(_ indices: inout [IndexID: Int]) throws -> [Int]? {
        if !isStarted {
            isStarted = true
        } else if !advance(&indices) {
            return nil
        }
        // Fill up from the first axis that has no value.
        while current.count < axes.count {
            let axis = axes[current.count]
            guard let lower = arithmetic.value(axis.lower, indices, in: graph),
                let upper = arithmetic.value(axis.upper, indices, in: graph)
            else { throw EvaluationError("a range is not known") }
            if lower < upper {
                current.append(lower)
                uppers.append(upper)
                indices[axis.index] = lower
            } else if !advance(&indices) {
                return nil
            }
        }
        return current
    }

    /// Moves the last axis that has a value on, dropping those that are at their end.
    private mutating func advance(_ indices: inout [IndexID: Int]) -> Bool {
        while let last = current.last, let upper = uppers.last {
            if last + 1 < upper {
                current[current.count - 1] = last + 1
                indices[axes[current.count - 1].index] = last + 1
                return true
            }
            current.removeLast()
            uppers.removeLast()
        }
        return false
    }
}

extension TensorShape {
    /// Calls `body` with the places of each run along the last element axis.
    func forEachRow(_ body: (Range<Int>) -> Void) {
        guard elementAxisCount > 0 else { return }
        for tuple in offsets.indices where offsets[tuple] >= 0 {
            let row = extents[tuple * elementAxisCount + elementAxisCount - 1]
            var size = 1
            for axis in 0..<elementAxisCount { size *= extents[tuple * elementAxisCount + axis] }
            guard row > 0 else { continue }
            for start in Swift.stride(from: offsets[tuple], to: offsets[tuple] + size, by: row) {
                body(start..<start + row)
            }
        }
    }
}

extension Tensor {
    /// The element at a place in memory, as the language writes it: `w(2)[0,1]`.
    func placeName(_ place: Int) -> String {
        var found: [Int] = []
        try? bound.forEachElement(of: quantity) { indices in
            if shape.offset(of: indices) == place { found = indices }
        }
        let described = bound.system[quantity]
        let stages = found.prefix(described.stageCount).map(String.init).joined(separator: ",")
        let elements = found.dropFirst(described.stageCount).map(String.init).joined(separator: ",")
        return described.name + (stages.isEmpty ? "" : "(\(stages))") + (elements.isEmpty ? "" : "[\(elements)]")
    }
}
