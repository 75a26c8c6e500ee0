import Nabla

/// A program that computes a problem's cost and gradient, in the order of the table's columns.
enum Peer: String, Sendable, CaseIterable {
    case nabla = "nabla"
    case twoWorkers = "nabla, 2 workers"
    case loops = "C"
    /// The same loops in C, but exp and tanh are calls with one number each.
    case scalarCalls = "C, scalar calls"
    /// The same loops in C, but over one example at a time.
    case oneByOne = "C, one by one"
    case openBLAS = "C + OpenBLAS"
    case openBLASTwoThreads = "C + OpenBLAS, 2 threads"
    case jax = "JAX"
    case casadi = "CasADi"
    /// Loops over pointers in Swift, one example after the other.
    case pointers = "Swift pointers"
    case differentiation = "_Differentiation"
    /// Multiply-adds in registers: the processor's peak, for problems whose operations are counted.
    case peak = "FMA peak"

    /// How many threads it has.
    var threads: Int { self == .twoWorkers || self == .openBLASTwoThreads ? 2 : 1 }

    /// Whether the peer is one under these conditions.
    func runs(_ scalar: SwiftScalar, _ target: PeerTarget) -> Bool {
        switch self {
        // XLA's products take the processor's instructions, whatever its flag says.
        case .jax: target == .native
        // Its scalars are Double.
        case .casadi: scalar == .double
        default: true
        }
    }
}

/// The instructions that every program of a run may use.
enum PeerTarget: String, Sendable, CaseIterable {
    case native, v3, none

    /// Whether the processor has AVX-512.
    private static let hasAVX512 = processorFlags.contains("avx512f")
    private static let processorFlags: Set<Substring> = {
        let text = Shell.read("/proc/cpuinfo")
        return Set(text.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ") ?? [])
    }()

    /// Flags of swiftc.
    var swift: [String] {
        switch self {
        case .native: ["-Xcc", "-march=native", Self.hasAVX512 ? "-DNABLA_AVX512" : "-DNABLA_FMA"]
        case .v3: ["-Xcc", "-march=x86-64-v3", "-DNABLA_FMA"]
        case .none: []
        }
    }

    /// Flags of gcc.
    var gcc: [String] {
        switch self {
        case .native: ["-march=native"]
        case .v3: ["-march=x86-64-v3"]
        case .none: []
        }
    }

    /// Bytes of a vector register.
    var width: Int {
        switch self {
        case .native: Self.hasAVX512 ? 64 : 32
        case .v3: 32
        case .none: 16
        }
    }

    /// As many threads as the peer has, and the same instructions for libraries that choose at run time.
    func environment(_ peer: Peer) -> [String: String] {
        var result = [
            "OPENBLAS_NUM_THREADS": "\(peer.threads)", "OMP_NUM_THREADS": "\(peer.threads)",
            "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
            "JAX_PLATFORMS": "cpu",
        ]
        switch self {
        case .native where Self.hasAVX512: result["OPENBLAS_CORETYPE"] = "SkylakeX"
        case .native: break
        case .v3: result["OPENBLAS_CORETYPE"] = "Haswell"
        case .none: result["OPENBLAS_CORETYPE"] = "Nehalem"
        }
        return result
    }

    /// The machine and the flags, for the head of a table.
    var title: String {
        let model = Shell.read("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = model?.split(separator: ":").last.map { $0.drop { $0 == " " } } ?? "unknown processor"
        let flags = ["swiftc -O -wmo -swift-version 6"] + swift
        return "\(name); \(flags.joined(separator: " ")); gcc -O3 -ffast-math \(gcc.joined(separator: " "))"
    }
}
