public struct Rational: Hashable, Sendable { var n: Int; init(_ n: Int) { self.n = n } }
