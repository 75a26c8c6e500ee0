import Foundation

/// What can go wrong in the oracle; each of these is a failure of the test that meets it.
enum OracleError: Error, CustomStringConvertible {
    case missing(String)
    case undefined(String)
    case definedTwice(String)
    case circle(String)
    case empty(String)
    case unsupported(String)

    var description: String {
        switch self {
        case .missing(let name): "no value for \(name)"
        case .undefined(let element): "\(element) is not defined"
        case .definedTwice(let element): "\(element) is defined twice"
        case .circle(let element): "\(element) depends on itself"
        case .empty(let reduction): "an empty \(reduction)"
        case .unsupported(let what): "the oracle does not know \(what)"
        }
    }
}

/// The values of cli.md, read a second time: tensors are nested arrays, stages are keys, examples stand apart.
struct OracleValues {
    private let top: [String: Any]
    private let examples: [[String: Any]]

    /// How many training examples there are; one where they stand at the top level.
    var exampleCount: Int { max(1, examples.count) }

    init(json: String) throws {
        guard let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else {
            throw OracleError.missing("an object")
        }
        top = object
        examples = object["examples"] as? [[String: Any]] ?? []
    }

    /// One number: stages first, then elements.
    func number(_ name: String, stages: ArraySlice<Int>, elements: ArraySlice<Int>, example: Int) throws -> Double {
        let place = "\(name)(\(stages))[\(elements)]"
        var found: Any?
        if examples.indices.contains(example) { found = examples[example][name] }
        found = found ?? top[name]
        for stage in stages { found = (found as? [String: Any])?["\(stage)"] }
        for element in elements {
            guard let array = found as? [Any], array.indices.contains(element) else { throw OracleError.missing(place) }
            found = array[element]
        }
        guard let number = (found as? NSNumber)?.doubleValue else { throw OracleError.missing(place) }
        return number
    }
}
