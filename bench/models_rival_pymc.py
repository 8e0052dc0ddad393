"""Fit one case with pymc-marketing (MAP), in an environment of its own: python models_rival_pymc.py CASE FILE.

Prints JSON. Its priors stay as they come; with a million customers they do not matter.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import pandas as pd
from pymc_marketing import clv

KINDS = {
    "bg_nbd": (clv.BetaGeoModel, ("r", "alpha", "a", "b")),
    "pareto_nbd": (clv.ParetoNBDModel, ("r", "alpha", "s", "beta")),
    "pareto_nbd_cdnow": (clv.ParetoNBDModel, ("r", "alpha", "s", "beta")),
    "gamma_gamma": (clv.GammaGammaModel, ("p", "q", "v")),
}


def main() -> None:
    name, file = sys.argv[1:]
    kind, names = KINDS[name]
    rows = pd.read_csv(file)
    rows["customer_id"] = range(len(rows))
    started = time.perf_counter()
    model = kind()
    model.fit(rows, method="map", progressbar=False)
    seconds = time.perf_counter() - started
    found = model.fit_summary()
    params = {name: float(found[name]) for name in names}
    print(json.dumps({"name": f"pymc-marketing {version('pymc-marketing')}", "seconds": seconds, "params": params}))


if __name__ == "__main__":
    main()
