/// A function of generated Swift that works on all lanes of a vector, as source text.
///
/// Generated code has it as a static member of `enum Kernel`, with the types `Scalar`, `Vector` and `VectorBits` of
/// ``VectorPrelude`` around it. Every lane's result depends on that lane alone and not on the vector's width.
struct VectorKernel: Sendable {
    /// The function's name.
    let name: String
    /// The names of the kernels that its text calls.
    let dependencies: [String]
    private let text: @Sendable (VectorFormat) -> String

    init(
        _ name: String, uses dependencies: [String] = [],
        _ text: @escaping @Sendable (VectorFormat) -> String
    ) {
        self.name = name
        self.dependencies = dependencies
        self.text = text
    }

    /// The lines of the function with its doc comment, without indentation.
    func lines(for scalar: SwiftScalar) -> [String] {
        text(VectorFormat(scalar)).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
