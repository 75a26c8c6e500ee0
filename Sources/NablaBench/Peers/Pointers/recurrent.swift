import Foundation

struct Loops {
    let h = allocate(101 * 64), d = allocate(100 * 10), dh = allocate(64), ds = allocate(64)

    func evaluate(_ p: Input, _ xs: Input, _ ys: Input, _ g: Output) -> Number {
        let steps = 100
        let hidden = 64
        let inputs = 32
        let outputs = 10
        let u = hidden * hidden
        let b = u + hidden * inputs
        let v = b + hidden
        let c = v + outputs * hidden
        let scale = 1 / Number(batch)
        var total: Number = 0
        for n in 0..<batch {
            let x = xs + n * steps * inputs
            let y = ys + n * steps * outputs
            for t in 0..<steps {
                let old = h + t * hidden
                let now = old + hidden
                let row = x + t * inputs
                for i in 0..<hidden {
                    var sum = p[b + i]
                    for j in 0..<hidden { sum += p[i * hidden + j] * old[j] }
                    for k in 0..<inputs { sum += p[u + i * inputs + k] * row[k] }
                    now[i] = tanh(sum)
                }
                for m in 0..<outputs {
                    var sum = p[c + m]
                    for i in 0..<hidden { sum += p[v + m * hidden + i] * now[i] }
                    let error = sum - y[t * outputs + m]
                    total += error * error
                    d[t * outputs + m] = 2 * scale * error
                }
            }
            for i in 0..<hidden { dh[i] = 0 }
            for t in (0..<steps).reversed() {
                let old = h + t * hidden
                let now = old + hidden
                let row = x + t * inputs
                for m in 0..<outputs {
                    let error = d[t * outputs + m]
                    for i in 0..<hidden {
                        dh[i] += error * p[v + m * hidden + i]
                        g[v + m * hidden + i] += error * now[i]
                    }
                    g[c + m] += error
                }
                for i in 0..<hidden {
                    ds[i] = dh[i] * (1 - now[i] * now[i])
                    dh[i] = 0
                }
                for i in 0..<hidden {
                    for j in 0..<hidden {
                        dh[j] += ds[i] * p[i * hidden + j]
                        g[i * hidden + j] += ds[i] * old[j]
                    }
                    for k in 0..<inputs { g[u + i * inputs + k] += ds[i] * row[k] }
                    g[b + i] += ds[i]
                }
            }
        }
        return total * scale
    }
}
