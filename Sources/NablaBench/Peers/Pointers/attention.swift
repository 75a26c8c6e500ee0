import Foundation

struct Loops {
    let q = allocate(64 * 32), k = allocate(64 * 32), v = allocate(64 * 32), o = allocate(64 * 32)
    let r = allocate(64 * 64), d = allocate(64 * 64)
    let dq = allocate(64 * 32), dk = allocate(64 * 32), dv = allocate(64 * 32)

    /// to[i,j] = sum(l: a[i,l] * b[l,j]).
    func product(_ a: Input, _ b: Input, _ to: Output, _ rows: Int, _ terms: Int, _ columns: Int) {
        for i in 0..<rows {
            for j in 0..<columns { to[i * columns + j] = 0 }
            for l in 0..<terms {
                for j in 0..<columns { to[i * columns + j] += a[i * terms + l] * b[l * columns + j] }
            }
        }
    }

    /// to[i,j] = sum(l: a[i,l] * b[j,l]).
    func rows(_ a: Input, _ b: Input, _ to: Output, _ rows: Int, _ terms: Int, _ columns: Int) {
        for i in 0..<rows {
            for j in 0..<columns {
                var sum: Number = 0
                for l in 0..<terms { sum += a[i * terms + l] * b[j * terms + l] }
                to[i * columns + j] = sum
            }
        }
    }

    /// to[i,j] += sum(l: a[l,i] * b[l,j]).
    func add(_ a: Input, _ b: Input, _ to: Output, _ rows: Int, _ terms: Int, _ columns: Int) {
        for l in 0..<terms {
            for i in 0..<rows {
                for j in 0..<columns { to[i * columns + j] += a[l * rows + i] * b[l * columns + j] }
            }
        }
    }

    func evaluate(_ p: Input, _ xs: Input, _ ys: Input, _ g: Output) -> Number {
        let length = 64
        let width = 32
        let size = length * width
        let square = width * width
        let scale = 1 / Number(batch)
        let root = 1 / Number(width).squareRoot()
        var total: Number = 0
        for n in 0..<batch {
            let x = xs + n * size
            let y = ys + n * size
            product(x, p, q, length, width, width)
            product(x, p + square, k, length, width, width)
            product(x, p + 2 * square, v, length, width, width)
            rows(q, k, r, length, width, length)
            for s in 0..<length {
                let row = r + s * length
                var high = -Number.infinity
                var sum: Number = 0
                for t in 0..<length { high = max(high, row[t]) }
                for t in 0..<length {
                    row[t] = exp((row[t] - high) * root)
                    sum += row[t]
                }
                for t in 0..<length { row[t] /= sum }
            }
            product(r, v, o, length, length, width)
            for i in 0..<size {
                let error = o[i] - y[i]
                total += error * error
                o[i] = 2 * scale * error
            }
            for i in 0..<size {
                dv[i] = 0
                dk[i] = 0
            }
            add(r, o, dv, length, length, width)
            rows(o, v, d, length, width, length)
            for s in 0..<length {
                let row = r + s * length
                let slope = d + s * length
                var sum: Number = 0
                for t in 0..<length { sum += row[t] * slope[t] }
                for t in 0..<length { slope[t] = row[t] * (slope[t] - sum) * root }
            }
            product(d, k, dq, length, length, width)
            add(d, q, dk, length, length, width)
            add(x, dq, g, width, length, width)
            add(x, dk, g + square, width, length, width)
            add(x, dv, g + 2 * square, width, length, width)
        }
        return total * scale
    }
}
