import Foundation
import Nabla

/// Times generated code beside its peers: the same problem, the same numbers, in turns.
enum PeerBenchmark {
    static let usage = """
        usage: nabla-bench peers [--only NAME,…] [--scalar Double|Float] [--flags native|v3|none] [--rounds N]

        Generates and compiles the Swift of each problem, compiles its peers (C loops, C with OpenBLAS, JAX, CasADi,
        _Differentiation; with --flags none Swift loops over pointers too), checks that all gradients agree, and runs
        the programs in turns. Prints for each the median and, in brackets, the minimum of the processor time of one
        call, and in bold nabla's median divided by the peer's.
        Problems: \(PeerProblem.all.map(\.name).joined(separator: ", ")).

        """

    /// Runs what the arguments ask for, and gives the exit status.
    static func run(_ arguments: [String]) -> Int32 {
        var problems = PeerProblem.all
        var scalars = SwiftScalar.allCases
        var target = PeerTarget.native
        var rounds = 25
        var rest = arguments[...]
        while let option = rest.popFirst() {
            if option == "--help" || option == "-h" {
                print(usage, terminator: "")
                return 0
            }
            guard let value = rest.popFirst() else { return Shell.complain(usage) }
            switch option {
            case "--only":
                let names = value.split(separator: ",").map { String($0) }
                problems = PeerProblem.all.filter { names.contains($0.name) }
                guard problems.count == names.count else { return Shell.complain(usage) }
            case "--scalar":
                guard let scalar = SwiftScalar(rawValue: value) else { return Shell.complain(usage) }
                scalars = [scalar]
            case "--flags":
                guard let flags = PeerTarget(rawValue: value) else { return Shell.complain(usage) }
                target = flags
            case "--rounds":
                guard let count = Int(value), count > 0 else { return Shell.complain(usage) }
                rounds = count
            default: return Shell.complain(usage)
            }
        }
        // A program that dies is reported where it is read.
        signal(SIGPIPE, SIG_IGN)
        let asked = problems.flatMap { $0.peers }.filter { peer in scalars.contains { peer.runs($0, target) } }
        let used = Set(asked + common(target))
        let table = PeerTable(target: target, columns: Peer.allCases.filter { used.contains($0) })
        print(target.title + "\n\n" + table.head)
        fflush(nil)
        var status: Int32 = 0
        for problem in problems {
            for scalar in scalars {
                let (results, complaints) = measure(problem, scalar, target, rounds: rounds)
                print(table.row(problem, scalar.rawValue, results))
                fflush(nil)
                for complaint in complaints { status = Shell.complain("nabla-bench: \(complaint)\n", status: 1) }
            }
        }
        return status
    }

    /// The programs of every problem. Loops in Swift are the bar where no flag names the processor.
    private static func common(_ target: PeerTarget) -> [Peer] {
        target == .none ? [.nabla, .loops, .pointers] : [.nabla, .loops]
    }

    /// All peers of one problem: their times, and what went wrong.
    private static func measure(
        _ problem: PeerProblem, _ scalar: SwiftScalar, _ target: PeerTarget, rounds: Int
    ) -> ([Peer: PeerResult], [String]) {
        let builder = PeerBuilder(problem: problem, scalar: scalar, target: target)
        let peak: [Peer] = problem.operations == nil ? [] : [.peak]
        let peers = common(target) + problem.peers.filter { $0.runs(scalar, target) } + peak
        var results: [Peer: PeerResult] = [:]
        var complaints: [String] = []
        var programs: [(peer: Peer, program: PeerProgram, times: [Double])] = []
        var expected: [Double]?
        for peer in peers {
            let title = "\(problem.name), \(scalar.rawValue), \(peer.rawValue)"
            do {
                let program = try PeerProgram(try builder.build(peer), environment: target.environment)
                programs.append((peer, program, []))
                guard peer != .peak else { continue }
                let gradient = try PeerNumbers.output(builder.gradientPath(peer))
                let distance = expected.map { PeerNumbers.distance(gradient, $0) } ?? 0
                // Not > of the same: a nan agrees with nothing.
                if !(distance <= (scalar == .double ? 1e-9 : 1e-4)) {
                    complaints.append("\(title): the gradient is \(distance) from nabla's, relative to the largest")
                }
                if expected == nil { expected = gradient }
            } catch is PeerBuilder.NotInstalled {
                results[peer] = .note("not installed")
            } catch {
                results[peer] = .note("failed")
                complaints.append("\(title): \(error)")
            }
        }
        for _ in 0..<rounds {
            for position in programs.indices {
                guard let time = try? programs[position].program.time() else { continue }
                programs[position].times.append(time)
            }
        }
        for (peer, program, times) in programs {
            program.end()
            results[peer] = times.count == rounds ? .times(times) : .note("failed")
            if times.count != rounds { complaints.append("\(problem.name): \(peer.rawValue) ended early") }
        }
        return (results, complaints)
    }
}
