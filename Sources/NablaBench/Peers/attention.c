// One head of attention over sequences of 64 vectors of width 32; the projections are one product for the whole batch.
#include "products.h"

enum { S = 64, D = 32, ROWS = BATCH * S };
static real q[ROWS * D], k[ROWS * D], v[ROWS * D], o[ROWS * D], p[S * S], dr[S * S];
static real dq[ROWS * D], dk[ROWS * D], dv[ROWS * D];

real evaluate(const real *restrict w, const real *restrict x, const real *restrict y, real *restrict g) {
    const real root = 1 / sqrt((real)D), scale = (real)1 / BATCH;
    product_nn(ROWS, D, D, x, w, 0, q);
    product_nn(ROWS, D, D, x, w + D * D, 0, k);
    product_nn(ROWS, D, D, x, w + 2 * D * D, 0, v);
    real value = 0;
    for (int n = 0; n < BATCH; n++) {
        int at = n * S * D;
        product_nt(S, S, D, q + at, k + at, 0, p);
        for (int s = 0; s < S; s++) {
            real *row = p + s * S, top = row[0], sum = 0;
            for (int t = 1; t < S; t++) top = row[t] > top ? row[t] : top;
            for (int t = 0; t < S; t++) {
                row[t] = exp((row[t] - top) * root);
                sum += row[t];
            }
            for (int t = 0; t < S; t++) row[t] /= sum;
        }
        product_nn(S, D, S, p, v + at, 0, o);
        for (int i = 0; i < S * D; i++) {
            real error = o[i] - y[at + i];
            value += error * error;
            o[i] = 2 * scale * error;
        }
        product_tn(S, D, S, p, o, 0, dv + at);
        product_nt(S, S, D, o, v + at, 0, dr);
        for (int s = 0; s < S; s++) {
            real *row = p + s * S, *d = dr + s * S, sum = 0;
            for (int t = 0; t < S; t++) sum += row[t] * d[t];
            for (int t = 0; t < S; t++) d[t] = row[t] * (d[t] - sum) * root;
        }
        product_nn(S, D, S, dr, k + at, 0, dq + at);
        product_tn(S, D, S, dr, q + at, 0, dk + at);
    }
    product_tn(D, D, ROWS, x, dq, 0, g);
    product_tn(D, D, ROWS, x, dk, 0, g + D * D);
    product_tn(D, D, ROWS, x, dv, 0, g + 2 * D * D);
    return value * scale;
}
