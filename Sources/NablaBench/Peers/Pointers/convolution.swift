import Foundation

struct Loops {
    let z = allocate(124)

    func evaluate(_ p: Input, _ xs: Input, _ ys: Input, _ g: Output) -> Number {
        let width = 128
        let taps = 5
        let channels = 32
        let filters = 32
        let places = 124
        let b = filters * channels * taps
        let scale = 1 / Number(batch)
        var total: Number = 0
        for n in 0..<batch {
            let x = xs + n * channels * width
            let y = ys + n * filters * places
            for f in 0..<filters {
                for i in 0..<places { z[i] = p[b + f] }
                for c in 0..<channels {
                    for t in 0..<taps {
                        let w = p[(f * channels + c) * taps + t]
                        let row = x + c * width + t
                        for i in 0..<places { z[i] += w * row[i] }
                    }
                }
                for i in 0..<places {
                    let a = z[i] > 0 ? z[i] : 0
                    let error = a - y[f * places + i]
                    total += error * error
                    z[i] = z[i] > 0 ? 2 * scale * error : 0
                    g[b + f] += z[i]
                }
                for c in 0..<channels {
                    for t in 0..<taps {
                        let row = x + c * width + t
                        var sum: Number = 0
                        for i in 0..<places { sum += z[i] * row[i] }
                        g[(f * channels + c) * taps + t] += sum
                    }
                }
            }
        }
        return total * scale
    }
}
