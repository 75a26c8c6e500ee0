/// Strongly connected components of a graph whose edges are lists of vertex numbers, each after all that it has edges to.
struct Components {
    /// The vertices, component after component; inside one ascending.
    private(set) var vertices: [Int32] = []
    /// Where each component ends among them.
    private var ends: [Int32] = []

    var count: Int { ends.count }

    /// The vertices of a component.
    subscript(component: Int) -> ArraySlice<Int32> {
        vertices[(component == 0 ? 0 : Int(ends[component - 1]))..<Int(ends[component])]
    }

    /// The components, each with its vertices ascending.
    static func ordered(_ edges: [[Int]]) -> [[Int]] {
        let components = Components(PositionLists(edges))
        return (0..<components.count).map { components[$0].map { Int($0) } }
    }

    /// Tarjan, "Depth-first search and linear graph algorithms", 1972, with an explicit stack, so that the longest path may be any.
    init(_ edges: PositionLists) {
        var index = [Int32](repeating: -1, count: edges.count)
        var low = [Int32](repeating: 0, count: edges.count)
        var isOnStack = [Bool](repeating: false, count: edges.count)
        var stack: [Int32] = []
        var counter: Int32 = 0
        var calls: [(vertex: Int32, edge: Int32)] = []
        vertices.reserveCapacity(edges.count)
        ends.reserveCapacity(edges.count)
        for start in 0..<edges.count where index[start] < 0 {
            calls.append((Int32(truncatingIfNeeded: start), -1))
            while let call = calls.last {
                let name = call.vertex
                var edge = call.edge
                let vertex = Int(name)
                let own = edges.range(of: vertex)
                if edge < 0 {
                    edge = Int32(truncatingIfNeeded: own.lowerBound)
                    index[vertex] = counter
                    low[vertex] = counter
                    counter += 1
                    stack.append(name)
                    isOnStack[vertex] = true
                }
                if Int(edge) < own.upperBound {
                    calls[calls.count - 1].edge = edge + 1
                    let target = edges.entry(Int(edge))
                    if index[target] < 0 {
                        calls.append((Int32(truncatingIfNeeded: target), -1))
                    } else if isOnStack[target] {
                        low[vertex] = min(low[vertex], index[target])
                    }
                    continue
                }
                calls.removeLast()
                if let parent = calls.last?.vertex { low[Int(parent)] = min(low[Int(parent)], low[vertex]) }
                guard low[vertex] == index[vertex] else { continue }
                let first = vertices.count
                while let member = stack.popLast() {
                    isOnStack[Int(member)] = false
                    vertices.append(member)
                    if member == name { break }
                }
                if vertices.count - first > 1 { vertices[first...].sort() }
                ends.append(Int32(truncatingIfNeeded: vertices.count))
            }
        }
    }
}
