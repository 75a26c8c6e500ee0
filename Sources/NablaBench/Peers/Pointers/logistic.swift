import Foundation

struct Loops {
    func evaluate(_ p: Input, _ xs: Input, _ y: Input, _ g: Output) -> Number {
        let scale = 1 / Number(batch)
        var total: Number = 0
        for n in 0..<batch {
            let x = xs + n * 20
            var z = p[20]
            for k in 0..<20 { z += p[k] * x[k] }
            let power = exp(-abs(z))
            total += log1p(power) + max(z, 0) - y[n] * z
            let d = ((z > 0 ? 1 : power) / (1 + power) - y[n]) * scale
            for k in 0..<20 { g[k] += d * x[k] }
            g[20] += d
        }
        return total * scale
    }
}
