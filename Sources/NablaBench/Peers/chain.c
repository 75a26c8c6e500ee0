// The chain of three weights.
#include "peer.h"

real evaluate(const real *restrict w, const real *restrict x, const real *restrict y, real *restrict g) {
    const real *b = w + 3;
    real a1 = sigmoid(w[0] * x[0] + b[0]), a2 = sigmoid(w[1] * a1 + b[1]), a3 = sigmoid(w[2] * a2 + b[2]);
    real error = a3 - y[0];
    real d3 = 2 * error * a3 * (1 - a3), d2 = d3 * w[2] * a2 * (1 - a2), d1 = d2 * w[1] * a1 * (1 - a1);
    g[0] = d1 * x[0], g[1] = d2 * a1, g[2] = d3 * a2;
    g[3] = d1, g[4] = d2, g[5] = d3;
    return error * error;
}
