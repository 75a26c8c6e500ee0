import Foundation

@testable import Nabla

/// What is printed of a spec that fails: its seed, what is wrong, and the smallest spec with the same kind of failure.
enum FailureReport {
    /// What is wrong with a spec, or nil.
    static func complaint(_ spec: RandomSpec, sabotage: @escaping (inout DerivedSystem) -> Void = { _ in }) -> String? {
        do {
            if case .different(let difference) = try Comparison.compare(spec, sabotage: sabotage) { return difference }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// A complaint without names, numbers and places.
    static func kind(_ complaint: String) -> String {
        for way in ["derived", "unsimplified", "evaluated", "printed"] {
            for start in ["\(way): ∂", "second \(way): ∂", "\(way): the cost"] where complaint.hasPrefix(start) {
                return start
            }
        }
        let way = ["second printed: ", "printed: "].first { complaint.hasPrefix($0) } ?? ""
        let line = complaint.split(separator: "\n").first.map(String.init) ?? ""
        let message = line.components(separatedBy: ": error: ").last ?? line
        var text = way
        for (position, part) in message.components(separatedBy: "'").enumerated() where position % 2 == 0 {
            text += part.filter { $0.isLetter || $0 == " " }
        }
        return text
    }

    /// The failing spec made small: the same kind of failure with as little as possible.
    static func shrunk(
        _ spec: RandomSpec, _ complaint: String, attempts: Int = 1_500,
        sabotage: @escaping (inout DerivedSystem) -> Void = { _ in }
    ) -> RandomSpec {
        let kind = kind(complaint)
        return spec.shrunk(attempts: attempts) { candidate in
            guard let other = self.complaint(candidate, sabotage: sabotage) else { return false }
            return self.kind(other) == kind
        }
    }

    static func text(_ spec: RandomSpec, _ complaint: String) -> String {
        let shrunk = shrunk(spec, complaint)
        let request =
            (shrunk.of.map { " --of \($0)" } ?? "")
            + (shrunk.wrt.isEmpty ? "" : " --wrt " + shrunk.wrt.joined(separator: ","))
        return """
            seed \(spec.seed): \(complaint)
            shrunk to:\(request)
            \(shrunk.text)
            \(shrunk.json)
            \(self.complaint(shrunk) ?? "")
            """
    }
}
