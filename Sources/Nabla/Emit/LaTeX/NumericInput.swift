/// What a derivation is worked out with.
public struct NumericInput: Sendable {
    /// The spec as resolved, in which one number is nudged.
    public var system: System
    /// The element that is derived, in that system.
    public var cost: (quantity: QuantityID, indices: [AffineID])
    /// Where.
    public var values: Values
    /// The training example whose numbers are shown, from 0.
    public var example: Int

    public init(
        _ system: System, cost: (quantity: QuantityID, indices: [AffineID]), at values: Values, example: Int = 0
    ) {
        self.system = system
        self.cost = cost
        self.values = values
        self.example = example
    }
}
