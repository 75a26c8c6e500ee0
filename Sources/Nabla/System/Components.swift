/// Strongly connected components of a graph whose edges are lists of vertex numbers.
enum Components {
    /// The components, each after all that it has edges to (Tarjan, "Depth-first search and linear graph algorithms", 1972),
    /// with its vertices ascending. An explicit stack, so that the longest path may be any.
    static func ordered(_ edges: [[Int]]) -> [[Int]] {
        var index = Array(repeating: -1, count: edges.count)
        var low = Array(repeating: 0, count: edges.count)
        var isOnStack = Array(repeating: false, count: edges.count)
        var stack: [Int] = []
        var counter = 0
        var result: [[Int]] = []
        var calls: [(vertex: Int, edge: Int)] = []
        for start in edges.indices where index[start] < 0 {
            calls.append((start, 0))
            while let (vertex, edge) = calls.last {
                if edge == 0 {
                    index[vertex] = counter
                    low[vertex] = counter
                    counter += 1
                    stack.append(vertex)
                    isOnStack[vertex] = true
                }
                if edge < edges[vertex].count {
                    calls[calls.count - 1].edge = edge + 1
                    let target = edges[vertex][edge]
                    if index[target] < 0 {
                        calls.append((target, 0))
                    } else if isOnStack[target] {
                        low[vertex] = min(low[vertex], index[target])
                    }
                    continue
                }
                calls.removeLast()
                if let parent = calls.last?.vertex { low[parent] = min(low[parent], low[vertex]) }
                guard low[vertex] == index[vertex] else { continue }
                var component: [Int] = []
                while let member = stack.popLast() {
                    isOnStack[member] = false
                    component.append(member)
                    if member == vertex { break }
                }
                result.append(component.sorted())
            }
        }
        return result
    }
}
