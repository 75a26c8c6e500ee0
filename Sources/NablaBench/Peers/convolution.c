// A convolution along one dimension: 32 channels, width 128, kernel 5; all taps of a few filters in one pass over the channel.
#include "peer.h"

enum { N = 128, P = 5, A = 32, B = 32, M = N - P + 1 };
static real z[B][M];

real evaluate(const real *restrict w, const real *restrict xs, const real *restrict ys, real *restrict g) {
    const real *b = w + B * A * P, scale = (real)1 / BATCH;
    real *gb = g + B * A * P, value = 0;
    for (int i = 0; i < B * A * P + B; i++) g[i] = 0;
    for (int n = 0; n < BATCH; n++) {
        const real *restrict x = xs + n * A * N, *restrict y = ys + n * B * M;
        for (int f = 0; f < B; f += 4) {
            real *restrict z0 = z[f], *restrict z1 = z[f + 1], *restrict z2 = z[f + 2], *restrict z3 = z[f + 3];
            for (int i = 0; i < M; i++) z0[i] = b[f], z1[i] = b[f + 1], z2[i] = b[f + 2], z3[i] = b[f + 3];
            for (int c = 0; c < A; c++) {
                const real *restrict u = x + c * N;
                const real *w0 = w + (f * A + c) * P, *w1 = w0 + A * P, *w2 = w1 + A * P, *w3 = w2 + A * P;
                for (int i = 0; i < M; i++) {
                    z0[i] += w0[0] * u[i] + w0[1] * u[i + 1] + w0[2] * u[i + 2] + w0[3] * u[i + 3] + w0[4] * u[i + 4];
                    z1[i] += w1[0] * u[i] + w1[1] * u[i + 1] + w1[2] * u[i + 2] + w1[3] * u[i + 3] + w1[4] * u[i + 4];
                    z2[i] += w2[0] * u[i] + w2[1] * u[i + 1] + w2[2] * u[i + 2] + w2[3] * u[i + 3] + w2[4] * u[i + 4];
                    z3[i] += w3[0] * u[i] + w3[1] * u[i + 1] + w3[2] * u[i + 2] + w3[3] * u[i + 3] + w3[4] * u[i + 4];
                }
            }
        }
        for (int f = 0; f < B; f++) {
            real sum = 0;
            for (int i = 0; i < M; i++) {
                real a = z[f][i] > 0 ? z[f][i] : 0, error = a - y[f * M + i];
                value += error * error;
                z[f][i] = z[f][i] > 0 ? 2 * scale * error : 0;
                sum += z[f][i];
            }
            gb[f] += sum;
        }
        for (int f = 0; f < B; f += 2)
            for (int c = 0; c < A; c++) {
                const real *restrict u = x + c * N, *restrict d0 = z[f], *restrict d1 = z[f + 1];
                real s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, r0 = 0, r1 = 0, r2 = 0, r3 = 0, r4 = 0;
                for (int i = 0; i < M; i++) {
                    s0 += d0[i] * u[i], r0 += d1[i] * u[i];
                    s1 += d0[i] * u[i + 1], r1 += d1[i] * u[i + 1];
                    s2 += d0[i] * u[i + 2], r2 += d1[i] * u[i + 2];
                    s3 += d0[i] * u[i + 3], r3 += d1[i] * u[i + 3];
                    s4 += d0[i] * u[i + 4], r4 += d1[i] * u[i + 4];
                }
                real *to = g + (f * A + c) * P, *next = to + A * P;
                to[0] += s0, to[1] += s1, to[2] += s2, to[3] += s3, to[4] += s4;
                next[0] += r0, next[1] += r1, next[2] += r2, next[3] += r3, next[4] += r4;
            }
    }
    return value * scale;
}
