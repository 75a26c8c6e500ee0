import Nabla

/// One option of the command line.
struct Option {
    var name: String
    /// How its value is called in the help; nil for a switch.
    var value: String?
    /// The values that it may have; empty for any.
    var choices: [String] = []
    var help: String
}

/// One command with the options that it takes.
struct Command {
    var name: String
    var summary: String
    var options: [Option]

    static let of = Option(
        name: "--of", value: "COST",
        help: "the cost to derive: a scalar, or one component such as 'dC_dw(2)[0,1]' (default: the last cost)")
    static let wrt = Option(
        name: "--wrt", value: "NAME,…", help: "what to derive with respect to (default: all params)")
    static let element = Option(
        name: "--wrt", value: "NAME,…",
        help: "what to derive with respect to, or one element such as 'w(L)[j,k]' (default: all params)")
    static let hessian = Option(
        name: "--hessian", value: nil, help: "all second derivatives, too: a block for each pair of quantities")
    static let product = Option(
        name: "--hvp", value: "NAME",
        help: "the product of the Hessian with a direction, too; the direction is given at run time under this name")
    static let output = Option(name: "-o", value: "FILE", help: "write to FILE, whole or not at all")
    static let check = Option(
        name: "--check", value: "FILE",
        help: "write nothing: exit 0 where FILE already holds the output, otherwise print a diff and exit 1")
    static let diagnostics = Option(
        name: "--diagnostics", value: "FORM", choices: ["text", "json"], help: "how errors are printed (default: text)")
    static let color = Option(
        name: "--color", value: "WHEN", choices: ["auto", "always", "never"],
        help: "colours in errors (default: auto, only on a terminal and where NO_COLOR is not set)")
    static let help = Option(name: "--help", value: nil, help: "print this help")
    static let version = Option(name: "--version", value: nil, help: "print the version")
    static let values = Option(
        name: "--at", value: "VALUES.json", help: "the values of sizes, params, inputs, targets and consts")
    static let example = Option(
        name: "--example", value: "NUMBER", help: "the training example whose values are shown, from 0 (default: 0)")
    /// What a derivation says, and in whose words.
    static let teaching = [
        Option(
            name: "--detail", value: "LEVEL", choices: LaTeXPrinter.Detail.allCases.map(\.rawValue),
            help: "the results alone, the chain rule, or each ratio rule by rule (default: course)"),
        Option(
            name: "--notation", value: "WHOSE", choices: LaTeXPrinter.Notation.allCases.map(\.rawValue),
            help: "ratios, or Nielsen's BP1 to BP4 for networks of layers (default: video)"),
        Option(name: "--expand", value: nil, help: "write sums over a few values term by term"),
        Option(
            name: "--at", value: "VALUES.json",
            help: "the derivation once more with these values put in, and a nudge beside a numeric check"),
        example,
    ]
    static let common = [diagnostics, color, help, version]

    static let all = [
        Command(
            name: "swift", summary: "emit Swift source that computes the cost and its gradient",
            options: [
                of, wrt, hessian, product, output, check,
                Option(
                    name: "--access", value: "LEVEL", choices: ["internal", "public", "package"],
                    help: "access level of what is emitted (default: internal)"),
                Option(
                    name: "--scalar", value: "TYPE", choices: ["Double", "Float"],
                    help: "type of the numbers (default: Double)"),
                Option(
                    name: "--kernels", value: "KIND", choices: SwiftOptions.Kernels.allCases.map(\.rawValue),
                    help: "fast code with vectors and tiled products, or short plain loops to read (default: simd)"),
            ] + common),
        Command(
            name: "latex", summary: "emit the derivation as LaTeX",
            options: [
                of, element, hessian, product, output, check,
                Option(
                    name: "--style", value: "STYLE", choices: LaTeXPrinter.Style.allCases.map(\.rawValue),
                    help:
                        "math and headings for \\input, a document that compiles as it is, slides, or Markdown (default: fragment)"
                ),
                Option(
                    name: "--fade", value: "NUMBER",
                    help:
                        "leave that many of the last factors and results of each derivation blank; the answers stand at the end"
                ),
            ] + teaching + common),
        Command(
            name: "html", summary: "emit the derivation as a page for a browser",
            options: [of, element, hessian, product, output, check] + teaching + common),
        Command(
            name: "derive", summary: "emit the derived system as a spec",
            options: [of, wrt, hessian, product, output, check] + common),
        Command(
            name: "eval", summary: "evaluate the cost, and its gradient, and print JSON",
            options: [
                values, of, wrt, hessian, product, output,
                Option(name: "--gradient", value: nil, help: "the gradient, too"),
                Option(
                    name: "--all", value: nil,
                    help: "every intermediate quantity, too; with --gradient also the adjoints"),
            ] + common),
        Command(
            name: "nudge", summary: "show what a small nudge to one number does to everything on the way to the cost",
            options: [
                values,
                Option(
                    name: "--wrt", value: "ELEMENT",
                    help: "what to nudge: one number of a param, an input or a target, such as 'w(L)[0,2]'"),
                example, of, output, check,
            ] + common),
        Command(
            name: "graph", summary: "draw which quantities are computed from which",
            options: [
                of,
                Option(name: "--wrt", value: "NAME,…", help: "mark the paths from these quantities to the cost"),
                Option(
                    name: "--format", value: "FORMAT", choices: GraphPrinter.Format.allCases.map(\.rawValue),
                    help: "TikZ, Graphviz, Mermaid, or a picture (default: svg)"),
                output, check,
            ] + common),
        Command(
            name: "check", summary: "check a spec, and its derived gradient against a numeric one",
            options: [
                of, wrt, hessian, product,
                Option(
                    name: "--costs", value: nil,
                    help: "the operations of the cost and of the cost with its gradient, as formulas and as numbers"),
                Option(
                    name: "--at", value: "VALUES.json",
                    help: "with --costs: values whose sizes the numbers are for (default: the sizes of the comparison)"),
                Option(name: "--seed", value: "NUMBER", help: "where the random values start (default: 1)"),
            ] + common),
    ]

    func option(_ name: String) -> Option? { options.first { $0.name == name } }
}

/// The command line, read.
struct Arguments {
    var command: Command
    /// A file, or `-`.
    var spec: String
    private var values: [String: String] = [:]

    /// Nil where help or the version was asked for and printed.
    static func read(_ words: [String], _ print: (String) -> Void) throws -> Arguments? {
        guard let first = words.first else { throw Failure(status: .usage, message: usage) }
        if first == "--help" || first == "-h" || first == "help" {
            print(usage)
            return nil
        }
        if first == "--version" {
            print("nabla \(version)\n")
            return nil
        }
        guard let command = Command.all.first(where: { $0.name == first }) else {
            let kind = first.hasPrefix("-") ? "option" : "command"
            throw Failure(
                status: .usage,
                message: "nabla: there is no \(kind) '\(first)'\(suggestion(first, Command.all.map(\.name)))\n\(hint)")
        }
        var arguments = Arguments(command: command, spec: "")
        var specs: [String] = []
        var rest = words.dropFirst()
        var optionsEnded = false
        while let word = rest.popFirst() {
            if optionsEnded || word == "-" || !word.hasPrefix("-") {
                specs.append(word)
                continue
            }
            if word == "--" {
                optionsEnded = true
                continue
            }
            var name = word == "-h" ? "--help" : word
            var attached: String?
            if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
                name = String(word[..<equals])
                attached = String(word[word.index(after: equals)...])
            }
            guard let option = command.option(name) else {
                throw Failure(
                    status: .usage,
                    message:
                        "nabla \(first): there is no option '\(name)'\(suggestion(name, command.options.map(\.name)))\n\(hint)"
                )
            }
            guard let valueName = option.value else {
                if attached != nil {
                    throw Failure(status: .usage, message: "nabla \(first): '\(name)' takes no value\n")
                }
                if name == "--help" {
                    print(help(command))
                    return nil
                }
                if name == "--version" {
                    print("nabla \(version)\n")
                    return nil
                }
                arguments.values[name] = ""
                continue
            }
            guard let value = attached ?? rest.popFirst() else {
                throw Failure(status: .usage, message: "nabla \(first): '\(name)' needs a value, \(valueName)\n")
            }
            if !option.choices.isEmpty, !option.choices.contains(value) {
                throw Failure(
                    status: .usage,
                    message:
                        "nabla \(first): '\(name)' is one of \(option.choices.joined(separator: ", ")), not '\(value)'\n"
                )
            }
            if arguments.values[name] != nil {
                throw Failure(status: .usage, message: "nabla \(first): '\(name)' is given twice\n")
            }
            arguments.values[name] = value
        }
        guard specs.count == 1 else {
            throw Failure(
                status: .usage,
                message: specs.isEmpty
                    ? "nabla \(first): which spec? A file, or - for standard input\n\(hint)"
                    : "nabla \(first): one spec at a time, not '\(specs.joined(separator: "' and '"))'\n")
        }
        arguments.spec = specs[0]
        return arguments
    }

    func value(_ option: String) -> String? { values[option] }

    func has(_ option: String) -> Bool { values[option] != nil }

    static let version = "0.1.0"

    private static func suggestion(_ word: String, _ candidates: [String]) -> String {
        Suggestion.closest(to: word, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
    }

    private static let hint = "'nabla --help' lists the commands, 'nabla COMMAND --help' the options of one\n"

    static var usage: String {
        var text = "nabla COMMAND SPEC [options]: derives the gradient of a network from its spec\n\n"
        for command in Command.all {
            text += "  nabla \(command.name)".padding(16) + command.summary + "\n"
        }
        return text + "\nSPEC is a file or - for standard input. "
            + "'nabla COMMAND --help' lists the options of a command.\n"
    }

    private static func help(_ command: Command) -> String {
        var text = "nabla \(command.name) SPEC [options]: \(command.summary)\n\n"
        for option in command.options {
            let value =
                option.value.map { " " + (option.choices.isEmpty ? $0 : option.choices.joined(separator: "|")) } ?? ""
            let head = "  \(option.name)\(value)"
            text += head.count < 28 ? head.padding(28) : head + "\n" + String(repeating: " ", count: 28)
            text += option.help + "\n"
        }
        return text
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
