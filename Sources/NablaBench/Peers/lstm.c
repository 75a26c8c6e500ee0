// The elementwise LSTM: 2 layers, 14 wide, 1,024 steps; rows are padded to 16 numbers, so that each loop is whole vectors.
#include "peer.h"

enum { T = 1024, D = 14, L = 2, W = 16 };
enum { WF, BF, WI, BI, WO, BO, WC, BC, GATES };
static real f[L][T][W], i[L][T][W], o[L][T][W], c[L][T][W], s[L][T + 1][W], v[L][T][W], h[L][T + 1][W], u[T][W], dp[T][W];

static void forward(int l, real w[GATES][W], real (*restrict below)[W]) {
    for (int t = 0; t < T; t++)
        for (int k = 0; k < W; k++) {
            real past = h[l][t][k];
            f[l][t][k] = sigmoid(below[t][k] * w[WF][k] + w[BF][k]);
            i[l][t][k] = sigmoid(past * w[WI][k] + w[BI][k]);
            o[l][t][k] = sigmoid(below[t][k] * w[WO][k] + w[BO][k]);
            c[l][t][k] = tanh(past * w[WC][k] + w[BC][k]);
            s[l][t + 1][k] = s[l][t][k] * f[l][t][k] + i[l][t][k] * c[l][t][k];
            v[l][t][k] = tanh(s[l][t + 1][k]);
            h[l][t + 1][k] = o[l][t][k] * v[l][t][k];
        }
}

/// From the derivatives by the layer's output to those by its weights and, in place, by what is below.
static void backward(int l, real w[GATES][W], real (*restrict below)[W], real (*restrict d)[W], real g[GATES][W]) {
    real ds[W] = {0}, dh[W] = {0};
    for (int t = T - 1; t >= 0; t--)
        for (int k = 0; k < W; k++) {
            real forget = f[l][t][k], input = i[l][t][k], output = o[l][t][k], cell = c[l][t][k], bent = v[l][t][k];
            real past = h[l][t][k], dout = d[t][k] + dh[k], state = ds[k] + dout * output * (1 - bent * bent);
            real df = state * s[l][t][k] * forget * (1 - forget), di = state * cell * input * (1 - input);
            real dO = dout * bent * output * (1 - output), dc = state * input * (1 - cell * cell);
            g[WF][k] += df * below[t][k], g[BF][k] += df;
            g[WI][k] += di * past, g[BI][k] += di;
            g[WO][k] += dO * below[t][k], g[BO][k] += dO;
            g[WC][k] += dc * past, g[BC][k] += dc;
            ds[k] = state * forget;
            dh[k] = di * w[WI][k] + dc * w[WC][k];
            d[t][k] = df * w[WF][k] + dO * w[WO][k];
        }
}

real evaluate(const real *restrict p, const real *restrict x, const real *restrict y, real *restrict g) {
    real w[L][GATES][W] = {0}, gw[L][GATES][W] = {0}, win[W] = {0}, gin[W] = {0};
    const real *in = p + GATES * L * D, *wout = in + D, *bout = wout + D;
    real *gout = g + GATES * L * D, *gwout = gout + D, *gbout = gwout + D, value = 0;
    for (int l = 0; l < L; l++)
        for (int gate = 0; gate < GATES; gate++)
            for (int k = 0; k < D; k++) w[l][gate][k] = p[(gate * L + l) * D + k];
    for (int k = 0; k < D; k++) win[k] = in[k], gwout[k] = 0, gbout[k] = 0;
    for (int t = 0; t < T; t++)
        for (int k = 0; k < D; k++) u[t][k] = win[k] * x[t * D + k];
    forward(0, w[0], u);
    forward(1, w[1], h[0] + 1);

    for (int t = 0; t < T; t++) {
        real out[W] = {0}, power[W], top, sum = 0, dot = 0;
        if (t == T - 1) {
            for (int k = 0; k < W; k++) dp[t][k] = 0;
            break;
        }
        const real *next = x + (t + 1) * D;
        for (int k = 0; k < D; k++) out[k] = h[1][t + 1][k] * wout[k] + bout[k];
        top = out[0];
        for (int k = 1; k < D; k++) top = out[k] > top ? out[k] : top;
        for (int k = 0; k < W; k++) power[k] = exp(out[k] - top);
        for (int k = 0; k < D; k++) sum += power[k], dot += next[k] * out[k];
        value += log(sum) + top - dot;
        sum = 1 / sum;
        for (int k = 0; k < D; k++) {
            real error = power[k] * sum - next[k];
            gwout[k] += error * h[1][t + 1][k], gbout[k] += error;
            dp[t][k] = error * wout[k];
        }
    }
    backward(1, w[1], h[0] + 1, dp, gw[1]);
    backward(0, w[0], u, dp, gw[0]);
    for (int t = 0; t < T; t++)
        for (int k = 0; k < D; k++) gin[k] += dp[t][k] * x[t * D + k];
    for (int k = 0; k < D; k++) gout[k] = gin[k];
    for (int l = 0; l < L; l++)
        for (int gate = 0; gate < GATES; gate++)
            for (int k = 0; k < D; k++) g[(gate * L + l) * D + k] = gw[l][gate][k];
    return value;
}
