import Foundation

struct Loops {
    let f = allocate(2 * 1024 * 14), i = allocate(2 * 1024 * 14), o = allocate(2 * 1024 * 14)
    let c = allocate(2 * 1024 * 14), v = allocate(2 * 1024 * 14)
    let s = allocate(2 * 1025 * 14), h = allocate(2 * 1025 * 14), u = allocate(1024 * 14), d = allocate(1024 * 14)
    let ds = allocate(14), dh = allocate(14)

    func forward(_ l: Int, _ p: Input, _ below: Input) {
        let width = 14
        for t in 0..<1024 {
            for k in 0..<width {
                let at = (l * 1024 + t) * width + k
                let old = (l * 1025 + t) * width + k
                let new = old + width
                let w = p + l * width + k
                let input = below[t * width + k]
                f[at] = sigmoid(input * w[0] + w[28])
                i[at] = sigmoid(h[old] * w[56] + w[84])
                o[at] = sigmoid(input * w[112] + w[140])
                c[at] = tanh(h[old] * w[168] + w[196])
                s[new] = s[old] * f[at] + i[at] * c[at]
                v[at] = tanh(s[new])
                h[new] = o[at] * v[at]
            }
        }
    }

    func backward(_ l: Int, _ p: Input, _ below: Input, _ g: Output) {
        let width = 14
        for k in 0..<width {
            ds[k] = 0
            dh[k] = 0
        }
        for t in (0..<1024).reversed() {
            for k in 0..<width {
                let at = (l * 1024 + t) * width + k
                let old = (l * 1025 + t) * width + k
                let w = p + l * width + k
                let to = g + l * width + k
                let input = below[t * width + k]
                let out = d[t * width + k] + dh[k]
                let state = ds[k] + out * o[at] * (1 - v[at] * v[at])
                let df = state * s[old] * f[at] * (1 - f[at])
                let di = state * c[at] * i[at] * (1 - i[at])
                let dO = out * v[at] * o[at] * (1 - o[at])
                let dc = state * i[at] * (1 - c[at] * c[at])
                to[0] += df * input
                to[28] += df
                to[56] += di * h[old]
                to[84] += di
                to[112] += dO * input
                to[140] += dO
                to[168] += dc * h[old]
                to[196] += dc
                ds[k] = state * f[at]
                dh[k] = di * w[56] + dc * w[168]
                d[t * width + k] = df * w[0] + dO * w[112]
            }
        }
    }

    func evaluate(_ p: Input, _ x: Input, _ y: Input, _ g: Output) -> Number {
        let width = 14
        let weightIn = 16 * 14
        let weightOut = 17 * 14
        let biasOut = 18 * 14
        for t in 0..<1024 {
            for k in 0..<width { u[t * width + k] = p[weightIn + k] * x[t * width + k] }
        }
        forward(0, p, u)
        forward(1, p, h + width)
        var total: Number = 0
        let top = h + 1026 * width
        for t in 0..<1023 {
            let row = t * width
            let next = x + (t + 1) * width
            var high = -Number.infinity
            var sum: Number = 0
            for k in 0..<width {
                d[row + k] = top[row + k] * p[weightOut + k] + p[biasOut + k]
                high = max(high, d[row + k])
            }
            for k in 0..<width { sum += exp(d[row + k] - high) }
            total += log(sum) + high
            for k in 0..<width {
                total -= next[k] * d[row + k]
                let error = exp(d[row + k] - high) / sum - next[k]
                g[weightOut + k] += error * top[row + k]
                g[biasOut + k] += error
                d[row + k] = error * p[weightOut + k]
            }
        }
        for k in 0..<width { d[1023 * width + k] = 0 }
        backward(1, p, h + width, g)
        backward(0, p, u, g)
        for t in 0..<1024 {
            for k in 0..<width { g[weightIn + k] += d[t * width + k] * x[t * width + k] }
        }
        return total
    }
}
