// Logistic regression with 20 features.
#include "peer.h"

enum { N = 20 };
static real z[BATCH];

real evaluate(const real *restrict w, const real *restrict x, const real *restrict y, real *restrict g) {
    const real scale = (real)1 / BATCH;
    real value = 0, sum[N] = {0}, bias = 0;
    for (int n = 0; n < BATCH; n++) {
        real total = w[N];
        for (int k = 0; k < N; k++) total += w[k] * x[n * N + k];
        z[n] = total;
    }
    for (int n = 0; n < BATCH; n++) {
        real power = exp(-fabs(z[n]));
        value += log(1 + power) + (z[n] > 0 ? z[n] : 0) - y[n] * z[n];
        z[n] = (z[n] > 0 ? 1 : power) / (1 + power) - y[n];
        bias += z[n];
    }
    for (int n = 0; n < BATCH; n++)
        for (int k = 0; k < N; k++) sum[k] += z[n] * x[n * N + k];
    for (int k = 0; k < N; k++) g[k] = sum[k] * scale;
    g[N] = bias * scale;
    return value * scale;
}
