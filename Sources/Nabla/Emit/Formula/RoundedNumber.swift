import Foundation

/// A number as it stands on paper: rounded to a few significant digits, a power of ten where it is large or small.
struct RoundedNumber {
    /// How many significant digits numbers are rounded to.
    static let digits = 4
    static let digitsInWords = "four"

    let tokens: [MathToken]
    /// In em.
    let width: Double
    /// Whether nothing was rounded off.
    let isExact: Bool
    let isNegative: Bool

    init(_ value: Double, digits: Int = RoundedNumber.digits) {
        guard value.isFinite else {
            isNegative = value < 0
            isExact = true
            tokens = (value < 0 ? [.negation] : []) + [.text(value.isNaN ? "NaN" : "infinity")]
            width = 4
            return
        }
        isNegative = value < 0
        let scientific = String(format: "%.\(max(0, digits - 1))e", value.magnitude).split(separator: "e")
        let exponent = scientific.last.flatMap { Int($0) } ?? 0
        var figures = String(scientific.first ?? "0").filter { $0 != "." }
        isExact = Double(scientific.joined(separator: "e")) == value.magnitude
        if isExact { while figures.count > 1, figures.hasSuffix("0") { figures.removeLast() } }
        // Zeros that only say how large it is would pass for digits.
        let isPlain = exponent >= -4 && exponent < (isExact ? 7 : max(digits, 4))
        var text = figures
        if !isPlain {
            if figures.count > 1 { text.insert(".", at: text.index(after: text.startIndex)) }
        } else if exponent < 0 {
            text = "0." + String(repeating: "0", count: -exponent - 1) + figures
        } else if figures.count <= exponent + 1 {
            text += String(repeating: "0", count: exponent + 1 - figures.count)
        } else {
            text.insert(".", at: text.index(text.startIndex, offsetBy: exponent + 1))
        }
        var tokens: [MathToken] = isNegative ? [.negation] : []
        var width = isNegative ? 0.8 : 0
        if isPlain || text != "1" {
            tokens.append(.number(text))
            width += 0.52 * Double(text.utf8.count)
        }
        if !isPlain {
            if text != "1" {
                tokens.append(.times)
                width += 1.3
            }
            let power: [MathToken] = (exponent < 0 ? [.negation] : []) + [.number("\(exponent.magnitude)")]
            tokens += [.number("10")] + power.grouped(.above(isIndex: false))
            width += 1.04 + 0.42 * Double(power.count + 1)
        }
        self.tokens = tokens
        self.width = width
    }
}
