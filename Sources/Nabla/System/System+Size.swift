extension System {
    /// How many distinct expression nodes the right sides of all equations are made of.
    public var distinctNodeCount: Int {
        var visited = Visited()
        return graph.reachable(from: equations.map(\.body), &visited).count
    }
}
