import Nabla

/// Runs one command on one spec.
struct Session {
    let arguments: Arguments
    private let source: SourceText
    var spec: Spec

    /// Reads the spec; its errors end the command.
    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        let name = arguments.spec == "-" ? "<stdin>" : arguments.spec
        source = SourceText(name: name, bytes: try Console.read(arguments.spec))
        spec = Spec(source)
        if !spec.isValid { throw Session.failure(spec.diagnostics, source, arguments) }
    }

    static func failure(_ diagnostics: [Diagnostic], _ source: SourceText, _ arguments: Arguments) -> Failure {
        let renderer = DiagnosticRenderer(
            source: source, usesColor: Console.wantsColor(arguments.value("--color")))
        let isJSON = arguments.value("--diagnostics") == "json"
        let text = diagnostics.map { isJSON ? renderer.json($0) : renderer.text($0) }.joined()
        return Failure(status: .data, message: text)
    }

    /// An error with a place in the spec, or without one.
    private func failure(_ message: String, _ range: SourceRange) -> Failure {
        if range == .none, arguments.value("--diagnostics") != "json" {
            return Failure(status: .data, message: "\(source.name): error: \(message)\n")
        }
        return Session.failure([Diagnostic(message, range: range)], source, arguments)
    }

    mutating func run() throws -> ExitStatus {
        do {
            switch arguments.command.name {
            case "swift": return try swift()
            case "latex": return try latex()
            case "html":
                let (derived, options) = try derivation()
                guard let numbers = try numbers(for: derived) else {
                    return try emit(HTMLPrinter.text(of: derived, options: options))
                }
                return try emit(try HTMLPrinter.text(of: derived, options: options, with: numbers))
            case "derive": return try emit(SpecPrinter.text(of: try derived().system))
            case "graph": return try graph()
            case "nudge": return try nudge()
            case "eval": return try evaluate()
            default: return try check()
            }
        } catch let error as DerivationError {
            throw failure(error.message, error.range)
        } catch let error as LoweringError {
            throw failure(error.message, error.range)
        } catch let error as EvaluationError {
            throw failure(error.message, error.range)
        } catch let error as SwiftPrintingError {
            throw failure(error.message, .none)
        }
    }

    // MARK: Commands

    /// - Parameters:
    ///   - names: what to derive with respect to; nil for what the command line says.
    ///   - isRecording: whether the derivation itself is to be printed.
    private mutating func derived(_ names: [String]? = nil, isRecording: Bool = false) throws -> DerivedSystem {
        let of = arguments.value("--of")
        let names = try names ?? self.names()
        guard let order = try secondOrder() else {
            return try spec.derive(of: of, wrt: names, isRecording: isRecording)
        }
        return try spec.derive(of: of, wrt: names, second: order)
    }

    /// `--hessian` or `--hvp NAME`.
    func secondOrder() throws -> SecondOrder? {
        guard let name = arguments.value("--hvp") else { return arguments.has("--hessian") ? .hessian : nil }
        if arguments.has("--hessian") {
            throw Failure(
                status: .usage, message: "nabla: '--hessian' and '--hvp' are two things; ask for one at a time\n")
        }
        guard Spec.isName(name) else {
            throw Failure(
                status: .usage, message: "nabla: '--hvp' takes the direction's name, such as v, not '\(name)'\n")
        }
        return .product(along: name)
    }

    /// `--wrt`: a comma inside brackets does not separate.
    func names() throws -> [String] {
        guard let list = arguments.value("--wrt") else { return [] }
        var names: [String] = [""]
        var depth = 0
        for character in list {
            if character == "(" || character == "[" { depth += 1 }
            if character == ")" || character == "]" { depth -= 1 }
            if character == ",", depth == 0 { names.append("") } else { names[names.count - 1].append(character) }
        }
        let trimmed = names.map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
        guard trimmed.allSatisfy({ !$0.isEmpty }) else {
            throw Failure(status: .usage, message: "nabla: '--wrt' is a list of names, such as 'w,b'\n")
        }
        return trimmed
    }

    private mutating func swift() throws -> ExitStatus {
        let derived = try derived()
        let options = SwiftOptions(
            access: SwiftOptions.Access(rawValue: arguments.value("--access") ?? "internal") ?? .internal,
            scalar: SwiftScalar(rawValue: arguments.value("--scalar") ?? "Double") ?? .double,
            kernels: SwiftOptions.Kernels(rawValue: arguments.value("--kernels") ?? "simd") ?? .simd,
            sourceName: arguments.spec == "-" ? nil : source.name.split(separator: "/").last.map { String($0) })
        let text = try SwiftPrinter.text(
            of: derived.lowered(), cost: derived.cost, gradient: derived.gradient, second: derived.second,
            options: options)
        return try emit(text)
    }

    private mutating func latex() throws -> ExitStatus {
        var (derived, options) = try derivation()
        let number = arguments.value("--fade") ?? "0"
        guard let fade = Int(number), fade >= 0 else {
            throw Failure(status: .usage, message: "nabla latex: '--fade' is a whole number, not '\(number)'\n")
        }
        options.fade = fade
        guard let numbers = try numbers(for: derived) else {
            return try emit(LaTeXPrinter.text(of: derived, options: options))
        }
        return try emit(try LaTeXPrinter.text(of: derived, options: options, with: numbers))
    }

    /// What `latex` and `html` print, and how.
    private mutating func derivation() throws -> (DerivedSystem, LaTeXPrinter.Options) {
        let style = LaTeXPrinter.Style(rawValue: arguments.value("--style") ?? "fragment") ?? .fragment
        let names = try names()
        let element = names.count == 1 ? try spec.element(names[0]) : nil
        if element != nil, try secondOrder() != nil {
            throw Failure(
                status: .usage,
                message: "nabla \(arguments.command.name): '--wrt' of one element is for first derivatives\n")
        }
        let derived = try derived(
            element.map { [spec.system[$0.quantity].name] } ?? names, isRecording: true)
        let notation = LaTeXPrinter.Notation(rawValue: arguments.value("--notation") ?? "video") ?? .video
        if !LaTeXPrinter.fits(derived, notation) {
            throw failure(
                "--notation nielsen is for networks of layers, z(l) = w(l)*a(l-1) + b(l) and a(l) = f(z(l)); this one has another shape, so print it with --notation video",
                .none)
        }
        let detail = LaTeXPrinter.Detail(rawValue: arguments.value("--detail") ?? "course") ?? .course
        let options = LaTeXPrinter.Options(
            style: style, detail: detail, notation: notation, expandsSums: arguments.has("--expand"), element: element)
        return (derived, options)
    }

    private mutating func graph() throws -> ExitStatus {
        let cost = try spec.cost(named: arguments.value("--of"))
        let names = try names()
        let marked = names.isEmpty ? [] : try spec.quantities(named: names)
        let graph = DependencyGraph(spec.system, cost: cost.quantity, wrt: marked)
        let format = GraphPrinter.Format(rawValue: arguments.value("--format") ?? "svg") ?? .svg
        return try emit(GraphPrinter.text(of: graph, format: format))
    }

    private mutating func evaluate() throws -> ExitStatus {
        guard let path = arguments.value("--at") else {
            throw Failure(
                status: .usage, message: "nabla eval: '--at VALUES.json' is missing: the values to evaluate at\n")
        }
        let wantsGradient = arguments.has("--gradient")
        let cost = try spec.cost(named: arguments.value("--of"))
        let names = try names()
        // A direction is among the values.
        let second = try secondOrder() == nil ? nil : derived()
        let values = try values(at: path, for: second?.system ?? spec.system)
        let evaluator: Evaluator
        if let second {
            evaluator = Evaluator(
                second.lowered(), cost: second.cost, gradient: wantsGradient ? second.gradient : nil,
                second: second.second, includesAll: arguments.has("--all"))
        } else if wantsGradient {
            let derived = try spec.derive(of: arguments.value("--of"), wrt: names, isRecording: false)
            evaluator = Evaluator(
                derived.lowered(), cost: derived.cost, gradient: derived.gradient, includesAll: arguments.has("--all"))
        } else {
            var system = spec.system.simplified()
            let access = system.graph.makeAccess(cost.quantity, cost.indices)
            evaluator = Evaluator(system, cost: access, includesAll: arguments.has("--all"))
        }
        return try emit(try evaluator.run(values).json + "\n")
    }

    private mutating func check() throws -> ExitStatus {
        let seedText = arguments.value("--seed") ?? "1"
        guard let seed = UInt64(seedText) else {
            throw Failure(status: .usage, message: "nabla check: '--seed' is a whole number, not '\(seedText)'\n")
        }
        let names = try names()
        if names.isEmpty, !spec.system.quantities.contains(where: { $0.role == .parameter }) {
            Console.print("\(source.name): no errors; there are no params, so there is no gradient to compare\n")
            return .done
        }
        if arguments.value("--at") != nil, !arguments.has("--costs") {
            throw Failure(
                status: .usage, message: "nabla check: '--at' is for '--costs'; the comparison draws its values\n")
        }
        try checkStandardInput()
        let of = arguments.value("--of")
        let hasBodies = spec.system.functions.allSatisfy { $0.body != nil }
        // The second derivatives come with the gradient that they are derived from.
        let order = hasBodies ? try secondOrder() : nil
        let second = try order.map { try spec.derive(of: of, wrt: names, second: $0) }
        let derived = try second ?? spec.derive(of: of, wrt: names, isRecording: false)
        if let abstract = spec.system.functions.first(where: { $0.body == nil }) {
            Console.print(
                "\(source.name): no errors; the gradient was derived but not compared: '\(abstract.name)' has no body\n"
            )
            return .done
        }
        var reports: [(what: String, report: GradientCheck.Report)] = []
        do {
            reports.append(("gradient", try GradientCheck.run(spec.system, derived, seed: seed)))
            if let second {
                let name = second.second?.hessian == nil ? "product with the Hessian" : "hessian"
                reports.append((name, try GradientCheck.runSecond(spec.system, second, seed: seed)))
            }
        } catch let error as EvaluationError {
            let what = reports.isEmpty ? "the gradient was" : "the second derivatives were"
            Console.print("\(source.name): no errors; \(what) derived but not compared: \(error.message)\n")
            return .done
        }
        Console.print("\(source.name): no errors\n")
        for (what, report) in reports { print(report, of: what, seed: seed) }
        if arguments.has("--costs") { Console.print(try costs(second ?? derived, seed: seed)) }
        if reports.allSatisfy({ $0.report.passes }) { return .done }
        let wrong = reports.filter { !$0.report.passes }.map(\.what).joined(separator: " and the derived ")
        Console.complain("nabla: the derived \(wrong) differs from the numeric one\n")
        return .difference
    }

    /// What is computed, counted: at the sizes of `--at`, or at those that the comparison drew.
    private func costs(_ derived: DerivedSystem, seed: UInt64) throws -> String {
        guard let path = arguments.value("--at") else {
            var random = RandomValues(seed: seed)
            let sizes = try random.sizes(for: spec.system)
            return try CostLedger(derived, sizes: sizes, exampleCount: GradientCheck.exampleCount).text
        }
        let values = try values(at: path, for: derived.system)
        return try CostLedger(derived, sizes: values.bound, exampleCount: max(1, values.examples.count)).text
    }

    private func print(_ report: GradientCheck.Report, of what: String, seed: UInt64) {
        let sizes = report.sizes.isEmpty ? "" : " with \(report.sizes.joined(separator: ", "))"
        let entries =
            report.compared == report.entries ? "\(report.entries)" : "\(report.compared) of \(report.entries)"
        Console.print(
            "\(what): \(entries) entries compared with numeric derivatives at random values (seed \(seed), draw \(report.draws))\(sizes)\n"
        )
        Console.print(
            "worst difference: \(NumberText.json(report.worst)) of the largest entry, at \(report.place): derived \(NumberText.json(report.derived)), numeric \(NumberText.json(report.numeric))\n"
        )
    }

    // MARK: Output

    /// Writes to standard output, to `-o FILE`, or compares with `--check FILE`.
    func emit(_ text: String) throws -> ExitStatus {
        if let path = arguments.value("--check") {
            let old = String(decoding: try Console.read(path), as: UTF8.self)
            if old == text { return .done }
            Console.print(UnifiedDiff.between(old, text, oldName: path, newName: "\(path) (as it would be written)"))
            return .difference
        }
        if let path = arguments.value("-o") {
            try Console.write(text, to: path)
        } else {
            Console.print(text)
        }
        return .done
    }
}
