// driver INPUT OUTPUT: reads the numbers, writes cost and gradient, then times one batch of calls for each line on its input.
#define _GNU_SOURCE
#include "peer.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec t;
#ifdef ON_CLOCK
    clock_gettime(CLOCK_MONOTONIC, &t);
#else
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
#endif
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static real *numbers(FILE *file, long count) {
    real *values = aligned_alloc(64, (count * sizeof(real) + 127) / 64 * 64);
    for (long i = 0; i < count; i++) {
        double value;
        if (fread(&value, sizeof value, 1, file) != 1) exit(2);
        values[i] = (real)value;
    }
    return values;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    FILE *file = fopen(arguments[1], "rb");
    double sizes[3];
    if (!file || fread(sizes, sizeof(double), 3, file) != 3) return 2;
    real *parameters = numbers(file, sizes[0]), *x = numbers(file, sizes[1]), *y = numbers(file, sizes[2]);
    fclose(file);
    long size = sizes[0];
    real *gradient = aligned_alloc(64, (size * sizeof(real) + 127) / 64 * 64);

    double value = evaluate(parameters, x, y, gradient);
    if (!(file = fopen(arguments[2], "wb"))) return 2;
    fwrite(&value, sizeof value, 1, file);
    for (long i = 0; i < size; i++) {
        double component = gradient[i];
        fwrite(&component, sizeof component, 1, file);
    }
    if (fclose(file)) return 2;

    // A batch of calls takes 5 ms or more; with several threads 50 ms, since one that has slept may not be on a core of its own at once.
#ifdef ON_CLOCK
    const double shortest = 50e6;
#else
    const double shortest = 5e6;
#endif
    long repetitions = 1;
    for (;; repetitions *= 2) {
        double start = now();
        for (long i = 0; i < repetitions; i++) evaluate(parameters, x, y, gradient);
        if (now() - start > shortest) break;
    }
    puts("ready");
    fflush(stdout);
    for (char line[16]; fgets(line, sizeof line, stdin);) {
        double start = now();
        for (long i = 0; i < repetitions; i++) evaluate(parameters, x, y, gradient);
        printf("%.17g\n", (now() - start) / repetitions);
        fflush(stdout);
    }
    return 0;
}
