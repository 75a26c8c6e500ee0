/// Where the nodes and the edges of a graph are drawn: in columns from left to right, as a forward pass computes them.
///
/// The layered method (Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system structures", 1981):
/// columns by the longest path, long edges led through the columns between, few crossings by barycentres.
struct GraphLayout {
    /// In columns and rows; the first is (0, 0).
    struct Point: Hashable {
        var x: Double
        var y: Double
    }

    /// Of each node, its centre.
    private(set) var places: [Point] = []
    /// Of each edge, the points that it is led through, its ends not among them.
    private(set) var bends: [[Point]]
    /// Of each recurrent edge, how far below the drawing it is led back: 1, 2, …; 0 for the others.
    private(set) var lanes: [Int]
    /// Of each node, whether there is more room for a loop below it than above.
    private(set) var loopsBelow: [Bool] = []
    private(set) var columns = 0
    private(set) var rows = 0.0

    /// More long edges than this are drawn straight.
    private static let mostBends = 2000

    init(_ graph: DependencyGraph) {
        bends = Array(repeating: [], count: graph.edges.count)
        lanes = Array(repeating: 0, count: graph.edges.count)
        let column = Self.columns(graph)
        columns = (column.max() ?? 0) + 1
        // What stands in each column: nodes, then the places where long edges pass.
        var cells: [[Int]] = Array(repeating: [], count: columns)
        for node in graph.nodes.indices { cells[column[node]].append(node) }
        var left: [[Int]] = Array(repeating: [], count: graph.nodes.count)
        var right: [[Int]] = Array(repeating: [], count: graph.nodes.count)
        var passing: [[Int]] = Array(repeating: [], count: graph.edges.count)
        let long = graph.edges.reduce(0) { total, edge in
            total + (edge.isRecurrent ? 0 : max(0, column[edge.to] - column[edge.from] - 1))
        }
        for (position, edge) in graph.edges.enumerated() where !edge.isRecurrent {
            var previous = edge.from
            if long <= Self.mostBends {
                for between in column[edge.from] + 1..<max(column[edge.to], column[edge.from] + 1) {
                    let cell = left.count
                    left.append([previous])
                    right.append([])
                    right[previous].append(cell)
                    cells[between].append(cell)
                    passing[position].append(cell)
                    previous = cell
                }
            }
            left[edge.to].append(previous)
            right[previous].append(edge.to)
        }
        let (place, height) = Self.rows(cells, left, right)
        rows = height
        var columnOf = column + Array(repeating: 0, count: left.count - graph.nodes.count)
        for (position, members) in cells.enumerated() { for member in members { columnOf[member] = position } }
        places = graph.nodes.indices.map { Point(x: Double(column[$0]), y: place[$0]) }
        var ends: [Double: (top: Double, bottom: Double)] = [:]
        for point in places {
            let end = ends[point.x] ?? (point.y, point.y)
            ends[point.x] = (min(end.top, point.y), max(end.bottom, point.y))
        }
        loopsBelow = places.map { point in
            ends[point.x].map { $0.top < point.y && $0.bottom == point.y } ?? false
        }
        for position in graph.edges.indices {
            bends[position] = passing[position].map { Point(x: Double(columnOf[$0]), y: place[$0]) }
        }
        // The shortest way back lies innermost.
        let back = graph.edges.indices.filter {
            graph.edges[$0].isRecurrent && graph.edges[$0].from != graph.edges[$0].to
        }
        .sorted {
            let one = abs(column[graph.edges[$0].from] - column[graph.edges[$0].to])
            let two = abs(column[graph.edges[$1].from] - column[graph.edges[$1].to])
            return (one, $0) < (two, $1)
        }
        for (lane, edge) in back.enumerated() { lanes[edge] = lane + 1 }
    }

    /// The longest path to each node; what nothing leads to stands just before its first use.
    private static func columns(_ graph: DependencyGraph) -> [Int] {
        var incoming: [[Int]] = Array(repeating: [], count: graph.nodes.count)
        var outgoing: [[Int]] = Array(repeating: [], count: graph.nodes.count)
        for edge in graph.edges where !edge.isRecurrent {
            incoming[edge.to].append(edge.from)
            outgoing[edge.from].append(edge.to)
        }
        var column = Array(repeating: 0, count: graph.nodes.count)
        // Each component comes after all that it has edges to: here what it is computed from.
        for members in Components.ordered(incoming) {
            for node in members {
                for from in incoming[node] where from != node { column[node] = max(column[node], column[from] + 1) }
            }
        }
        for node in graph.nodes.indices where incoming[node].isEmpty {
            if let first = outgoing[node].map({ column[$0] }).min() { column[node] = max(0, first - 1) }
        }
        return column
    }

    /// The order in each column by the mean place of the neighbours, back and forth, and the rows that come of it.
    private static func rows(_ start: [[Int]], _ left: [[Int]], _ right: [[Int]]) -> ([Double], Double) {
        var cells = start
        var place = Array(repeating: 0.0, count: left.count)
        func settle(_ column: Int) {
            let middle = Double(cells[column].count - 1) / 2
            for (row, cell) in cells[column].enumerated() { place[cell] = Double(row) - middle }
        }
        for column in cells.indices { settle(column) }
        for round in 0..<8 {
            let forwards = round % 2 == 0
            for column in forwards ? Array(cells.indices) : cells.indices.reversed() {
                let neighbours = forwards ? left : right
                let wish = cells[column].map { cell -> Double in
                    let near = neighbours[cell]
                    return near.isEmpty ? place[cell] : near.reduce(0) { $0 + place[$1] } / Double(near.count)
                }
                let order = cells[column].indices.sorted { (wish[$0], $0) < (wish[$1], $1) }
                cells[column] = order.map { cells[column][$0] }
                settle(column)
            }
        }
        let least = place.min() ?? 0
        let most = place.max() ?? 0
        return (place.map { $0 - least }, most - least + 1)
    }
}
