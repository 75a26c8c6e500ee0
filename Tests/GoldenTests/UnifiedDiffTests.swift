import Testing

@testable import Nabla

@Suite struct UnifiedDiffTests {
    @Test func equalTextsHaveNone() {
        #expect(UnifiedDiff.between("a\nb\n", "a\nb\n", oldName: "x (expected)", newName: "x (got)") == "")
    }

    @Test func oneLineInContext() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"
        let expected = """
            --- x (expected)
            +++ x (got)
            @@ -2,7 +2,7 @@
             2
             3
             4
            -5
            +five
             6
             7
             8

            """
        #expect(UnifiedDiff.between(old, new, oldName: "x (expected)", newName: "x (got)") == expected)
    }

    @Test func aLastLineWithoutItsEnd() {
        #expect(UnifiedDiff.between("a\n", "a", oldName: "x (expected)", newName: "x (got)").contains("@@"))
        #expect(UnifiedDiff.between("", "a\n", oldName: "x (expected)", newName: "x (got)").contains("+a\n"))
    }
}
