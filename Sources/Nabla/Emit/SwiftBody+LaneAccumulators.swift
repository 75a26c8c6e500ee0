extension SwiftBody {
    func identity(of id: AccumulatorID) -> String {
        switch program[id].kind {
        case .value(.product): "Vector(repeating: 1)"
        case .value(.maximum): "Vector(repeating: -\(scalar).infinity)"
        case .value(.minimum): "Vector(repeating: \(scalar).infinity)"
        default: "Vector()"
        }
    }

    mutating func accumulateInLanes(_ id: AccumulatorID, _ value: ExprID) {
        guard let name = laneAccumulators[id], let isOwn = lanes?.accumulators.contains(id) else { return }
        prepare(value)
        // What the last vector has too much counts for nothing, and what has been counted counts no more.
        func filled(_ text: String, _ rest: String) -> String {
            if isOwn || lanes?.isWhole == true { return text }
            var text = text
            if lanes?.isLong == false {
                kernelNames.insert("first")
                lanes?.usesCount = true
                text = "Kernel.first(lanes, of: \(text), rest: \(rest))"
            }
            guard lanes?.mayRepeat == true else { return text }
            kernelNames.insert("last")
            lanes?.usesSkipped = true
            return "Kernel.last(skipping: skipped, of: \(text), rest: \(rest))"
        }
        switch program[id].kind {
        case .value(.product): append(.line("\(name) *= \(filled(vector(value).operand(.prefix), "1"))"))
        case .value(let kind) where kind == .maximum || kind == .minimum:
            let candidate = freshName("candidate")
            let rest = kind != .minimum ? "-\(scalar).infinity" : "\(scalar).infinity"
            append(.line("let \(candidate): Vector = \(filled(vector(value).text, rest))"))
            let sign = kind != .minimum ? ".>" : ".<"
            let condition = "(\(candidate) \(sign) \(name)) .| (\(candidate) .!= \(candidate))"
            append(.line("\(name) = \(name).replacing(with: \(candidate), where: \(condition))"))
        default:
            if isOwn, case .multiply(let factors) = graph.form(of: value), factors.count == 2 {
                kernelNames.insert("multiplyAdd")
                let (one, two) = (vector(factors[0]).text, vector(factors[1]).text)
                append(
                    .line(
                        "\(name) = Kernel.multiplyAdd(\(name),\(SwiftSource.softBreak)\(one),\(SwiftSource.softBreak)\(two))"
                    ))
            } else {
                append(.line("\(name) +=\(SwiftSource.softBreak)\(filled(vector(value).text, "0"))"))
            }
        }
    }

    /// Takes what the lanes have gathered into the scalar accumulator.
    mutating func combine(_ id: AccumulatorID, _ name: String) {
        let target = accumulatorName(id)
        switch program[id].kind {
        case .value(.product):
            kernelNames.insert("productOfLanes")
            append(.line("\(target) *= Kernel.productOfLanes(\(name))"))
        case .value(let kind) where kind == .maximum || kind == .minimum:
            let function = kind != .minimum ? "largest" : "smallest"
            kernelNames.insert(function)
            let value = freshName(function)
            append(.line("let \(value): \(scalar) = Kernel.\(function)(\(name))"))
            append(
                .line(
                    "if \(value) \(kind != .minimum ? ">" : "<") \(target) || (\(value).isNaN && !\(target).isNaN) { \(target) = \(value) }"
                ))
        default:
            kernelNames.insert("sum")
            append(.line("\(target) += Kernel.sum(\(name))"))
        }
    }
}
