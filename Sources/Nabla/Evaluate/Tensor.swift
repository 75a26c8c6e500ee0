/// The values of one quantity, for known sizes.
public struct Tensor: Sendable {
    /// The system that the quantity belongs to, with its sizes.
    let bound: BoundSystem
    /// Whose elements these are.
    public let quantity: QuantityID
    /// Where each element is in `values`.
    public let shape: TensorShape
    /// The numbers.
    public internal(set) var values: [Double]

    /// One element, stage indices first; nil where there is no such element.
    public subscript(indices: Int...) -> Double? { element(indices) }

    /// One element, stage indices first; nil where there is no such element.
    public func element(_ indices: [Int]) -> Double? {
        shape.offset(of: indices).flatMap { values.indices.contains($0) ? values[$0] : nil }
    }

    /// The tensor as JSON: nested arrays, objects for stages, no spaces but behind `,` and `:`.
    func writeJSON(into text: inout String) {
        let quantity = bound.system[quantity]
        let arithmetic = SizeArithmetic(bound.system)
        let axisCount = quantity.axisCount
        if axisCount == 0 {
            Tensor.writeNumber(values.first ?? .nan, into: &text)
            return
        }
        var indices: [Int] = []
        var ranges: [Range<Int>] = []
        /// Opens brackets down to the last axis but one, and writes the rows.
        func open() {
            let range = range(at: indices, quantity, arithmetic)
            let isStage = ranges.count < quantity.stageCount
            text += isStage ? "{" : "["
            if !isStage, ranges.count + 1 == axisCount {
                writeRow(indices, range, into: &text)
                text += "]"
            } else {
                ranges.append(range)
                indices.append(range.lowerBound - 1)
            }
        }
        open()
        while let range = ranges.last, let index = indices.last {
            let next = index + 1
            let isStage = ranges.count <= quantity.stageCount
            guard next < range.upperBound else {
                text += isStage ? "}" : "]"
                ranges.removeLast()
                indices.removeLast()
                continue
            }
            if next > range.lowerBound { text += ", " }
            if isStage { text += "\"\(next)\": " }
            indices[indices.count - 1] = next
            if indices.count == axisCount {
                Tensor.writeNumber(element(indices) ?? .nan, into: &text)
            } else {
                open()
            }
        }
    }

    private func writeRow(_ indices: [Int], _ range: Range<Int>, into text: inout String) {
        guard !range.isEmpty, let start = shape.offset(of: indices + [range.lowerBound]) else { return }
        for (position, _) in range.enumerated() {
            if position > 0 { text += ", " }
            let place = start + position
            Tensor.writeNumber(values.indices.contains(place) ? values[place] : .nan, into: &text)
        }
    }

    /// The range of the axis behind some indices, over all pieces of the domain that they are in.
    private func range(at indices: [Int], _ quantity: Quantity, _ arithmetic: SizeArithmetic) -> Range<Int> {
        let graph = bound.system.graph
        var result: Range<Int>?
        for axes in quantity.domains {
            var map: [IndexID: Int] = [:]
            var isInside = true
            for (axis, index) in zip(axes, indices) {
                guard let lower = arithmetic.value(axis.lower, map, in: graph),
                    let upper = arithmetic.value(axis.upper, map, in: graph), index >= lower, index < upper
                else {
                    isInside = false
                    break
                }
                map[axis.index] = index
            }
            guard isInside, indices.count < axes.count,
                let lower = arithmetic.value(axes[indices.count].lower, map, in: graph),
                let upper = arithmetic.value(axes[indices.count].upper, map, in: graph), lower < upper
            else { continue }
            result = result.map { min($0.lowerBound, lower)..<max($0.upperBound, upper) } ?? lower..<upper
        }
        return result ?? 0..<0
    }

    /// A number, or a string for what JSON has no number for.
    static func writeNumber(_ value: Double, into text: inout String) {
        text += value.isFinite ? NumberText.json(value) : "\"\(NumberText.json(value))\""
    }
}
