import Testing
import TestSupport

@Suite struct UnifiedDiffTests {
    @Test func equalTextsHaveNone() { #expect(UnifiedDiff.between("a\nb\n", "a\nb\n", name: "x") == "") }

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
        #expect(UnifiedDiff.between(old, new, name: "x") == expected)
    }

    @Test func aLastLineWithoutItsEnd() {
        #expect(UnifiedDiff.between("a\n", "a", name: "x").contains("@@"))
        #expect(UnifiedDiff.between("", "a\n", name: "x").contains("+a\n"))
    }
}
