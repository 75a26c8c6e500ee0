/// The strongly connected components of a graph, each after those that it leads to (Tarjan 1972, without recursion).
///
/// With edges from what reads to what is read, that is an order in which everything can be computed. Nodes of a component are in
/// ascending order.
func strongComponents(count: Int, successors: [[Int]]) -> [[Int]] {
    var components: [[Int]] = []
    var order = Array(repeating: -1, count: count)
    var lowest = Array(repeating: 0, count: count)
    var isOpen = Array(repeating: false, count: count)
    var open: [Int] = []
    var path: [(node: Int, next: Int)] = []
    var counter = 0
    for start in 0..<count where order[start] < 0 {
        path.append((start, 0))
        while let (node, next) = path.last {
            if next == 0 {
                order[node] = counter
                lowest[node] = counter
                counter += 1
                open.append(node)
                isOpen[node] = true
            }
            if next < successors[node].count {
                path[path.count - 1].next = next + 1
                let successor = successors[node][next]
                if order[successor] < 0 {
                    path.append((successor, 0))
                } else if isOpen[successor] {
                    lowest[node] = min(lowest[node], order[successor])
                }
                continue
            }
            path.removeLast()
            if let parent = path.last?.node { lowest[parent] = min(lowest[parent], lowest[node]) }
            guard lowest[node] == order[node] else { continue }
            var component: [Int] = []
            while let member = open.popLast() {
                isOpen[member] = false
                component.append(member)
                if member == node { break }
            }
            components.append(component.sorted())
        }
    }
    return components
}
