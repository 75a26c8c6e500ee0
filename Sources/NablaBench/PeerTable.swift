import Foundation

/// What a peer took on one problem, or why there is no time.
enum PeerResult {
    case times([Double])
    case note(String)

    var median: Double? {
        guard case .times(let times) = self, !times.isEmpty else { return nil }
        return times.sorted()[times.count / 2]
    }

    var minimum: Double? {
        guard case .times(let times) = self else { return nil }
        return times.min()
    }
}

/// The table in Markdown: a row for each problem and scalar, medians with minima, and the ratio of the medians.
struct PeerTable {
    let target: PeerTarget
    let columns: [Peer]

    var head: String {
        let titles = ["problem", "scalar"] + columns.map(\.rawValue) + ["of the peak"]
        return line(titles) + "\n" + line(titles.indices.map { $0 < 2 ? "---" : "---:" })
    }

    func row(_ problem: PeerProblem, _ scalar: String, _ results: [Peer: PeerResult]) -> String {
        let own = results[.nabla]?.median
        let cells = columns.map { peer in
            switch results[peer] {
            case nil: "–"
            case .note(let text): text
            case .times(let times): cell(times, peer == .nabla ? nil : own)
            }
        }
        return line([problem.name, scalar] + cells + [share(problem, scalar, results)])
    }

    /// `12.3 µs (11.9) 0.84`: median, minimum, and nabla's median to this one.
    private func cell(_ times: [Double], _ own: Double?) -> String {
        let result = PeerResult.times(times)
        guard let median = result.median, let minimum = result.minimum else { return "–" }
        let (unit, name) = median < 1e3 ? (1, "ns") : median < 1e6 ? (1e3, "µs") : (1e6, "ms")
        let text = "\(decimal(median / unit)) \(name) (\(decimal(minimum / unit)))"
        guard let ratio = own.map({ $0 / median }) else { return text }
        return "\(text) **\(String(format: ratio < 0.1 ? "%.1g" : "%.2f", ratio))**"
    }

    /// Nabla's operations a second to the peak's.
    private func share(_ problem: PeerProblem, _ scalar: String, _ results: [Peer: PeerResult]) -> String {
        guard let own = results[.nabla]?.median, let peak = results[.peak]?.median, let operations = problem.operations
        else { return "–" }
        // peak.c: 12 chains of 2,000 multiply-adds.
        let fastest = 2 * 12 * 2_000 * Double(target.width / (scalar == "Float" ? 4 : 8)) / peak
        return "\(Int((operations / own / fastest * 100).rounded())) % of \(Int(fastest.rounded())) GFLOP/s"
    }

    private func decimal(_ value: Double) -> String {
        String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
    }

    private func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}
