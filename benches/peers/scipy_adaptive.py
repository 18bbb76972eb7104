"""Peer of the adaptive sweep, in NumPy and SciPy, double precision.

usage: scipy_adaptive.py FOLDER    (a folder in the published layout, rules included)

A plain transcription of the model, one scenario at a time, in the published order of operations:
amounts, not losses; after step 1 the adapting sectors' parameters change, after step 2 the import
shares of substitutes; a copy of every changed matrix per scenario.

Reads requests from standard input, one per line, and answers each with one line of JSON:

  plain N        N evenly spaced producing sectors' full shocks; losses above 1 kg are extracted

Answers hold `seconds`, `scenarios`, `rows` (losses above 1 kg), `loss` (their sum, tonnes),
`adapting` and `substituting` (sectors, over all scenarios).
"""

import json
import sys
import time

import numpy as np
import scipy.io
import scipy.sparse as sp

STEPS = 10
MIN_LOSS = 0.001
RELATIVE, ABSOLUTE, TIE = 0.26, 1000.0, 1e-9
RESCALING = 0.01


class Rules:
    """Multipliers and rewiring of one parameter; negative numbers stand for none."""

    def __init__(self, folder, name, axis):
        def half(which):
            matrix = sp.load_npz(f"{folder}/transition_{name}_{which}.npz").astype(float)
            matrix.data[matrix.data < 0] = 0.0
            return matrix.tocsr() if axis == 0 else matrix.tocsc()

        self.multiplier, self.rewiring = half("multi"), half("rewire")

    def rows(self, matrix, hit, rl):
        changed = matrix[hit].multiply(self.multiplier[hit]) + self.rewiring[hit]
        return sp.diags(rl) @ changed

    def columns(self, matrix, hit, rl):
        changed = matrix[:, hit].multiply(self.multiplier[:, hit]) + self.rewiring[:, hit]
        return changed @ sp.diags(rl)


def replace_rows(matrix, hit, rows):
    keep, place = selection(matrix.shape[0], hit)
    return keep @ matrix + place @ rows


def replace_columns(matrix, hit, columns):
    keep, place = selection(matrix.shape[1], hit)
    return matrix @ keep + columns @ place.T


def selection(n, hit):
    kept = np.ones(n)
    kept[hit] = 0.0
    place = sp.csr_matrix((np.ones(len(hit)), (hit, np.arange(len(hit)))), shape=(n, len(hit)))
    return sp.diags(kept), place


def rescale(matrix, target):
    """Columns more than 1 % away from their target are scaled to it; columns of 0 stay."""
    sums = np.asarray(matrix.sum(axis=0)).ravel()
    off = (sums > 0) & (np.abs(sums - target) > RESCALING * target)
    factor = np.ones(len(sums))
    factor[off] = (target * np.ones(len(sums)))[off] / sums[off]
    return (matrix @ sp.diags(factor)).tocsr()


class Model:
    def __init__(self, folder):
        def matrix(name):
            return scipy.io.mmread(f"{folder}/sparse_{name}.mtx").tocsr()

        def vector(name):
            return matrix(name).toarray().ravel()

        self.x0, self.start = vector("x0"), vector("startstock")
        self.eta_prod, self.eta_exp = vector("eta_prod"), vector("eta_exp")
        self.alpha, self.beta = matrix("alpha"), matrix("beta")
        self.nu, self.trade = matrix("nu"), matrix("trade")
        self.producers = np.flatnonzero((self.alpha + self.beta).getnnz(axis=1) > 0)
        self.rules = {n: Rules(folder, n, 0) for n in ("alpha", "beta", "import")}
        self.rules |= {n: Rules(folder, n, 1) for n in ("nu", "export")}
        self.shares = {n: Rules(folder, n, 0) for n in ("eta_exp", "eta_prod", "eta_cons")}
        substitutes = sp.load_npz(f"{folder}/substitutability_trade.npz")
        self.substitutes = substitutes.astype(float).tocsr()
        self.columns = {"nu": self.nu.tocsc(), "trade": self.trade.tocsc()}
        self.sums = {n: np.asarray(m.sum(axis=0)).ravel()
                     for n, m in (("alpha", self.alpha), ("beta", self.beta))}
        self.available = []
        x, p = self.x0, self.parameters()
        for t in range(STEPS):
            x = self.step(p, x, t, None)
            self.available.append(x)

    def parameters(self):
        return (self.alpha, self.beta, self.nu, self.trade, self.eta_prod, self.eta_exp)

    def step(self, p, x, t, shocked):
        alpha, beta, nu, trade, eta_prod, eta_exp = p
        o = alpha @ (nu @ (eta_prod * x)) + np.asarray(beta.sum(axis=1)).ravel()
        if t == 0:
            o = o + self.start
        if shocked is not None:
            o[shocked] = 0.0
        return o + trade @ (eta_exp * x)

    def hits(self, x, t):
        """Sectors whose losses reach both thresholds, and their relative losses."""
        loss = self.available[t] - x
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(loss == 0, 0.0, loss / self.available[t])
        hit = (relative >= RELATIVE * (1 - TIE)) & (loss >= ABSOLUTE * (1 - TIE))
        return np.flatnonzero(hit), relative[hit]

    def adapt(self, hit, rl):
        rules = self.rules
        alpha = replace_rows(self.alpha, hit, rules["alpha"].rows(self.alpha, hit, rl))
        beta = replace_rows(self.beta, hit, rules["beta"].rows(self.beta, hit, rl))
        nu = replace_columns(
            self.nu, hit, rules["nu"].columns(self.columns["nu"], hit, rl)
        )
        trade = replace_rows(self.trade, hit, rules["import"].rows(self.trade, hit, rl))
        exports = rules["export"].columns(self.columns["trade"], hit, rl)
        trade = replace_columns(trade, hit, exports)
        eta_prod, eta_exp = self.eta_prod.copy(), self.eta_exp.copy()
        old = {"eta_exp": eta_exp[hit], "eta_prod": eta_prod[hit]}
        old["eta_cons"] = 1.0 - old["eta_exp"] - old["eta_prod"]
        new = {}
        for name, rule in self.shares.items():
            m = rule.multiplier[hit].toarray().ravel()
            r = rule.rewiring[hit].toarray().ravel()
            new[name] = (old[name] * m + r) * rl
        total = new["eta_exp"] + new["eta_prod"] + new["eta_cons"]
        ruled = total > 0
        eta_exp[hit[ruled]] = new["eta_exp"][ruled] / total[ruled]
        eta_prod[hit[ruled]] = new["eta_prod"][ruled] / total[ruled]
        return (
            rescale(alpha, self.sums["alpha"]),
            rescale(beta, self.sums["beta"]),
            rescale(nu, 1.0),
            rescale(trade, 1.0),
            eta_prod,
            eta_exp,
        )

    def substitute(self, p, hit):
        growth = np.ones(len(self.x0))
        for lost in hit:  # in item order: the last lost item decides
            row = self.substitutes[lost]
            growth[row.indices] = 1.0 + row.data
        alpha, beta, nu, trade, eta_prod, eta_exp = p
        return alpha, beta, nu, rescale(sp.diags(growth) @ trade, 1.0), eta_prod, eta_exp

    def plain(self, shocked):
        x, p = self.x0, self.parameters()
        adapting = substituting = 0
        for t in range(STEPS):
            x = self.step(p, x, t, shocked)
            if t == 1:
                hit, rl = self.hits(x, t)
                adapting = len(hit)
                if adapting:
                    p = self.adapt(hit, rl)
            elif t == 2:
                hit, _ = self.hits(x, t)
                substituting = len(hit)
                if substituting:
                    p = self.substitute(p, hit)
        loss = self.available[-1] - x
        return loss[np.abs(loss) > MIN_LOSS], adapting, substituting


def main():
    model = Model(sys.argv[1])
    print(json.dumps({"ready": True, "block": 1, "producers": len(model.producers)}), flush=True)
    for line in sys.stdin:
        count = int(line.split()[1])
        n = len(model.producers)
        sample = [model.producers[i * n // count] for i in range(count)]
        started = time.perf_counter()
        runs = [model.plain(sector) for sector in sample]
        answer = {
            "seconds": time.perf_counter() - started,
            "scenarios": count,
            "rows": sum(len(loss) for loss, _, _ in runs),
            "loss": float(sum(loss.sum() for loss, _, _ in runs)),
            "adapting": sum(a for _, a, _ in runs),
            "substituting": sum(s for _, _, s in runs),
        }
        print(json.dumps(answer), flush=True)


main()
