/// What an evaluation gives.
public struct Results: Sendable {
    /// A value of its own for each example, or one for all.
    public enum PerExample<Value: Sendable>: Sendable {
        case one(Value)
        case each([Value])

        /// The values: one, or one for each example.
        public var all: [Value] {
            switch self {
            case .one(let value): [value]
            case .each(let values): values
            }
        }
    }

    /// The cost, as the spec writes it.
    public var costName: String
    public var cost: PerExample<Double>
    /// With respect to each quantity that was asked for, in that order; nil where no gradient was.
    public var gradient: [(name: String, value: PerExample<Tensor>)]?
    /// The blocks of the Hessian, by the first quantity and then by the second; nil where it was not asked for.
    public var hessian: [(name: String, blocks: [(name: String, value: PerExample<Tensor>)])]?
    /// The product of the Hessian with the direction, for each quantity; nil where it was not asked for.
    public var product: [(name: String, value: PerExample<Tensor>)]?
    /// All computed quantities, in the order of their definition; nil where they were not asked for.
    public var quantities: [(name: String, value: PerExample<Tensor>)]?

    /// The results as cli.md prints them: one line.
    public var json: String {
        var text = "{\"cost\": {\"name\": \(Results.quoted(costName)), \"value\": "
        switch cost {
        case .one(let value): Tensor.writeNumber(value, into: &text)
        case .each(let values):
            Results.writeList(values, into: &text) { Tensor.writeNumber($0, into: &$1) }
        }
        text += "}"
        if let gradient { Results.write(gradient, as: "gradient", into: &text) }
        if let hessian {
            text += ", \"hessian\": {"
            for (position, row) in hessian.enumerated() {
                text += (position > 0 ? ", " : "") + Results.quoted(row.name) + ": {"
                Results.write(members: row.blocks, into: &text)
            }
            text += "}"
        }
        if let product { Results.write(product, as: "hvp", into: &text) }
        if let quantities { Results.write(quantities, as: "quantities", into: &text) }
        return text + "}"
    }

    private static func write(
        _ members: [(name: String, value: PerExample<Tensor>)], as name: String, into text: inout String
    ) {
        text += ", \"\(name)\": {"
        write(members: members, into: &text)
    }

    /// The members of an object, and its closing brace.
    private static func write(members: [(name: String, value: PerExample<Tensor>)], into text: inout String) {
        for (position, member) in members.enumerated() {
            if position > 0 { text += ", " }
            text += quoted(member.name) + ": "
            switch member.value {
            case .one(let tensor): tensor.writeJSON(into: &text)
            case .each(let tensors): writeList(tensors, into: &text) { $0.writeJSON(into: &$1) }
            }
        }
        text += "}"
    }

    private static func writeList<Value>(
        _ values: [Value], into text: inout String, _ write: (Value, inout String) -> Void
    ) {
        text += "["
        for (position, value) in values.enumerated() {
            if position > 0 { text += ", " }
            write(value, &text)
        }
        text += "]"
    }

    /// A JSON string; names may be any text.
    private static func quoted(_ name: String) -> String {
        var text = "\""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
