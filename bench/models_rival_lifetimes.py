"""Fit one case with lifetimes, in an environment of its own: python models_rival_lifetimes.py CASE FILE; prints JSON.

Its penalty is 0, as in the papers; where its search fails it is asked again with its own advice, a small one.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import lifetimes
import pandas as pd


def main() -> None:
    name, file = sys.argv[1:]
    rows = pd.read_csv(file)
    started = time.perf_counter()
    penalty = 0.0
    try:
        fitter = fit(name, rows, penalty)
    except lifetimes.utils.ConvergenceError:
        penalty = 0.001
        fitter = fit(name, rows, penalty)
    seconds = time.perf_counter() - started
    found = {
        "seconds": seconds,
        "params": {key: float(value) for key, value in fitter.params_.items()},
        "penalty": penalty,
    }
    print(json.dumps(found | {"name": f"lifetimes {lifetimes.__version__}"}))


def fit(name: str, rows: pd.DataFrame, penalty: float) -> Any:  # a fitter of whichever kind
    if name == "gamma_gamma":
        return lifetimes.GammaGammaFitter(penalizer_coef=penalty).fit(rows["frequency"], rows["monetary_value"])
    kind = lifetimes.BetaGeoFitter if name == "bg_nbd" else lifetimes.ParetoNBDFitter
    return kind(penalizer_coef=penalty).fit(rows["frequency"], rows["recency"], rows["T"])


if __name__ == "__main__":
    main()
