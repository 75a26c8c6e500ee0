/// How tall a line of a display is set, by TeX's own rules for fractions, scripts and limits (Appendix G of "The TeXbook"), roughly.
struct DisplayHeight {
    /// Above and below the baseline, in em.
    private struct Box {
        var above = 0.0
        var below = 0.0

        var total: Double { above + below }

        mutating func include(_ other: Box) {
            above = max(above, other.above)
            below = max(below, other.below)
        }
    }

    /// What a group in braces is to what stands before it.
    private enum Role: Equatable {
        case plain, numerator, denominator, braced, radicand, above, below
        /// Cases, a matrix or a table, whose rows are at least so tall.
        case rows(least: Double)
        /// Set, but of no height: the name of a colour or of an environment.
        case name
    }

    private struct Frame {
        var role: Role
        /// 0: display, 1: text, 2: script, 3: script of a script.
        var style: Int
        var box = Box()
        /// What stands last, which scripts belong to.
        var last = Box()
        /// Whether scripts stand below and above it.
        var hasLimits = false
        /// How tall the rows that are complete are together.
        var rows = 0.0

        var hasRows: Bool { if case .rows = role { true } else { false } }

        var size: Double { style < 2 ? 1 : style == 2 ? 0.73 : 0.55 }
    }

    private var frames = [Frame(role: .plain, style: 0)]
    /// What the next group in braces is.
    private var next: Role?
    /// Of each fraction whose denominator is missing, its numerator.
    private var numerators: [Box] = []

    private static let axis = 0.25

    private static let rowed: [(environment: String.UTF8View, least: Double)] = [
        ("{cases}".utf8, 1.5), ("{pmatrix}".utf8, 1.25), ("{array}".utf8, 1.25),
    ]

    /// The height of a line of `align*` with the space below it, in em.
    static func of(_ line: String) -> Double {
        var height = DisplayHeight()
        height.read(Array(line.utf8))
        let box = height.frames[0].box
        return max(box.above, 0.87) + max(box.below, 0.37) + 0.28
    }

    // MARK: Reading

    private mutating func read(_ bytes: [UInt8]) {
        var place = 0
        while place < bytes.count {
            let first = bytes[place]
            place += 1
            switch first {
            case UInt8(ascii: "\\"):
                let start = place
                while place < bytes.count, bytes[place] | 0x20 >= 0x61, bytes[place] | 0x20 <= 0x7A { place += 1 }
                if place == start, place < bytes.count { place += 1 }
                command(String(decoding: bytes[start..<place], as: UTF8.self), Array(bytes[place...].prefix(9)))
            case UInt8(ascii: "{"): open()
            case UInt8(ascii: "}"): close()
            case UInt8(ascii: "^"), UInt8(ascii: "_"):
                next = first == UInt8(ascii: "^") ? .above : .below
                if place < bytes.count, bytes[place] != UInt8(ascii: "{") {
                    // One sign without braces.
                    open()
                    letter()
                    if bytes[place] == UInt8(ascii: "\\") {
                        place += 1
                        while place < bytes.count, bytes[place] | 0x20 >= 0x61, bytes[place] | 0x20 <= 0x7A {
                            place += 1
                        }
                    } else {
                        place += 1
                    }
                    close()
                }
            case UInt8(ascii: " "), UInt8(ascii: "&"), UInt8(ascii: ","): break
            default: letter()
            }
        }
        while frames.count > 1 { close() }
    }

    private mutating func letter() {
        let size = frames[frames.count - 1].size
        add(Box(above: 0.7 * size, below: 0.22 * size))
    }

    private mutating func add(_ box: Box, hasLimits: Bool = false) {
        frames[frames.count - 1].box.include(box)
        frames[frames.count - 1].last = box
        frames[frames.count - 1].hasLimits = hasLimits
    }

    private mutating func command(_ name: String, _ rest: [UInt8]) {
        let frame = frames[frames.count - 1]
        func around(_ total: Double) -> Box { Box(above: total / 2 + Self.axis, below: total / 2 - Self.axis) }
        switch name {
        case "frac": next = .numerator
        case "sqrt": next = .radicand
        case "underbrace": next = .braced
        case "textcolor": next = .name
        case "begin":
            if let least = Self.rowed.first(where: { rest.starts(with: $0.environment) })?.least {
                frames.append(Frame(role: .rows(least: least), style: 1))
            }
            next = .name
        case "end":
            if frame.hasRows { close() }
            next = .name
        case "\\": if frame.hasRows { endRow() }
        case "sum", "prod": add(frame.style == 0 ? around(1.4) : around(1), hasLimits: frame.style == 0)
        case "max", "min": add(Box(above: 0.7 * frame.size, below: 0), hasLimits: frame.style == 0)
        case "operatorname": next = .plain
        case "bigl", "bigr", "big": add(around(1.2))
        case "Bigl", "Bigr": add(around(1.8))
        case "biggl", "biggr": add(around(2.4))
        case "Biggl", "Biggr": add(around(3))
        case "quad", "qquad", ",", ";", "!", "left", "right", "hline": break
        default: letter()
        }
    }

    // MARK: Groups

    private mutating func open() {
        let role = next ?? .plain
        next = nil
        let frame = frames[frames.count - 1]
        let style =
            switch role {
            case .numerator, .denominator: frame.style == 0 ? 1 : min(frame.style + 1, 3)
            case .above, .below: frame.style < 2 ? 2 : 3
            case .braced: 0
            default: frame.style
            }
        frames.append(Frame(role: role, style: style))
    }

    private mutating func endRow() {
        var frame = frames[frames.count - 1]
        guard case .rows(let least) = frame.role else { return }
        frame.rows += max(least, frame.box.total + 0.1)
        frame.box = Box()
        frame.last = Box()
        frames[frames.count - 1] = frame
    }

    private mutating func close() {
        guard frames.count > 1 else { return }
        if frames[frames.count - 1].hasRows { endRow() }
        let closed = frames.removeLast()
        let box = closed.box
        let frame = frames[frames.count - 1]
        switch closed.role {
        case .plain: add(box)
        case .name:
            // The colour's group follows as any other.
            break
        case .numerator:
            numerators.append(box)
            next = .denominator
        case .denominator:
            let numerator = numerators.popLast() ?? Box()
            let (up, down) = frame.style == 0 ? (0.68, 0.69) : (0.4 * frame.size, 0.35 * frame.size)
            let gap = frame.style == 0 ? 0.14 : 0.06
            add(
                Box(
                    above: max(up + numerator.above, Self.axis + gap + numerator.total),
                    below: max(down + box.below, box.total + gap - Self.axis)))
        case .radicand: add(Box(above: box.above + 0.2, below: box.below))
        case .braced: add(Box(above: box.above, below: box.below + 0.75), hasLimits: true)
        case .rows: add(Box(above: closed.rows / 2 + Self.axis, below: closed.rows / 2 - Self.axis))
        case .above, .below:
            var last = frame.last
            let isAbove = closed.role == .above
            if frame.hasLimits {
                if isAbove {
                    last.above += box.total + 0.3
                } else {
                    last.below += max(0.6, box.above + 0.17) + box.below
                }
            } else if isAbove {
                last.above = max(last.above, max(0.41 * frame.size, last.above - 0.27) + box.above)
            } else {
                last.below = max(last.below, max(0.25 * frame.size, last.below) + box.below)
            }
            frames[frames.count - 1].box.include(last)
            frames[frames.count - 1].last = last
        }
    }
}
