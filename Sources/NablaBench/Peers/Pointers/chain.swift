struct Loops {
    let a = allocate(4)

    func evaluate(_ p: Input, _ x: Input, _ y: Input, _ g: Output) -> Number {
        a[0] = x[0]
        for l in 0..<3 { a[l + 1] = sigmoid(p[l] * a[l] + p[3 + l]) }
        let error = a[3] - y[0]
        var d = 2 * error
        for l in (0..<3).reversed() {
            d *= a[l + 1] * (1 - a[l + 1])
            g[l] = d * a[l]
            g[3 + l] = d
            d *= p[l]
        }
        return error * error
    }
}
