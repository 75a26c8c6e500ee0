// A Gaussian mixture: 25 components in 32 dimensions, triangular factors. Points lie side by side in blocks, or are taken one by one.
#include "peer.h"

#ifndef LANES
#define LANES 40
#endif

enum { D = 32, K = 25 };
static real xt[D][LANES], d[D][LANES], e[K][D][LANES], s[K][LANES], spread[K][D], total[K][D];

real evaluate(const real *restrict p, const real *restrict x, const real *restrict y, real *restrict g) {
    const real *alpha = p, *mu = alpha + K, *q = mu + K * D, *F = q + K * D;
    real *galpha = g, *gmu = galpha + K, *gq = gmu + K * D, *gF = gq + K * D;
    const real scale = (real)1 / BATCH;
    real value = 0, base[K], top = alpha[0], sum = 0;
    for (int i = 0; i < K + 2 * K * D + K * D * D; i++) g[i] = 0;
    for (int k = 0; k < K; k++) {
        base[k] = alpha[k];
        for (int i = 0; i < D; i++) spread[k][i] = exp(q[k * D + i]), base[k] += q[k * D + i], total[k][i] = 0;
    }

    for (int first = 0; first < BATCH; first += LANES) {
        for (int n = 0; n < LANES; n++)
            for (int i = 0; i < D; i++) xt[i][n] = x[(first + n) * D + i];
        for (int k = 0; k < K; k++) {
            real squares[LANES] = {0};
            for (int i = 0; i < D; i++)
                for (int n = 0; n < LANES; n++) d[i][n] = xt[i][n] - mu[k * D + i];
            for (int i = 0; i < D; i++) {
                real sums[LANES];
                for (int n = 0; n < LANES; n++) sums[n] = spread[k][i] * d[i][n];
                for (int j = 0; j < i; j++)
                    for (int n = 0; n < LANES; n++) sums[n] += F[(k * D + i) * D + j] * d[j][n];
                for (int n = 0; n < LANES; n++) e[k][i][n] = sums[n], squares[n] += sums[n] * sums[n];
            }
            for (int n = 0; n < LANES; n++) s[k][n] = base[k] - squares[n] / 2;
        }

        real high[LANES], powers[LANES] = {0};
        for (int n = 0; n < LANES; n++) high[n] = s[0][n];
        for (int k = 1; k < K; k++)
            for (int n = 0; n < LANES; n++) high[n] = s[k][n] > high[n] ? s[k][n] : high[n];
        for (int k = 0; k < K; k++)
            for (int n = 0; n < LANES; n++) s[k][n] = exp(s[k][n] - high[n]), powers[n] += s[k][n];
        for (int n = 0; n < LANES; n++) value -= log(powers[n]) + high[n], powers[n] = scale / powers[n];

        for (int k = 0; k < K; k++) {
            real share = 0;
            for (int n = 0; n < LANES; n++) s[k][n] *= powers[n], share += s[k][n];
            galpha[k] -= share;
            for (int i = 0; i < D; i++) {
                real moment = 0, plain = 0;
                for (int n = 0; n < LANES; n++) {
                    d[i][n] = xt[i][n] - mu[k * D + i];
                    e[k][i][n] *= s[k][n];
                    plain += e[k][i][n];
                    moment += e[k][i][n] * d[i][n];
                }
                total[k][i] += plain;
                gq[k * D + i] += spread[k][i] * moment - share;
            }
            for (int i = 0; i < D; i++)
                for (int j = 0; j < i; j++) {
                    real dot = 0;
                    for (int n = 0; n < LANES; n++) dot += e[k][i][n] * d[j][n];
                    gF[(k * D + i) * D + j] += dot;
                }
        }
    }

    // The means see only the sums over points.
    for (int k = 0; k < K; k++)
        for (int i = 0; i < D; i++) {
            gmu[k * D + i] -= spread[k][i] * total[k][i];
            for (int j = 0; j < i; j++) gmu[k * D + j] -= F[(k * D + i) * D + j] * total[k][i];
        }
    for (int k = 1; k < K; k++) top = alpha[k] > top ? alpha[k] : top;
    for (int k = 0; k < K; k++) sum += exp(alpha[k] - top);
    for (int k = 0; k < K; k++) galpha[k] += exp(alpha[k] - top) / sum;
    return value * scale + log(sum) + top;
}
