// A network of three layers: sigmoid and squared error, or with -DSOFTMAX relu, softmax and cross-entropy.
#include "products.h"

static real z1[BATCH * W1], a1[BATCH * W1], z2[BATCH * W2], a2[BATCH * W2], z3[BATCH * W3];
static real d1[BATCH * W1], d2[BATCH * W2], d3[BATCH * W3];

static inline void add_bias(int width, real *restrict z, const real *restrict b) {
    for (int n = 0; n < BATCH; n++)
        for (int j = 0; j < width; j++) z[n * width + j] += b[j];
}

static inline void activate(int count, const real *restrict z, real *restrict a) {
#ifdef SOFTMAX
    for (int i = 0; i < count; i++) a[i] = z[i] > 0 ? z[i] : 0;
#else
    for (int i = 0; i < count; i++) a[i] = sigmoid(z[i]);
#endif
}

static inline void times_slope(int count, const real *restrict a, real *restrict d) {
#ifdef SOFTMAX
    for (int i = 0; i < count; i++) d[i] = a[i] > 0 ? d[i] : 0;
#else
    for (int i = 0; i < count; i++) d[i] *= a[i] * (1 - a[i]);
#endif
}

static inline void sum_rows(int width, const real *restrict d, real *restrict b) {
    for (int j = 0; j < width; j++) b[j] = 0;
    for (int n = 0; n < BATCH; n++)
        for (int j = 0; j < width; j++) b[j] += d[n * width + j];
}

/// The cost of the last layer; d3 is its derivative by z3.
static inline real cost(const real *restrict y) {
    const real scale = (real)1 / BATCH;
    real total = 0;
#ifdef SOFTMAX
    for (int n = 0; n < BATCH; n++) {
        const real *z = z3 + n * W3, *target = y + n * W3;
        real top = z[0], sum = 0, weight = 0;
        for (int j = 1; j < W3; j++) top = z[j] > top ? z[j] : top;
        for (int j = 0; j < W3; j++) {
            real power = exp(z[j] - top);
            d3[n * W3 + j] = power;
            sum += power;
            weight += target[j] * z[j];
        }
        for (int j = 0; j < W3; j++) d3[n * W3 + j] = (d3[n * W3 + j] / sum - target[j]) * scale;
        total += log(sum) + top - weight;
    }
#else
    for (int i = 0; i < BATCH * W3; i++) {
        real a = sigmoid(z3[i]), error = a - y[i];
        total += error * error;
        d3[i] = 2 * error * a * (1 - a) * scale;
    }
#endif
    return total * scale;
}

real evaluate(const real *restrict p, const real *restrict x, const real *restrict y, real *restrict g) {
    enum { w2 = W1 * W0, w3 = w2 + W2 * W1, b1 = w3 + W3 * W2, b2 = b1 + W1, b3 = b2 + W2 };
    product_nt(BATCH, W1, W0, x, p, 0, z1);
    add_bias(W1, z1, p + b1);
    activate(BATCH * W1, z1, a1);
    product_nt(BATCH, W2, W1, a1, p + w2, 0, z2);
    add_bias(W2, z2, p + b2);
    activate(BATCH * W2, z2, a2);
    product_nt(BATCH, W3, W2, a2, p + w3, 0, z3);
    add_bias(W3, z3, p + b3);
    real value = cost(y);
    product_nn(BATCH, W2, W3, d3, p + w3, 0, d2);
    times_slope(BATCH * W2, a2, d2);
    product_nn(BATCH, W1, W2, d2, p + w2, 0, d1);
    times_slope(BATCH * W1, a1, d1);
    product_tn(W1, W0, BATCH, d1, x, 0, g);
    product_tn(W2, W1, BATCH, d2, a1, 0, g + w2);
    product_tn(W3, W2, BATCH, d3, a2, 0, g + w3);
    sum_rows(W1, d1, g + b1);
    sum_rows(W2, d2, g + b2);
    sum_rows(W3, d3, g + b3);
    return value;
}
