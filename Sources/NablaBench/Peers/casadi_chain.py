# CasADi's SX on the chain of nabla-bench: x_i = v*sin(x_(i-1)), C = x_n^2, the gradient in w and v.
#
# pip install casadi; python3 casadi_chain.py [N]…
# Prints, for each n, the processor seconds of building, of the gradient and of writing C, and the distinct nodes of the gradient's
# function, the peak memory up to the gradient, and its bytes for each node.
import resource
import subprocess
import sys
import time


def measure(count):
    import casadi

    start = time.process_time()
    w = casadi.SX.sym("w")
    v = casadi.SX.sym("v")
    x = w
    for _ in range(count):
        x = v * casadi.sin(x)
    cost = x * x
    built = time.process_time()
    inputs = casadi.vertcat(w, v)
    gradient = casadi.gradient(cost, inputs)
    function = casadi.Function("f", [inputs], [cost, gradient])
    derived = time.process_time()
    nodes = function.n_nodes()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    started = time.process_time()
    function.generate("chain_casadi.c", {"with_header": False})
    emitted = time.process_time()
    print(
        f"{count:9d} build {built - start:.3f} s, gradient {derived - built:.3f} s, C {emitted - started:.3f} s, "
        f"{nodes} nodes, {nodes / (derived - built) / 1e6:.2f} M nodes/s derived, "
        f"{nodes / (emitted - started) / 1e6:.2f} M nodes/s written, {peak / nodes:.0f} B/node"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        measure(int(sys.argv[2]))
    else:
        for count in sys.argv[1:] or ["100000", "1000000"]:
            subprocess.run([sys.executable, sys.argv[0], "--child", count], check=True)
