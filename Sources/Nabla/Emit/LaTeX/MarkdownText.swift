/// Text of a LaTeX document as Markdown: prose is escaped, formulas are written so that Markdown leaves them alone.
enum MarkdownText {
    /// A formula without backslashes before punctuation, which some readers of Markdown take for escapes of their own.
    static func math(_ tex: some StringProtocol) -> String {
        var output = ""
        var rest = tex[...]
        while let first = rest.first {
            if first == "\\", let (command, plain) = escapes.first(where: { rest.hasPrefix($0.0) }) {
                rest = rest.dropFirst(command.count)
                output += plain
                if rest.first?.isLetter == true { output += " " }
            } else if first == "\\" {
                // A command of letters as it is.
                output += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if first == "<" || first == ">" {
                output += first == "<" ? #"\lt "# : #"\gt "#
                rest = rest.dropFirst()
            } else {
                output.append(first)
                rest = rest.dropFirst()
            }
        }
        return output
    }

    private static let escapes: [(String, String)] = [
        (#"\,"#, #"\thinspace"#), (#"\;"#, #"\thickspace"#),
        (#"\!"#, #"\negthinspace"#), (#"\{"#, #"\lbrace"#), (#"\}"#, #"\rbrace"#),
        (#"\_"#, #"\textunderscore{}"#), (#"\|"#, #"\Vert"#), (#"\ "#, #"\space "#), (#"\:"#, #"\medspace"#),
        (#"\\"#, #"\cr"#), (#"\%"#, #"\char37"#), ("\\#", #"\char35"#), (#"\&"#, #"\char38"#), (#"\$"#, #"\char36"#),
    ]

    /// Prose as ``LaTeXText/prose(_:)`` wrote it.
    static func prose(_ tex: some StringProtocol) -> String {
        var output = ""
        var rest = tex[...]
        while let first = rest.first {
            if let (command, character) = commands.first(where: { rest.hasPrefix($0.0) }) {
                rest = rest.dropFirst(command.count)
                output += character.map(escaped) ?? ""
            } else if first == "$" {
                let inner = rest.dropFirst()
                let end = inner.firstIndex(of: "$") ?? inner.endIndex
                output += "$\(math(inner[..<end]))$"
                rest = inner[end...].dropFirst()
            } else if first == ":", rest.dropFirst().first?.isLetter == true {
                // Between two of these a word would be a picture.
                output += #"\:"#
                rest = rest.dropFirst()
            } else {
                output += escaped(first)
                rest = rest.dropFirst()
            }
        }
        // What would begin a list or a heading at the start of a line.
        if let first = output.first, "-+=".contains(first) { output = "\\" + output }
        let digits = output.prefix { $0.isNumber }
        let after = output.dropFirst(digits.count)
        if !digits.isEmpty, let mark = after.first, ".)".contains(mark) { output = digits + "\\" + after }
        return output
    }

    private static func escaped(_ character: Character) -> String {
        switch character {
        case "<": "&lt;"
        case ">": "&gt;"
        case "&": "&amp;"
        // Behind a backslash these would begin a formula, or a cell.
        case "[": "&#91;"
        case "]": "&#93;"
        case "|": "&#124;"
        case "\\", "`", "*", "_", "#", "~", "$": "\\\(character)"
        default: String(character)
        }
    }

    /// The commands of prose with the characters that they print, longer ones first.
    private static let commands: [(String, Character?)] = {
        var table: [(String, Character?)] = [(#"\allowbreak{}"#, nil), ("{}", nil), ("~", " ")]
        for (scalar, text) in LaTeXText.special where text.first != "$" { table.append((text, Character(scalar))) }
        return table.filter { !$0.0.isEmpty }.sorted { left, right in
            if left.0.count != right.0.count { return left.0.count > right.0.count }
            return left.0 != right.0 ? left.0 < right.0 : (left.1 ?? " ") < (right.1 ?? " ")
        }
    }()
}
