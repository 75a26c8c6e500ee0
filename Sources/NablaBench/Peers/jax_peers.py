"""The problems in JAX: the cost as one would write it, jit(value_and_grad), the driver's protocol (see driver.c)."""

import sys
import time

import numpy as np
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def split(p, *shapes):
    """Consecutive pieces of a vector, with these shapes."""
    pieces, start = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        pieces.append(p[start : start + size].reshape(shape))
        start += size
    return pieces


def layers(p, x, widths, activation):
    """The last weighted input of a network of layers."""
    pairs = list(zip(widths, widths[1:]))
    pieces = split(p, *[(above, below) for below, above in pairs], *[(above,) for _, above in pairs])
    a = x.reshape(-1, widths[0])
    for l in range(len(pairs)):
        z = a @ pieces[l].T + pieces[len(pairs) + l]
        a = activation(z)
    return z


def digits(p, x, y):
    a = jax.nn.sigmoid(layers(p, x, [784, 16, 16, 10], jax.nn.sigmoid))
    return jnp.mean(jnp.sum((a - y.reshape(a.shape)) ** 2, axis=1))


def classifier(p, x, y):
    z = layers(p, x, [784, 256, 128, 10], jax.nn.relu)
    return jnp.mean(jax.nn.logsumexp(z, axis=1) - jnp.sum(y.reshape(z.shape) * z, axis=1))


def recurrent(p, x, y):
    W, U, b, V, c = split(p, (64, 64), (64, 32), (64,), (10, 64), (10,))
    x = x.reshape(-1, 100, 32).transpose(1, 0, 2)
    y = y.reshape(-1, 100, 10).transpose(1, 0, 2)

    def step(h, u):
        h = jnp.tanh(h @ W.T + u)
        return h, h

    _, hs = jax.lax.scan(step, jnp.zeros((x.shape[1], 64), x.dtype), x @ U.T + b)
    return jnp.sum((hs @ V.T + c - y) ** 2) / x.shape[1]


def lstm(p, x, y):
    wf, bf, wi, bi, wo, bo, wc, bc, win, wout, bout = split(p, *[(2, 14)] * 8, *[(14,)] * 3)
    x = x.reshape(1024, 14)

    def step(state, u):
        new = []
        for l, (s, h) in enumerate(state):
            f = jax.nn.sigmoid(u * wf[l] + bf[l])
            i = jax.nn.sigmoid(h * wi[l] + bi[l])
            o = jax.nn.sigmoid(u * wo[l] + bo[l])
            s = s * f + i * jnp.tanh(h * wc[l] + bc[l])
            u = o * jnp.tanh(s)
            new.append((s, u))
        return new, u

    zero = jnp.zeros(14, x.dtype)
    _, hs = jax.lax.scan(step, [(zero, zero), (zero, zero)], x * win)
    out = (hs * wout + bout)[:-1]
    return jnp.sum(jax.nn.logsumexp(out, axis=1) - jnp.sum(x[1:] * out, axis=1))


def mixture(p, x, y):
    alpha, mu, q, F = split(p, (25,), (25, 32), (25, 32), (25, 32, 32))
    d = x.reshape(-1, 1, 32) - mu
    factors = jnp.tril(F, -1) + jnp.exp(q)[:, :, None] * jnp.eye(32, dtype=x.dtype)
    e = jnp.einsum("kij,nkj->nki", factors, d)
    s = alpha + jnp.sum(q, axis=1) - jnp.sum(e**2, axis=2) / 2
    return jax.nn.logsumexp(alpha) - jnp.mean(jax.nn.logsumexp(s, axis=1))


def convolution(p, x, y):
    w, b = split(p, (32, 32, 5), (32,))
    z = jax.lax.conv(x.reshape(-1, 32, 128), w, (1,), "VALID") + b[:, None]
    return jnp.sum((jax.nn.relu(z) - y.reshape(z.shape)) ** 2) / z.shape[0]


def attention(p, x, y):
    Q, K, V = split(p, *[(32, 32)] * 3)
    x = x.reshape(-1, 64, 32)
    q, k, v = x @ Q, x @ K, x @ V
    weights = jax.nn.softmax(q @ k.transpose(0, 2, 1) / np.sqrt(32).astype(x.dtype), axis=-1)
    return jnp.sum((weights @ v - y.reshape(x.shape)) ** 2) / x.shape[0]


def logistic(p, x, y):
    z = x.reshape(-1, 20) @ p[:20] + p[20]
    return jnp.mean(jax.nn.softplus(z) - y * z)


def rosenbrock(p, x, y):
    return jnp.sum(100 * (p[1:] - p[:-1] ** 2) ** 2 + (1 - p[:-1]) ** 2)


def chain(p, x, y):
    a = x[0]
    for l in range(3):
        a = jax.nn.sigmoid(p[l] * a + p[3 + l])
    return (a - y[0]) ** 2


COSTS = {
    "N1": digits, "N100": digits, "M128": classifier, "Recurrent": recurrent, "LSTM": lstm, "Mixture": mixture,
    "Convolution": convolution, "Attention": attention, "Logistic": logistic, "Rosenbrock": rosenbrock, "Chain": chain,
}


def main():
    numbers, output, problem, scalar = sys.argv[1:5]
    data = np.fromfile(numbers)
    sizes = data[:3].astype(int)
    kind = np.float32 if scalar == "Float" else np.float64
    parts = [jnp.asarray(part.astype(kind)) for part in np.split(data[3:], np.cumsum(sizes)[:2])]
    compiled = jax.jit(jax.value_and_grad(COSTS[problem]))

    def run(repetitions):
        # Of the whole process: jit's threads are its own.
        start = time.process_time_ns()
        for _ in range(repetitions):
            result = compiled(*parts)
            jax.block_until_ready(result)
        return time.process_time_ns() - start, result

    _, (value, gradient) = run(1)
    np.concatenate([[value], np.asarray(gradient, np.float64)]).tofile(output)
    repetitions = 1
    while run(repetitions)[0] < 5e6:
        repetitions *= 2
    print("ready", flush=True)
    for _ in sys.stdin:
        print(run(repetitions)[0] / repetitions, flush=True)


main()
