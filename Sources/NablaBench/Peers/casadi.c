// CasADi's generated C under the driver's name for it.
#include "peer.h"

#define casadi_real double
#define casadi_int long long int
int evaluation(const casadi_real **arg, casadi_real **res, casadi_int *iw, casadi_real *w, int mem);
int evaluation_work(casadi_int *sz_arg, casadi_int *sz_res, casadi_int *sz_iw, casadi_int *sz_w);

real evaluate(const real *restrict parameters, const real *restrict x, const real *restrict y, real *restrict gradient) {
    static casadi_real work[WORK];
    const casadi_real *arguments[3] = {parameters, x, y};
    real value;
    casadi_real *results[2] = {&value, gradient};
    evaluation(arguments, results, 0, work, 0);
    return value;
}
