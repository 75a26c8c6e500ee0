import Foundation

/// Handwritten digits, as the network takes them.
struct DigitImages {
    /// The pixels, 0 to 1, and the desired outputs.
    let batch: DigitNetwork.Batch
    /// The digits.
    let labels: [Int]

    struct ReadingError: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads `digits.csv`: 64 pixels from 0 to 16 and the digit on each line.
    static func load() throws -> DigitImages {
        guard let file = Bundle.module.url(forResource: "digits", withExtension: "csv") else {
            throw ReadingError(description: "digits.csv is missing")
        }
        var pixels: [Double] = []
        var labels: [Int] = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let numbers = line.split(separator: ",").compactMap { Int($0) }
            guard numbers.count == 65, let label = numbers.last, (0...9).contains(label) else {
                throw ReadingError(description: "digits.csv, line \(labels.count + 1): not 64 pixels and a digit")
            }
            pixels += numbers.dropLast().map { Double($0) / 16 }
            labels.append(label)
        }
        let targets = labels.flatMap(target)
        return DigitImages(batch: try DigitNetwork.Batch(x: pixels, y: targets), labels: labels)
    }

    /// Holds out the last one of every `count` images.
    func split(holdingOutEvery count: Int) throws -> (training: DigitImages, heldOut: DigitImages) {
        func part(_ isWanted: (Int) -> Bool) throws -> DigitImages {
            let positions = labels.indices.filter(isWanted)
            return DigitImages(batch: try batch.selecting(positions), labels: positions.map { labels[$0] })
        }
        return (try part { $0 % count != count - 1 }, try part { $0 % count == count - 1 })
    }

    /// How many of the digits the network reads right, 0 to 1: its answer is the digit that would cost it the least.
    ///
    /// The squared error |a - y|² with y_d = 1 is |a|² - 2·a_d + 1, so that is the digit d with the largest output a_d.
    func accuracy(of parameters: DigitNetwork.Parameters) throws -> Double {
        var workspace = DigitNetwork.Workspace()
        var right = 0
        for (position, label) in labels.enumerated() {
            let pixels = try batch.example(at: position).x
            let costs = try (0..<10).map { digit in
                let example = try DigitNetwork.Example(x: pixels, y: DigitImages.target(digit))
                return try DigitNetwork.value(at: parameters, example, workspace: &workspace)
            }
            right += costs.indices.min { costs[$0] < costs[$1] } == label ? 1 : 0
        }
        return Double(right) / Double(max(1, labels.count))
    }

    /// The desired output for a digit: 1 for itself, 0 for the others.
    private static func target(_ digit: Int) -> [Double] { (0..<10).map { $0 == digit ? 1 : 0 } }
}
