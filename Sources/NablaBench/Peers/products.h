// Products of matrices, row-major without gaps: by OpenBLAS with -DOPENBLAS, otherwise by loops that gcc vectorises.
#ifndef PRODUCTS_H
#define PRODUCTS_H
#include "peer.h"

#ifdef OPENBLAS
#include <cblas.h>
#define BLAS(name) _Generic((real)0, float: cblas_s##name, double: cblas_d##name)

/// c[m,n] = keep*c[m,n] + sum(k: a[m,k] * b[n,k]).
static inline void product_nt(int M, int N, int K, const real *a, const real *b, real keep, real *c) {
    if (M == 1) BLAS(gemv)(CblasRowMajor, CblasNoTrans, N, K, 1, b, K, a, 1, keep, c, 1);
    else BLAS(gemm)(CblasRowMajor, CblasNoTrans, CblasTrans, M, N, K, 1, a, K, b, K, keep, c, N);
}

/// c[m,n] = keep*c[m,n] + sum(k: a[m,k] * b[k,n]).
static inline void product_nn(int M, int N, int K, const real *a, const real *b, real keep, real *c) {
    if (M == 1) BLAS(gemv)(CblasRowMajor, CblasTrans, K, N, 1, b, N, a, 1, keep, c, 1);
    else BLAS(gemm)(CblasRowMajor, CblasNoTrans, CblasNoTrans, M, N, K, 1, a, K, b, N, keep, c, N);
}

/// c[m,n] = keep*c[m,n] + sum(k: a[k,m] * b[k,n]).
static inline void product_tn(int M, int N, int K, const real *a, const real *b, real keep, real *c) {
    if (K == 1 && keep == 0) {
        for (int i = 0; i < M; i++)
            for (int j = 0; j < N; j++) c[i * N + j] = a[i] * b[j];
    } else BLAS(gemm)(CblasRowMajor, CblasTrans, CblasNoTrans, M, N, K, 1, a, M, b, N, keep, c, N);
}

#else

/// c[m,n] = keep*c[m,n] + sum(k: a[m,k] * b[n,k]).
static inline void product_nt(
    int M, int N, int K, const real *restrict a, const real *restrict b, real keep, real *restrict c) {
    for (int i = 0; i < M; i++) {
        const real *restrict row = a + i * K;
        for (int j = 0; j < N / 4 * 4; j += 4) {
            const real *restrict b0 = b + j * K, *restrict b1 = b0 + K, *restrict b2 = b1 + K, *restrict b3 = b2 + K;
            real s0 = 0, s1 = 0, s2 = 0, s3 = 0;
            for (int k = 0; k < K; k++) {
                s0 += row[k] * b0[k];
                s1 += row[k] * b1[k];
                s2 += row[k] * b2[k];
                s3 += row[k] * b3[k];
            }
            real *to = c + i * N + j;
            if (keep == 0) to[0] = s0, to[1] = s1, to[2] = s2, to[3] = s3;
            else to[0] += s0, to[1] += s1, to[2] += s2, to[3] += s3;
        }
        for (int j = N / 4 * 4; j < N; j++) {
            real sum = 0;
            for (int k = 0; k < K; k++) sum += row[k] * b[j * K + k];
            c[i * N + j] = keep == 0 ? sum : c[i * N + j] + sum;
        }
    }
}

/// A row of a product: to[n] = keep*to[n] + sum(k: a[k*stride] * b[k,n]), four terms at a time.
static inline void product_row(
    int N, int K, const real *restrict a, int stride, const real *restrict b, real keep, real *restrict to) {
    if (keep == 0)
        for (int j = 0; j < N; j++) to[j] = 0;
    for (int k = 0; k < K / 4 * 4; k += 4) {
        real a0 = a[k * stride], a1 = a[(k + 1) * stride], a2 = a[(k + 2) * stride], a3 = a[(k + 3) * stride];
        const real *restrict b0 = b + k * N, *restrict b1 = b0 + N, *restrict b2 = b1 + N, *restrict b3 = b2 + N;
        for (int j = 0; j < N; j++) to[j] += a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
    }
    for (int k = K / 4 * 4; k < K; k++)
        for (int j = 0; j < N; j++) to[j] += a[k * stride] * b[k * N + j];
}

/// c[m,n] = keep*c[m,n] + sum(k: a[m,k] * b[k,n]).
static inline void product_nn(
    int M, int N, int K, const real *restrict a, const real *restrict b, real keep, real *restrict c) {
    for (int i = 0; i < M; i++) product_row(N, K, a + i * K, 1, b, keep, c + i * N);
}

/// c[m,n] = keep*c[m,n] + sum(k: a[k,m] * b[k,n]).
static inline void product_tn(
    int M, int N, int K, const real *restrict a, const real *restrict b, real keep, real *restrict c) {
    if (K == 1 && keep == 0) {
        for (int i = 0; i < M; i++)
            for (int j = 0; j < N; j++) c[i * N + j] = a[i] * b[j];
        return;
    }
    for (int i = 0; i < M; i++) product_row(N, K, a + i, M, b, keep, c + i * N);
}
#endif
#endif
