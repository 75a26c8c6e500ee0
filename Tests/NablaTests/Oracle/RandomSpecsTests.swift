import Foundation
import Testing

@testable import Nabla

@Suite struct RandomSpecsTests {
    @Test func sameSeedSameSpec() {
        for seed in UInt64(0)..<50 {
            #expect(RandomSpecs.make(seed: seed).text == RandomSpecs.make(seed: seed).text)
            #expect(RandomSpecs.make(seed: seed).json == RandomSpecs.make(seed: seed).json)
        }
        #expect(Set((UInt64(0)..<50).map { RandomSpecs.make(seed: $0).text }).count == 50)
    }

    /// For a look at some: `NABLA_SPEC_FOLDER=/tmp/specs NABLA_FIRST_SEED=7 swift test --filter writeSpecs` writes twenty.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["NABLA_SPEC_FOLDER"] != nil)) func writeSpecs() throws {
        let folder = URL(fileURLWithPath: try #require(ProcessInfo.processInfo.environment["NABLA_SPEC_FOLDER"]))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let first = UInt64(ProcessInfo.processInfo.environment["NABLA_FIRST_SEED"] ?? "") ?? 1
        for seed in first..<first + 20 {
            let spec = RandomSpecs.make(seed: seed)
            #expect(!spec.text.isEmpty)
            try Data(spec.text.utf8).write(to: folder.appendingPathComponent("random\(seed).nabla"))
            try Data(spec.json.utf8).write(to: folder.appendingPathComponent("random\(seed).json"))
        }
    }
}
