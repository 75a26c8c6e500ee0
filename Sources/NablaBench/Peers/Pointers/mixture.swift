import Foundation

struct Loops {
    let d = allocate(25 * 32), e = allocate(25 * 32), s = allocate(25), dd = allocate(32)

    func evaluate(_ p: Input, _ xs: Input, _ ys: Input, _ g: Output) -> Number {
        let width = 32
        let parts = 25
        let mu = parts
        let q = mu + parts * width
        let f = q + parts * width
        let scale = 1 / Number(batch)
        var total: Number = 0
        for n in 0..<batch {
            let x = xs + n * width
            var high = -Number.infinity
            var sum: Number = 0
            for k in 0..<parts {
                let d = d + k * width
                let e = e + k * width
                s[k] = p[k]
                for i in 0..<width { d[i] = x[i] - p[mu + k * width + i] }
                for i in 0..<width {
                    let row = p + f + (k * width + i) * width
                    e[i] = exp(p[q + k * width + i]) * d[i]
                    for j in 0..<i { e[i] += row[j] * d[j] }
                    s[k] += p[q + k * width + i] - e[i] * e[i] / 2
                }
                high = max(high, s[k])
            }
            for k in 0..<parts { sum += exp(s[k] - high) }
            total -= (log(sum) + high) * scale
            for k in 0..<parts {
                let d = d + k * width
                let e = e + k * width
                let share = exp(s[k] - high) / sum * scale
                g[k] -= share
                for i in 0..<width { dd[i] = 0 }
                for i in 0..<width {
                    let row = p + f + (k * width + i) * width
                    let to = g + f + (k * width + i) * width
                    let error = share * e[i]
                    let spread = exp(p[q + k * width + i])
                    g[q + k * width + i] += error * spread * d[i] - share
                    dd[i] += error * spread
                    for j in 0..<i {
                        to[j] += error * d[j]
                        dd[j] += error * row[j]
                    }
                }
                for i in 0..<width { g[mu + k * width + i] -= dd[i] }
            }
        }
        var high = -Number.infinity
        var sum: Number = 0
        for k in 0..<parts { high = max(high, p[k]) }
        for k in 0..<parts { sum += exp(p[k] - high) }
        for k in 0..<parts { g[k] += exp(p[k] - high) / sum }
        return total + log(sum) + high
    }
}
