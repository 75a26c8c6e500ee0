// CasADi's generated C under the driver's name for it.
#include "peer.h"

#define casadi_real double
#define casadi_int long long int
int evaluation(const casadi_real **arg, casadi_real **res, casadi_int *integers, casadi_real *work, int memory);

real evaluate(const real *restrict parameters, const real *restrict x, const real *restrict y, real *restrict gradient) {
    const casadi_real *arguments[3] = {parameters, x, y};
    real value;
    casadi_real *results[2] = {&value, gradient};
    evaluation(arguments, results, 0, 0, 0);
    return value;
}
