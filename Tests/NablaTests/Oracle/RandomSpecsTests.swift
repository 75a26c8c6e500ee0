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

    /// Shrinking keeps what makes a predicate hold, and drops the rest.
    @Test func shrinkingLeavesTheCulprit() throws {
        let spec = try #require(
            (UInt64(0)..<100).map { RandomSpecs.make(seed: $0) }.first { $0.text.contains("gelu(") })
        let shrunk = spec.shrunk { $0.text.contains("gelu(") }
        #expect(shrunk.statements.count == 1)
        #expect(shrunk.text.contains("gelu("))
        #expect(shrunk.text.count < 60)
    }

    /// For a look at one: NABLA_SHOW_SPEC=7 swift test --filter showOneSpec.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["NABLA_SHOW_SPEC"] != nil)) func showOneSpec() throws {
        let text = try #require(ProcessInfo.processInfo.environment["NABLA_SHOW_SPEC"])
        let spec = RandomSpecs.make(seed: try #require(UInt64(text)))
        print(spec.text)
        print(spec.json)
        #expect(!spec.text.isEmpty)
    }
}
