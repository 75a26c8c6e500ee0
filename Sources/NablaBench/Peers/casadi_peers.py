"""casadi_peers.py PROBLEM FILE: C of a cost and its gradient, as CasADi generates it from scalar expressions."""

import sys

import casadi


def sigmoid(z):
    return 1 / (1 + casadi.exp(-z))


def layers(p, x, y):
    widths = [784, 16, 16, 10]
    pairs = list(zip(widths, widths[1:]))
    a, weight, bias = x, 0, sum(below * above for below, above in pairs)
    for below, above in pairs:
        # CasADi's columns come first.
        w = casadi.reshape(p[weight : weight + below * above], below, above).T
        a = sigmoid(w @ a + p[bias : bias + above])
        weight, bias = weight + below * above, bias + above
    return casadi.sumsqr(a - y)


def rosenbrock(p, x, y):
    return casadi.sum1(100 * (p[1:] - p[:-1] ** 2) ** 2 + (1 - p[:-1]) ** 2)


def chain(p, x, y):
    a = x
    for l in range(3):
        a = sigmoid(p[l] * a + p[3 + l])
    return (a - y) ** 2


PROBLEMS = {
    "N1": (layers, 784 * 16 + 16 * 16 + 16 * 10 + 42, 784, 10), "Rosenbrock": (rosenbrock, 100, 0, 0),
    "Chain": (chain, 6, 1, 1),
}


def main():
    problem, path = sys.argv[1:]
    cost, *sizes = PROBLEMS[problem]
    p, x, y = (casadi.SX.sym(name, size) for name, size in zip("pxy", sizes))
    value = cost(p, x, y)
    function = casadi.Function("evaluation", [p, x, y], [value, casadi.gradient(value, p)])
    generator = casadi.CodeGenerator("evaluation.c", {"with_header": False})
    generator.add(function)
    with open(path, "w") as file:
        file.write(generator.dump())


main()
