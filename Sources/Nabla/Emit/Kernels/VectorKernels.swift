/// The vector functions that generated Swift can contain.
enum VectorKernels {
    /// All of them, each after those that it calls.
    static let all: [VectorKernel] =
        VectorPrelude.kernels + VectorPiecewise.kernels + VectorExponential.kernels + VectorLogarithm.kernels
        + VectorSigmoid.kernels + VectorPower.kernels + VectorErrorFunction.kernels + VectorTrigonometric.kernels
        + VectorLanes.kernels

    private static let byName: [String: VectorKernel] = Dictionary(
        all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The kernel of this name.
    static func kernel(named name: String) -> VectorKernel? { byName[name] }

    /// The kernels of these names and all that they call, in the order of ``all``.
    static func closure(of names: some Sequence<String>) -> [VectorKernel] {
        var needed: Set<String> = []
        var waiting = Array(names)
        while let name = waiting.popLast() {
            guard needed.insert(name).inserted, let kernel = byName[name] else { continue }
            waiting += kernel.dependencies
        }
        return all.filter { needed.contains($0.name) }
    }

    /// `enum Kernel` with these kernels and all that they call, and the types that they work on.
    ///
    /// The text needs a `Scalar` at file level.
    static func lines(of names: some Sequence<String>, for scalar: SwiftScalar) -> [String] {
        var lines = VectorPrelude.types(for: scalar)
        lines += ["", "/// Functions of vectors, lane by lane.", "fileprivate enum Kernel {"]
        for (position, kernel) in closure(of: names).enumerated() {
            if position > 0 { lines.append("") }
            lines += kernel.lines(for: scalar).map { $0.isEmpty || $0.hasPrefix("#") ? $0 : "    \($0)" }
        }
        return lines + ["}", ""] + VectorPrelude.selection(for: scalar)
    }
}

extension Function {
    /// The name of the vector function that computes this one: every row has one, and where the vector has no code of its
    /// own, that calls the scalar function for each lane.
    ///
    /// It takes as many vectors as the function has parameters; a call of `min` or `max` with more folds from the left.
    var vectorKernel: String { swift.callee }
}
