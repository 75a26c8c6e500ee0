/// The text of the entry points, which choose among the forms.
struct ProductEntry {
    let scalar: SwiftScalar

    func lines() -> [String] {
        ProductKernels.split(
            """

            /// The rows of the next tile, of what is left: 16 are twice 8, because a tile of 4 waits for its own sums.
            @inline(__always) static func tileRows(_ rest: Int) -> Int {
            #if NABLA_AVX512 || arch(arm64)
                return rest >= 12 && rest != 16 ? 12 : rest >= 8 ? 8 : min(rest, 4)
            #else
                return rest == 6 || rest > 8 ? 6 : min(rest, 4)
            #endif
            }

            /// Terms of a packed panel, and rows that share one: so that a panel stays in the first cache, a block of rows in the second.
            static let panelTerms = 256, panelRows = \(scalar == .double ? 240 : 480)

            /// Work memory of a product, in numbers.
            static var scratchCount: Int { tileStart + 2 * triangleSide * triangleSide }

            /// Numbers of a panel of columns; of a packed block of rows. Where the sums of a column begin; a triangle's tile.
            static var panelNumbers: Int { 2 * lanes * panelTerms }
            static var leftNumbers: Int { panelTerms * panelRows }
            static var columnStart: Int { panelNumbers + leftNumbers }
            static var tileStart: Int { columnStart + panelTerms }

            /// Rows and columns of a tile on the diagonal of a triangle.
            static var triangleSide: Int { max(16, 2 &* lanes) }

            /// target[r, c] (+)= factor · Σ_t Σ_s left[r, t, s] · right[t, s, c]
            ///
            /// Any strides; only the columns of the target follow each other. On the right they may be runs of `innerColumns`.
            /// `scratch` has `scratchCount` numbers.
            static func product(
                rows: Int, columns: Int, innerColumns: Int = 1, terms: Int, innerTerms: Int = 1,
                left: Input, leftRow: Int, leftTerm: Int, leftInner: Int = 0,
                right: Input, rightTerm: Int, rightInner: Int = 0, rightColumn: Int, rightInnerColumn: Int = 0,
                target: Output, targetRow: Int, factor: Scalar, adds: Bool, scratch: Output
            ) {
                guard rows > 0, columns > 0 else { return }
                guard terms > 0, innerTerms > 0 else {
                    if adds { return }
                    for r in 0..<rows { (target + r &* targetRow).update(repeating: 0, count: columns) }
                    return
                }
                var walk = Walk(
                    terms: terms, inner: innerTerms, leftRow: leftRow, leftTerm: leftTerm, leftInner: leftInner,
                    rightTerm: rightTerm, rightInner: rightInner, targetRow: targetRow, factor: factor, adds: adds)
                let across: Columns = Columns(step: rightColumn, inner: innerColumns, innerStep: rightInnerColumn)
                walk.merge(innerColumns == 1 ? rightColumn : 0)
                // Where the left side fills the second cache, its rows and terms are packed too.
                let isLarge: Bool = rows >= 24 && columns >= 8 &* lanes
                    && rows &* walk.terms &* walk.inner &* MemoryLayout<Scalar>.size > 1 << 20
                if innerColumns > 1 {
                    walk.isPacked = isLarge
                    return packed(rows, columns, walk, left, right, across, target, scratch)
                }
                let isSingle: Bool = walk.terms == 1
                let isAlong: Bool = isSingle && walk.leftInner == 1 && walk.rightInner == 1
                if columns == 1 && isAlong {
                    return dots(rows, walk.inner, right, left, leftRow, target, targetRow, factor, adds, scratch)
                }
                if columns == 1 && rows > 1 {
                    return column(rows, walk, left, right, target, scratch)
                }
                if rows <= 3 && isAlong && rightColumn != 1 {
                    for r in 0..<rows {
                        dots(columns, walk.inner, left + r &* leftRow, right, rightColumn, target + r &* targetRow, 1,
                            factor, adds, scratch)
                    }
                    return
                }
                walk.isPacked = isLarge
                if rightColumn == 1 && columns >= lanes {
                    if isSingle && walk.inner == 1 { return outer(rows, columns, walk, left, right, target) }
                    if !isLarge {
                        return direct(rows, columns, walk, left, right, target)
                    }
                }
                if isSingle && walk.inner <= panelTerms && rows <= panelRows {
                    return panels(rows, columns, walk, left, right, across, target, scratch)
                }
                packed(rows, columns, walk, left, right, across, target, scratch)
            }

            /// Columns that follow each other, used where they are.
            @inline(never) static func direct(
                _ rows: Int, _ columns: Int, _ walk: Walk, _ left: Input, _ right: Input, _ target: Output
            ) {
                var walk: Walk = walk
                var column: Int = 0
                var vectors: Int = (columns &+ lanes &- 1) / lanes
                while column < columns {
                    // A last vector that is not full overlaps the one before: none is left for itself.
                    let wide: Int = vectors >= 10 || vectors == 8 ? 8 : vectors == 5 ? 3 : min(vectors, 4)
                    let width: Int = rows == 1 ? wide : vectors & 1 == 1 ? 1 : rows == 2 && vectors >= 4 ? 4 : 2
                    walk.last = min((width &- 1) &* lanes, columns &- column &- lanes)
                    walk.rightLast = walk.last
                    let from: Input = right + column, to: Output = target + column
                    switch width {
                    case 8: tile1x8(walk, left, from, to)
                    case 4 where rows == 1: tile1x4(walk, left, from, to)
                    case 3: chains3(walk, left, from, to)
                    case 2 where rows == 1: chains2(walk, left, from, to)
                    case 1 where rows == 1: chains1(walk, left, from, to)
                    case 4: tile2x4(walk, left, from, to)
                    case 2: band2(rows, walk, left, from, to)
                    default: band1(rows, walk, left, from, to)
                    }
                    column &+= width &* lanes; vectors &-= width
                }
            }

            /// Columns packed into panels, a block of terms after another.
            @inline(never) static func packed(
                _ rows: Int, _ columns: Int, _ walk: Walk, _ left: Input, _ right: Input, _ across: Columns,
                _ target: Output, _ scratch: Output
            ) {
                let innerBlock: Int = block(walk.inner, panelTerms)
                let mostTerms: Int = walk.terms == 1 ? 1 : max(1, panelTerms / walk.inner)
                let termBlock: Int = block(walk.terms, mostTerms)
                // A multiple of every tile's rows.
                let rowBlock: Int = (block(rows, panelRows) &+ 23) / 24 &* 24
                for term in stride(from: 0, to: walk.terms, by: termBlock) {
                    for inner in stride(from: 0, to: walk.inner, by: innerBlock) {
                        var source: Walk = walk
                        source.terms = min(termBlock, walk.terms &- term)
                        source.inner = min(innerBlock, walk.inner &- inner)
                        source.adds = walk.adds || term > 0 || inner > 0
                        let from: Input = right + (term &* walk.rightTerm &+ inner &* walk.rightInner)
                        let factors: Input = left + (term &* walk.leftTerm &+ inner &* walk.leftInner)
                        for row in stride(from: 0, to: rows, by: rowBlock) {
                            panels(
                                min(rowBlock, rows &- row), columns, source, factors + row &* walk.leftRow, from, across,
                                target + row &* walk.targetRow, scratch)
                        }
                    }
                }
            }

            /// A size of blocks, all about as large.
            @inline(__always) static func block(_ count: Int, _ most: Int) -> Int {
                if count <= most { return count }
                let blocks: Int = (count &+ most &- 1) / most
                return (count &+ blocks &- 1) / blocks
            }

            /// One block of terms and rows: packs and multiplies panel after panel.
            @inline(never) static func panels(
                _ rows: Int, _ columns: Int, _ walk: Walk, _ left: Input, _ right: Input, _ across: Columns,
                _ target: Output, _ scratch: Output
            ) {
                var source: Walk = walk
                var left: Input = left
                if walk.isPacked {
                    packLeft(scratch + panelNumbers, rows, walk, left)
                    left = Input(scratch + panelNumbers)
                }
                var column: Int = 0
                var vectors: Int = (columns &+ lanes &- 1) / lanes
                while column < columns {
                    let width: Int = vectors & 1 == 1 ? 1 : 2
                    let rest: Int = columns &- column
                    source.last = max(0, min(lanes, rest &- lanes))
                    source.columns = min(lanes, rest)
                    pack(scratch, source, right, across, column, width)
                    var walk: Walk = source
                    if rest < lanes {
                        // A whole vector reaches into rows that are written later: only where nothing lies between them.
                        let isDense: Bool = walk.targetRow == columns && columns == rest && !walk.adds
                        walk.wholeRows = isDense && rows &* rest >= lanes ? (rows &* rest &- lanes) / rest &+ 1 : 0
                    }
                    if walk.isPacked {
                        walk.inner = walk.terms &* walk.inner
                        (walk.terms, walk.leftRow) = (1, 1)
                    }
                    walk.rightInner = width &* lanes
                    walk.rightTerm = walk.inner &* walk.rightInner
                    walk.rightLast = lanes
                    if width == 2 {
                        band2(rows, walk, left, Input(scratch), target + column)
                    } else {
                        band1(rows, walk, left, Input(scratch), target + column)
                    }
                    column &+= width &* lanes; vectors &-= width
                }
            }

            /// Packs rows tile by tile, term after term.
            @inline(never) static func packLeft(_ panel: Output, _ rows: Int, _ walk: Walk, _ left: Input) {
                var to: Output = panel, done: Int = 0
                while done < rows {
                    let count: Int = tileRows(rows &- done)
                    for term in 0..<walk.terms {
                        for inner in 0..<walk.inner {
                            let from: Input = left + (done &* walk.leftRow &+ term &* walk.leftTerm &+ inner &* walk.leftInner)
                            for r in 0..<count { to[r] = from[r &* walk.leftRow] }
                            to += count
                        }
                    }
                    done &+= count
                }
            }

            /// One column: the rows as columns of a row, where their numbers do not follow each other by way of work memory.
            @inline(never) static func column(
                _ rows: Int, _ walk: Walk, _ left: Input, _ right: Input, _ target: Output, _ scratch: Output
            ) {
                let result: Output = scratch + columnStart
                let isInPlace: Bool = walk.targetRow == 1
                let most: Int = isInPlace ? rows : panelTerms
                for first in stride(from: 0, to: rows, by: most) {
                    let count: Int = min(most, rows &- first)
                    product(
                        rows: 1, columns: count, terms: walk.terms, innerTerms: walk.inner,
                        left: right, leftRow: 0, leftTerm: walk.rightTerm, leftInner: walk.rightInner,
                        right: left + first &* walk.leftRow, rightTerm: walk.leftTerm, rightInner: walk.leftInner,
                        rightColumn: walk.leftRow, target: isInPlace ? target : result, targetRow: count,
                        factor: walk.factor, adds: isInPlace && walk.adds, scratch: scratch)
                    if isInPlace { return }
                    for r in 0..<count {
                        let to: Output = target + (first &+ r) &* walk.targetRow
                        to[0] = walk.adds ? to[0] + result[r] : result[r]
                    }
                }
            }

            /// An outer product, row by row.
            @inline(never) static func outer(
                _ rows: Int, _ columns: Int, _ walk: Walk, _ left: Input, _ right: Input, _ target: Output
            ) {
                let zero: Vector = Vector(), last: Int = columns &- lanes
                for r in 0..<rows {
                    let to: Output = target + r &* walk.targetRow
                    let value: Vector = Vector(repeating: left[r &* walk.leftRow] * walk.factor)
                    // The first and the last vector overlap those between, which stand where lines of the cache begin.
                    let first: Vector = multiplyAdd(walk.adds ? load(Input(to), 0) : zero, value, load(right, 0))
                    let end: Vector = multiplyAdd(walk.adds ? load(Input(to), last) : zero, value, load(right, last))
                    var c: Int = (0 &- Int(bitPattern: to) / MemoryLayout<Scalar>.size) & (lanes &- 1)
                    if walk.adds {
                        while c < last { store(to, c, multiplyAdd(load(Input(to), c), value, load(right, c))); c &+= lanes }
                    } else {
                        while c &+ 3 &* lanes < last {
                            let x: Input = right + c, y: Output = to + c
                            store(y, 0, value * load(x, 0)); store(y, lanes, value * load(x, lanes))
                            store(y, 2 &* lanes, value * load(x, 2 &* lanes)); store(y, 3 &* lanes, value * load(x, 3 &* lanes))
                            c &+= 4 &* lanes
                        }
                        while c < last { store(to, c, value * load(right, c)); c &+= lanes }
                    }
                    store(to, 0, first); store(to, last, end)
                }
            }
            """)
    }
}
