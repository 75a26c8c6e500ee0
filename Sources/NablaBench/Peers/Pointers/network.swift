import Foundation

struct Loops {
    let a1 = allocate(W1), a2 = allocate(W2), a3 = allocate(W3)
    let d1 = allocate(W1), d2 = allocate(W2), d3 = allocate(W3)

    func activation(_ z: Number) -> Number {
        #if SOFTMAX
            z > 0 ? z : 0
        #else
            sigmoid(z)
        #endif
    }

    func slope(_ a: Number) -> Number {
        #if SOFTMAX
            a > 0 ? 1 : 0
        #else
            a * (1 - a)
        #endif
    }

    func forward(_ w: Input, _ b: Input, _ below: Input, _ z: Output, _ rows: Int, _ columns: Int) {
        for j in 0..<rows {
            var sum = b[j]
            for k in 0..<columns { sum += w[j * columns + k] * below[k] }
            z[j] = sum
        }
    }

    func backward(_ w: Input, _ d: Input, _ a: Input, _ below: Output, _ rows: Int, _ columns: Int) {
        for k in 0..<columns { below[k] = 0 }
        for j in 0..<rows {
            for k in 0..<columns { below[k] += w[j * columns + k] * d[j] }
        }
        for k in 0..<columns { below[k] *= slope(a[k]) }
    }

    func weights(_ g: Output, _ gb: Output, _ d: Input, _ below: Input, _ rows: Int, _ columns: Int) {
        for j in 0..<rows {
            for k in 0..<columns { g[j * columns + k] += d[j] * below[k] }
            gb[j] += d[j]
        }
    }

    func evaluate(_ p: Input, _ xs: Input, _ ys: Input, _ g: Output) -> Number {
        let w2 = W1 * W0
        let w3 = w2 + W2 * W1
        let b1 = w3 + W3 * W2
        let b2 = b1 + W1
        let b3 = b2 + W2
        let scale = 1 / Number(batch)
        var total: Number = 0
        for n in 0..<batch {
            let x = xs + n * W0
            let y = ys + n * W3
            forward(p, p + b1, x, a1, W1, W0)
            for j in 0..<W1 { a1[j] = activation(a1[j]) }
            forward(p + w2, p + b2, a1, a2, W2, W1)
            for j in 0..<W2 { a2[j] = activation(a2[j]) }
            forward(p + w3, p + b3, a2, a3, W3, W2)
            #if SOFTMAX
                var top = a3[0]
                var sum: Number = 0
                for j in 1..<W3 { top = max(top, a3[j]) }
                for j in 0..<W3 { sum += exp(a3[j] - top) }
                total += log(sum) + top
                for j in 0..<W3 {
                    total -= y[j] * a3[j]
                    d3[j] = (exp(a3[j] - top) / sum - y[j]) * scale
                }
            #else
                for j in 0..<W3 {
                    let a = sigmoid(a3[j])
                    let error = a - y[j]
                    total += error * error
                    d3[j] = 2 * error * a * (1 - a) * scale
                }
            #endif
            backward(p + w3, d3, a2, d2, W3, W2)
            backward(p + w2, d2, a1, d1, W2, W1)
            weights(g, g + b1, d1, x, W1, W0)
            weights(g + w2, g + b2, d2, a1, W2, W1)
            weights(g + w3, g + b3, d3, a2, W3, W2)
        }
        return total * scale
    }
}
