// A recurrent network: 64 hidden units, 100 steps. Steps are the slow index, so that each weight's gradient is one product.
#include "products.h"
#include <string.h>

enum { T = 100, H = 64, X = 32, O = 10, ROWS = T * BATCH };
static real xs[ROWS * X], hs[(T + 1) * BATCH * H], ds[ROWS * H], os[ROWS * O];

real evaluate(const real *restrict p, const real *restrict x, const real *restrict y, real *restrict g) {
    const real *W = p, *U = W + H * H, *b = U + H * X, *V = b + H, *c = V + O * H;
    real *gW = g, *gU = gW + H * H, *gb = gU + H * X, *gV = gb + H, *gc = gV + O * H;
    const real scale = (real)1 / BATCH;
    for (int n = 0; n < BATCH; n++)
        for (int t = 0; t < T; t++) memcpy(xs + (t * BATCH + n) * X, x + (n * T + t) * X, X * sizeof(real));

    real *h = hs + BATCH * H;
    product_nt(ROWS, H, X, xs, U, 0, h);
    for (int t = 0; t < T; t++) {
        real *now = h + t * BATCH * H;
        if (t > 0) product_nt(BATCH, H, H, now - BATCH * H, W, 1, now);
        for (int n = 0; n < BATCH; n++)
            for (int i = 0; i < H; i++) now[n * H + i] = tanh(now[n * H + i] + b[i]);
    }

    product_nt(ROWS, O, H, h, V, 0, os);
    real value = 0;
    for (int m = 0; m < O; m++) gc[m] = 0;
    for (int t = 0; t < T; t++)
        for (int n = 0; n < BATCH; n++)
            for (int m = 0; m < O; m++) {
                real *o = os + (t * BATCH + n) * O + m;
                real error = *o + c[m] - y[(n * T + t) * O + m];
                value += error * error;
                *o = 2 * scale * error;
                gc[m] += *o;
            }

    product_nn(ROWS, H, O, os, V, 0, ds);
    for (int i = 0; i < H; i++) gb[i] = 0;
    for (int t = T - 1; t >= 0; t--) {
        real *now = ds + t * BATCH * H;
        const real *state = h + t * BATCH * H;
        if (t < T - 1) product_nn(BATCH, H, H, now + BATCH * H, W, 1, now);
        for (int n = 0; n < BATCH; n++)
            for (int i = 0; i < H; i++) {
                real *d = now + n * H + i, s = state[n * H + i];
                *d *= 1 - s * s;
                gb[i] += *d;
            }
    }
    product_tn(H, H, ROWS, ds, hs, 0, gW);
    product_tn(H, X, ROWS, ds, xs, 0, gU);
    product_tn(O, H, ROWS, os, h, 0, gV);
    return value * scale;
}
