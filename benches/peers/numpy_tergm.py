"""The peer of crates/networks/benches/tergm.rs: model 3 with NumPy.

Change statistics in closed form by matrix products, Newton's method, replicates by Newton from the full
fit with the steps that are drawn alone. Reads `world.json` and raw arrays from the folder given, writes
one line of JSON: seconds (of the clock, of the processors), coefficients of the full fit and of the first replicates.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
about = json.loads((folder / "world.json").read_text())
n, years, decay = about["n"], about["years"], 0.5


def read(name, *shape):
    return np.fromfile(folder / f"{name}.f64").reshape(shape)


ties = read("ties", years, n, n)
lngdp, coop_node, conf_node = (read(name, years, n) for name in ("lngdp", "coop_node", "conf_node"))
coop, conf = (read(name, years, n, n) for name in ("coop", "conf"))
dist, lang, colo = (read(name, n, n) for name in ("dist", "lang", "colo"))
multiplicities = np.array(about["multiplicities"], dtype=float)
q = 1 - np.exp(-decay)
off = ~np.eye(n, dtype=bool)


def design(t):
    a, p = ties[t], ties[t - 1]
    sp = a @ a
    np.fill_diagonal(sp, 0)
    w = np.exp(decay) * (1 - q**sp)
    power, lower = q**sp, q ** np.maximum(sp - 1, 0)
    for m in (power, lower):
        np.fill_diagonal(m, 0)
    # Sums over k of A_jk A_ik q^sp_ik and the like; with the tie itself counted out where it is there.
    def closing(x):
        return (a * x) @ a.T + a.T @ (a * x)

    def any_path(x):
        return x @ a.T + a.T @ x

    esp = w + np.where(a == 1, closing(lower), closing(power))
    dsp = np.where(a == 1, any_path(lower), any_path(power))
    indegree, outdegree = a.sum(0), a.sum(1)
    one = np.ones((n, n))
    columns = [
        one,
        a.T,
        q ** (indegree[None, :] - a),
        q ** (outdegree[:, None] - a),
        esp,
        dsp,
        p.T,
        2 * p - 1,
        (t + 1) * one,
        lngdp[t][:, None] + lngdp[t][None, :],
        coop_node[t][None, :] * one,
        conf_node[t][None, :] * one,
        coop_node[t][:, None] * one,
        conf_node[t][:, None] * one,
        coop[t],
        conf[t],
        dist,
        lang,
        colo,
    ]
    return np.stack([c[off] for c in columns], axis=1), a[off]


def newton(steps, weights, theta, scale):
    passes = 0
    while True:
        gradient, information = np.zeros(len(theta)), np.zeros((len(theta), len(theta)))
        for (x, y), m in zip(steps, weights):
            if m == 0:
                continue
            prob = 1 / (1 + np.exp(-(x @ (theta / scale))))
            gradient += m * (x.T @ (y - prob)) / scale
            information += m * (x.T @ (x * (prob * (1 - prob))[:, None])) / np.outer(scale, scale)
        move = np.linalg.solve(information, gradient)
        theta = theta + move
        passes += 1
        if np.abs(move).max() < 1e-10 or passes > 40:
            return theta


def now():
    return np.array([time.perf_counter(), time.process_time()])


start = now()
steps = [design(t) for t in range(1, years)]
design_seconds = now() - start
scale = np.sqrt(sum((x * x).sum(0) for x, _ in steps) / sum(len(x) for x, _ in steps))
start = now()
full = newton(steps, np.ones(len(steps)), np.zeros(len(scale)), scale)
fit_seconds = now() - start
start = now()
replicates = [newton(steps, m, full, scale) / scale for m in multiplicities]
replicate_seconds = (now() - start) / max(len(replicates), 1)
print(
    json.dumps(
        {
            "design": design_seconds.tolist(),
            "fit": fit_seconds.tolist(),
            "replicate": replicate_seconds.tolist(),
            "coefficients": (full / scale).tolist(),
            "replicates": [r.tolist() for r in replicates],
        }
    )
)
