/// The program that compares the emitted product kernels with three plain loops.
enum ProductProgram {
    /// Goes behind the text of `Kernel`. Its argument thins the cases: every n-th.
    static let text = #"""
        import Foundation

        private typealias Real = Scalar
        private let tolerance: Double = MemoryLayout<Real>.size == 4 ? 1e-5 : 1e-12

        struct Draws {
            var state: UInt64 = 7
            mutating func below(_ count: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int((state >> 33) % UInt64(count))
            }
            fileprivate mutating func real() -> Real { Real(below(2001) - 1000) / 512 }
        }

        /// A matrix of exactly the memory that its strides reach: the address sanitizer sees what lies beside.
        private struct Operand {
            var storage: UnsafeMutablePointer<Real>
            var start = 0
            var count = 1

            init(_ extents: [Int], _ strides: [Int], _ draws: inout Draws, shift: Int = 0) {
                (start, count) = (shift, 1 + shift)
                for (extent, stride) in zip(extents, strides) where extent > 1 {
                    count += (extent - 1) * abs(stride)
                    if stride < 0 { start -= (extent - 1) * stride }
                }
                storage = .allocate(capacity: count)
                for index in 0..<count { storage[index] = draws.real() }
            }

            var pointer: UnsafeMutablePointer<Real> { storage + start }
        }

        struct Triangle { var isUpper: Bool, isByColumn: Bool, offset: Int, isTarget = false }
        enum Special { case none, nan, infinity, infinities }

        private struct Form {
            var rows: Int, columns: Int, terms: Int
            var inner = 1
            /// Columns of a run, and their step on the right.
            var run = 1, runStep = 0
            var left: [Int], right: [Int]
            /// How many numbers after a multiple of 16 bytes the right side begins.
            var shift = 0
            var gap = 0, factor: Real = 1, adds = false
            var triangle: Triangle? = nil
            var special = Special.none
        }

        private struct Checker {
            var draws = Draws()
            var thin: Int
            var index = 0, cases = 0, entries = 0, wrong = 0

            mutating func fail(_ form: Form, _ text: String) {
                wrong += 1
                if wrong <= 5 { print("wrong:", form, text) }
            }

            /// One case, with what else varies taken from its number.
            mutating func vary(_ form: Form) {
                index += 1
                if index % thin != 0 { return }
                var form = form
                let number = index / thin
                form.gap = [0, 3, 0, 1][number % 4]
                form.factor = [1, -0.75][number / 2 % 2]
                form.adds = number / 4 % 2 == 1
                form.special = [.none, .none, .nan, .none, .infinity, .none, .none, .infinities, .none][number % 9]
                check(form)
            }

            mutating func check(_ form: Form) {
                let (m, n, l, r) = (form.rows, form.columns, form.left, form.right)
                let left = Operand([m, form.terms, form.inner], l, &draws)
                let right = Operand([form.terms, form.inner, n / form.run, form.run], r + [form.runStep], &draws, shift: form.shift)
                let step = n + form.gap
                let target = Operand([m, n], [step, 1], &draws)
                let scratch = Operand([Kernel.scratchCount], [1], &draws)
                defer { for operand in [left, right, target, scratch] { operand.storage.deallocate() } }
                // What is in work memory, or in a target that is not added to, must not reach a result.
                scratch.storage.update(repeating: .nan, count: scratch.count)
                if !form.adds {
                    for row in 0..<m { (target.pointer + row * step).update(repeating: .nan, count: n) }
                }
                if form.special != .none {
                    left.storage[draws.below(left.count)] = form.special == .nan ? .nan : .infinity
                    right.storage[draws.below(right.count)] = form.special == .infinities ? -.infinity : 0
                }
                let before = Array(UnsafeBufferPointer(start: target.storage, count: target.count))
                run(form, left.pointer, right.pointer, target.pointer, step, scratch.pointer)
                cases += 1
                for i in 0..<m {
                    for j in 0..<n {
                        if let triangle = form.triangle, triangle.isTarget,
                            triangle.isUpper ? j < i + triangle.offset : j >= i + triangle.offset
                        {
                            let place = i * step + j
                            let isSame = target.pointer[place] == before[place] || before[place].isNaN
                            if !isSame { fail(form, "outside of the triangle, at \(i), \(j)") }
                            continue
                        }
                        var sum = 0.0, size = 0.0
                        func add(_ value: Double) { sum += value; size += abs(value) }
                        if form.adds { add(Double(before[i * step + j])) }
                        for k in 0..<form.terms {
                            if let triangle = form.triangle, !triangle.isTarget {
                                let bound = (triangle.isByColumn ? j : i) + triangle.offset
                                if triangle.isUpper ? k < bound : k >= bound { continue }
                            }
                            for s in 0..<form.inner {
                                let a = left.pointer[i * l[0] + k * l[1] + s * l[2]]
                                let b = right.pointer[k * r[0] + s * r[1] + j / form.run * r[2] + j % form.run * form.runStep]
                                add(Double(a) * Double(b) * Double(form.factor))
                            }
                        }
                        entries += 1
                        let value = Double(target.pointer[i * step + j])
                        let isRight = sum.isNaN ? value.isNaN : sum.isInfinite ? value == sum : abs(value - sum) <= tolerance * size
                        if !isRight { fail(form, "at \(i), \(j): \(value), not \(sum)") }
                    }
                    for j in n..<max(n, step) where i * step + j < target.count {
                        if target.storage[i * step + j] != before[i * step + j] { fail(form, "past row \(i)") }
                    }
                }
            }

            func run(
                _ form: Form, _ left: UnsafeMutablePointer<Real>, _ right: UnsafeMutablePointer<Real>,
                _ target: UnsafeMutablePointer<Real>, _ step: Int, _ scratch: UnsafeMutablePointer<Real>
            ) {
                let (l, r) = (form.left, form.right)
                guard let triangle = form.triangle else {
                    return Kernel.product(
                        rows: form.rows, columns: form.columns, innerColumns: form.run, terms: form.terms,
                        innerTerms: form.inner, left: left, leftRow: l[0], leftTerm: l[1], leftInner: l[2],
                        right: right, rightTerm: r[0], rightInner: r[1], rightColumn: r[2],
                        rightInnerColumn: form.runStep, target: target, targetRow: step, factor: form.factor, adds: form.adds, scratch: scratch)
                }
                let kernel = triangle.isTarget ? Kernel.productOntoTriangle
                    : triangle.isByColumn ? Kernel.productRightTriangle : Kernel.productLeftTriangle
                kernel(
                    triangle.isUpper, triangle.offset, form.rows, form.columns, form.terms, left, l[0], l[1], right, r[0],
                    r[2], target, step, form.factor, form.adds, scratch)
            }

            /// Columns that follow each other, terms that do, neither, backwards, repeated.
            func forms(_ m: Int, _ n: Int, _ k: Int) -> [Form] {
                func form(_ left: [Int], _ right: [Int]) -> Form {
                    Form(rows: m, columns: n, terms: k, left: left, right: right)
                }
                return [
                    form([k, 1, 0], [n, 0, 1]), form([k, 1, 0], [1, 0, k]), form([1, m, 0], [n, 0, 1]),
                    form([1, m, 0], [1, 0, k]), form([2 * k + 1, 2, 0], [2 * n + 3, 0, 2]),
                    form([-k, -1, 0], [-n - 1, 0, 1]), form([0, 1, 0], [0, 0, 1]), form([1, 0, 0], [-1, 0, -k]),
                ]
            }

            /// Rows up to two tiles and one, columns up to two tiles and one, with terms in turn; then the other way around.
            mutating func extents() {
                let lanes = Kernel.lanes
                let terms = [0, 1, 2, 3, 4, 5, 7, 8, 9, lanes - 1, lanes, lanes + 1, 2 * lanes + 3, 33]
                for m in 0...25 {
                    for n in 0...(4 * lanes + 1) {
                        for form in forms(m, n, terms[(index + m + n) % terms.count]) { vary(form) }
                    }
                }
                // One row: tiles of up to eight vectors, chains of terms.
                for n in 0...(13 * lanes + 1) {
                    for form in forms(1, n, terms[(index + n) % terms.count]) { vary(form) }
                }
                for k in 0...(4 * lanes + 1) {
                    for m in [1, 2, 3, 5, 9, 13] {
                        for n in [1, 2, lanes - 1, lanes, lanes + 3, 2 * lanes, 9] {
                            for form in forms(m, n, k) { vary(form) }
                        }
                    }
                }
            }

            mutating func innerLoops() {
                let lanes = Kernel.lanes
                let shapes = [
                    (4, 20, 3, 5), (13, 37, 8, 3), (1, 40, 5, 4), (2, 70, 3, 3), (3, 5, 4, 5), (7, lanes, 6, 2),
                    (12, 2 * lanes, 5, 7), (25, 33, 40, 9), (5, 9, 3, 300), (3, 1, 4, 6), (1, 1, 3, 5), (9, 1, 3, 40),
                    (8, 31, 300, 3), (3, 4, 3, 0),
                ]
                for (m, n, k, s) in shapes {
                    let strides = [
                        ([k * s, s, 1], [n + s, 1, 1]), ([s * k, 1, k], [n + s, 1, 1]), ([1, 25 * s, 25], [s, 1, k * s]),
                        ([k * s, s, 1], [s * n, n, 1]), ([k * s, s, 1], [1, k, k * s]), ([-3, 5, 7], [2, -3, 4]),
                        ([1, 0, 3], [n, -1, 1]),
                    ]
                    for (left, right) in strides {
                        for _ in 0..<3 { vary(Form(rows: m, columns: n, terms: k, inner: s, left: left, right: right)) }
                    }
                }
            }

            /// Runs of columns, as a convolution's weights have them: every remainder of columns, rows and terms.
            mutating func runs() {
                let lanes = Kernel.lanes
                for run in [2, 3, 5, 8] {
                    for count in 0...((4 * lanes + 1) / run + 1) {
                        for (m, k, s) in [(1, 3, 4), (2, 1, 7), (5, 2, 9), (12, 3, 8), (13, 1, 1), (25, 2, 5), (3, 70, 11)] {
                            let width = s + run
                            let strides = [
                                ([k * s, s, 1], [count * width, 1, width], 1), ([1, m * s, m], [count * width, 1, width], 1),
                                ([2, -3, 4], [-5, 3, 2], -7), ([s, 0, 1], [1, k, k * s], 3),
                            ]
                            for (left, right, step) in strides {
                                var form = Form(rows: m, columns: run * count, terms: k, inner: s, left: left, right: right)
                                (form.run, form.runStep) = (run, step)
                                vary(form)
                            }
                        }
                    }
                }
            }

            /// Long rows that begin at each place of a line of the cache, all alike and not.
            mutating func dots() {
                let lanes = Kernel.lanes
                for shift in 0..<lanes {
                    for n in [1, 4, 5, 8, 11] {
                        for (k, row) in [(8 * lanes, 8 * lanes), (9 * lanes - 1, 10 * lanes), (10 * lanes + 3, 10 * lanes + 4)] {
                            var form = Form(rows: 1, columns: n, terms: k, left: [0, 1, 0], right: [1, 0, row])
                            form.shift = shift
                            vary(form)
                        }
                    }
                }
            }

            /// More than one block of terms and of rows; packed rows.
            mutating func blocks() {
                let lanes = Kernel.lanes
                let shapes = [
                    (30, 40, 600), (250, 20, 300), (520, 8 * lanes + 5, 300), (300, 8 * lanes + lanes + 1, 1100),
                    (3, 1100, 520), (1, 3, 1000), (700, 1, 300), (600, 1, 3),
                ]
                for (m, n, k) in shapes {
                    for form in forms(m, n, k) { vary(form) }
                }
            }

            mutating func triangles() {
                let lanes = Kernel.lanes
                for n in Array(0...19) + [33, 40, 70, 100] {
                    for width in [1, 3, lanes, 2 * lanes + 3] {
                        for number in 0..<60 {
                            let isByColumn = number % 2 == 1
                            let (m, w, k) = (isByColumn ? width : n, isByColumn ? n : width, [n, n + 3, 5][number / 20])
                            let left = number % 3 == 0 ? [k, 1, 0] : [1, m, 0], right = number % 4 < 2 ? [w, 0, 1] : [1, 0, k]
                            var form = Form(rows: m, columns: w, terms: k, left: left, right: right)
                            form.triangle = Triangle(
                                isUpper: number / 2 % 2 == 1, isByColumn: isByColumn, offset: [-3, 0, 1, 2, 20][number / 4 % 5])
                            vary(form)
                            if isByColumn { continue }
                            form.columns = [n, n + 3, width][number / 20]
                            form.right = number % 4 < 2 ? [form.columns, 0, 1] : [1, 0, k]
                            form.triangle?.isTarget = true
                            vary(form)
                        }
                    }
                }
                // Vectors at the diagonal: up to two pairs of them and one column more, with every offset, all numbers finite or not.
                let terms = [1, lanes, 2 * lanes + 1, 4 * lanes + 1]
                for n in 1...(4 * lanes + 1) {
                    for offset in -(2 * lanes + 1)...(2 * lanes + 1) where (n + offset) % 3 == 0 {
                        for (number, k) in terms.enumerated() {
                            let m = [1, 5, 13, 20][(n + number) % 4], isEven = (offset + number) % 2 == 0
                            var form = Form(
                                rows: m, columns: n, terms: k, left: [k, 1, 0], right: isEven ? [1, 0, k] : [n, 0, 1])
                            form.triangle = Triangle(isUpper: number % 2 == 0, isByColumn: true, offset: offset)
                            vary(form)
                            form.triangle?.isUpper.toggle()
                            vary(form)
                            form = Form(rows: k, columns: n, terms: m, left: isEven ? [1, k, 0] : [m, 1, 0], right: [n, 0, 1])
                            form.triangle = Triangle(isUpper: isEven, isByColumn: false, offset: offset, isTarget: true)
                            vary(form)
                            form.triangle?.isUpper.toggle()
                            vary(form)
                        }
                    }
                }
                // More terms than a panel has, from both ends.
                for (n, offset) in [(3, 290), (2 * lanes + 5, 250), (300, 0), (40, -3)] {
                    for (number, left) in [[300, 1, 0], [1, 7, 0], [300, 1, 0], [1, 7, 0]].enumerated() {
                        var form = Form(
                            rows: 7, columns: n, terms: 300, left: left, right: number < 2 ? [1, 0, 300] : [n, 0, 1])
                        for isUpper in [false, true] {
                            form.triangle = Triangle(isUpper: isUpper, isByColumn: true, offset: offset)
                            vary(form)
                        }
                    }
                }
            }
        }

        @main struct Main {
            static func main() {
                var checker = Checker(thin: Int(CommandLine.arguments[1]) ?? 1)
                checker.extents()
                checker.innerLoops()
                checker.runs()
                checker.dots()
                checker.blocks()
                checker.triangles()
                print("cases \(checker.cases) entries \(checker.entries) wrong \(checker.wrong)")
            }
        }
        """#
}
