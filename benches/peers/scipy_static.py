"""Peers of the static sweep, in NumPy and SciPy, double precision.

usage: scipy_static.py FOLDER    (a folder in the published layout)

Reads requests from standard input, one per line, and answers each with one line of JSON:

  batched        the whole sweep of producing sectors as CSR @ dense block, block size chosen once
                 on a part of it; losses above 1 kg are extracted
  plain N        N evenly spaced scenarios one at a time, in the order of operations of the
                 published program: amounts, not losses; losses above 1 kg are extracted

Answers hold `seconds`, `scenarios`, `rows` (losses above 1 kg) and `loss` (their sum, tonnes).
"""

import json
import sys
import time

import numpy as np
import scipy.io
import scipy.sparse as sp

STEPS = 10
MIN_LOSS = 0.001


class Model:
    def __init__(self, folder):
        def matrix(name):
            return scipy.io.mmread(f"{folder}/sparse_{name}.mtx").tocsr()

        def vector(name):
            return matrix(name).toarray().ravel()

        self.x0, self.start = vector("x0"), vector("startstock")
        self.eta_prod, self.eta_exp = vector("eta_prod"), vector("eta_exp")
        self.alpha, self.nu, self.trade = matrix("alpha"), matrix("nu"), matrix("trade")
        beta = matrix("beta")
        self.beta = np.asarray(beta.sum(axis=1)).ravel()
        self.producers = np.flatnonzero((self.alpha + beta).getnnz(axis=1) > 0)
        self.outputs, self.available = [], []
        x = self.x0
        for t in range(STEPS):
            o, x = self.step(x, t, None)
            self.outputs.append(o)
            self.available.append(x)

    def step(self, x, t, shocked):
        """One step of amounts; `shocked` loses all its output."""
        o = self.alpha @ (self.nu @ (self.eta_prod * x)) + self.beta
        if t == 0:
            o = o + self.start
        if shocked is not None:
            o[shocked] = 0.0
        return o, o + self.trade @ (self.eta_exp * x)

    def plain(self, shocked):
        x = self.x0
        for t in range(STEPS):
            _, x = self.step(x, t, shocked)
        loss = self.available[-1] - x
        return loss[np.abs(loss) > MIN_LOSS]

    def prepare_batched(self):
        """Production and trade of losses as one CSR matrix each, shares multiplied in."""
        self.production = (self.alpha @ self.nu @ sp.diags(self.eta_prod)).tocsr()
        self.exports = (self.trade @ sp.diags(self.eta_exp)).tocsr()

    def batched(self, sectors, block):
        rows, total = 0, 0.0
        for first in range(0, len(sectors), block):
            shocked = sectors[first : first + block]
            lane = np.arange(len(shocked))
            loss = np.zeros((len(self.x0), len(shocked)))
            loss[shocked, lane] = self.outputs[0][shocked]
            for t in range(1, STEPS):
                output = self.production @ loss
                output[shocked, lane] = self.outputs[t][shocked]
                loss = output + self.exports @ loss
            found = loss[np.abs(loss) > MIN_LOSS]
            rows += len(found)
            total += found.sum()
        return rows, total


def main():
    model = Model(sys.argv[1])
    model.prepare_batched()
    sample = model.producers[:: max(1, len(model.producers) // 512)]
    timings = {}
    for block in (16, 32, 64, 128, 256):
        started = time.perf_counter()
        model.batched(sample, block)
        timings[block] = time.perf_counter() - started
    best = min(timings, key=timings.get)
    print(json.dumps({"ready": True, "block": best, "producers": len(model.producers)}), flush=True)
    for line in sys.stdin:
        words = line.split()
        started = time.perf_counter()
        if words[0] == "batched":
            count = len(model.producers)
            rows, total = model.batched(model.producers, best)
        else:
            count = int(words[1])
            at = np.arange(count) * len(model.producers) // count
            found = [model.plain(s) for s in model.producers[at]]
            rows, total = sum(len(f) for f in found), sum(f.sum() for f in found)
        seconds = time.perf_counter() - started
        answer = {"seconds": seconds, "scenarios": count, "rows": int(rows), "loss": float(total)}
        print(json.dumps(answer), flush=True)


main()
