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

    /// Running text with its formulas between dollars.
    static func prose(_ prose: Prose) -> String {
        var output = ""
        for part in prose.parts {
            switch part {
            case .math(let tokens): output += "$\(math(LaTeXNotation.text(of: tokens)))$"
            case .text(let text): output += escaped(text, after: output.last)
            }
        }
        while output.last == " " { output.removeLast() }
        // What would begin a list or a heading at the start of a line.
        if let first = output.first, "-+=".contains(first) { output = "\\" + output }
        let digits = output.prefix { $0.isNumber }
        let after = output.dropFirst(digits.count)
        if !digits.isEmpty, let mark = after.first, ".)".contains(mark) { output = digits + "\\" + after }
        return output
    }

    /// Text of the spec's author: whatever it holds comes out as text.
    private static func escaped(_ text: String, after last: Character?) -> String {
        var output = ""
        var isSpace = last == nil || last == " "
        let characters = Array(text)
        for (position, character) in characters.enumerated() {
            if character.isWhitespace {
                // One space for any, so that no empty line ends a paragraph.
                if !isSpace { output += " " }
                isSpace = true
                continue
            }
            isSpace = false
            // Between two of these a word would be a picture.
            if character == ":", position + 1 < characters.count, characters[position + 1].isLetter { output += "\\" }
            output += escaped(character)
        }
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
}
