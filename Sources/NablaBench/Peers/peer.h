// What each peer in C gives to the driver (driver.c): its sizes are those of the spec, the batch is -DBATCH=…
#ifndef PEER_H
#define PEER_H
#include <tgmath.h>

#ifndef REAL
#define REAL double
#endif
typedef REAL real;

/// The cost, averaged over BATCH examples, and its gradient. Numbers lie as in the generated Swift's `values` and batch.
real evaluate(const real *restrict parameters, const real *restrict x, const real *restrict y, real *restrict gradient);

static inline real sigmoid(real z) { return 1 / (1 + exp(-z)); }
#endif
