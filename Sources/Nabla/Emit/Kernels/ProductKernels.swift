/// Products of matrices in generated Swift (a stand-in until the tiled ones are merged).
enum ProductKernels {
    static let scratchCount = 24_576

    static func source(_ scalar: SwiftScalar) -> [SwiftSource] {
        [
            .line(
                "static func product(rows: Int, columns: Int, terms: Int, innerTerms: Int = 1, left: UnsafePointer<\(scalar)>, leftRow: Int, leftTerm: Int, leftInner: Int = 0, right: UnsafePointer<\(scalar)>, rightTerm: Int, rightInner: Int = 0, rightColumn: Int, target: UnsafeMutablePointer<\(scalar)>, targetRow: Int, factor: \(scalar), adds: Bool, scratch: UnsafeMutablePointer<\(scalar)>) {"
            ),
            .line("for r in 0..<rows { for c in 0..<columns { var s: \(scalar) = 0"),
            .line(
                "for t in 0..<terms { for u in 0..<innerTerms { s += left[r * leftRow + t * leftTerm + u * leftInner] * right[t * rightTerm + u * rightInner + c * rightColumn] } }"
            ),
            .line("let v: \(scalar) = factor * s"),
            .line("if adds { target[r * targetRow + c] += v } else { target[r * targetRow + c] = v } } }"),
            .line("}"),
        ]
    }
}
