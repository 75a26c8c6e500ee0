// The processor's peak: 12 chains of fused multiply-adds on whole registers; the driver's parameters are ignored.
#include "peer.h"

enum { CHAINS = 12, LANES = WIDTH / sizeof(real), STEPS = 2000 };
typedef real vector __attribute__((vector_size(WIDTH)));

/// 2 * CHAINS * LANES * STEPS operations.
real evaluate(const real *restrict w, const real *restrict x, const real *restrict y, real *restrict g) {
    vector sum[CHAINS], factor, term;
    for (int i = 0; i < LANES; i++) factor[i] = (real)0.5, term[i] = w[0];
    for (int i = 0; i < CHAINS; i++) sum[i] = term * (real)i;
    for (int step = 0; step < STEPS; step++) {
        __asm__ volatile("" : "+v"(factor));
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++) sum[i] = sum[i] * factor + term;
    }
    for (int i = 1; i < CHAINS; i++) sum[0] += sum[i];
    return sum[0][0];
}
