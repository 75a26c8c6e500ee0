struct Loops {
    func evaluate(_ p: Input, _ x: Input, _ y: Input, _ g: Output) -> Number {
        var total: Number = 0
        for i in 0..<99 {
            let rise = p[i + 1] - p[i] * p[i]
            let run = 1 - p[i]
            total += 100 * rise * rise + run * run
            g[i] -= 400 * p[i] * rise + 2 * run
            g[i + 1] += 200 * rise
        }
        return total
    }
}
