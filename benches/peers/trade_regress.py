"""Peer of the regressions: pyfixest."""

import sys
import time

import pandas as pd
import pyfixest as pf

rows = pd.read_csv(sys.argv[1])
for attempt in ("first, with compilation", "again"):
    begun = time.perf_counter()
    fit = pf.feols("y ~ a + b + c + d | area + cell", data=rows, vcov={"CRV1": "area"})
    took = time.perf_counter() - begun
    print(f"  pyfixest, {attempt}: {took:.2f} s; first coefficient {fit.coef().iloc[0]!r} error {fit.se().iloc[0]!r}")
