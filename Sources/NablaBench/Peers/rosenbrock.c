// Rosenbrock's function of 100 variables.
#include "peer.h"

enum { N = 100 };

real evaluate(const real *restrict w, const real *restrict x, const real *restrict y, real *restrict g) {
    real value = 0, inner[N];
    for (int i = 0; i < N - 1; i++) {
        real rise = w[i + 1] - w[i] * w[i], run = 1 - w[i];
        value += 100 * rise * rise + run * run;
        inner[i] = 200 * rise;
        g[i] = -2 * w[i] * inner[i] - 2 * run;
    }
    g[N - 1] = 0;
    for (int i = 0; i < N - 1; i++) g[i + 1] += inner[i];
    return value;
}
