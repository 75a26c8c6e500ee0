/// The partial derivatives of the table of functions as expressions over `ExpressionForm.argument`, read when first used.
struct DerivativeTemplates {
    private var known: [FunctionID: [ExprID]] = [:]

    mutating func template(_ id: FunctionID, _ positions: [Int], _ graph: inout ExprGraph) -> ExprID? { nil }
}
