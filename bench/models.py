"""Time the models on generated customers, beside pinned rivals where their environments are.

    python bench/models.py [--customers 1000000] [--rounds 3] [--cdnow FILE] [--json FILE]
    python bench/models.py --small                # a minute with rivals; for checking that it runs

The rivals are lifetimes and pymc-marketing, each in an environment of its own under .make, made by `make rivals` from
bench/models_rivals_*.txt; one that is not there is skipped, and the result says why. FILE is the CDNOW master
(customer_id, date, quantity, amount), for the comparison on all of its customers. Rounds are interleaved, ours and
theirs in turn on the same machine, and medians are told with the log-likelihood that each reached.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from troth.value import models

HERE = Path(__file__).parent
RIVALS = {"lifetimes": "lifetimes", "pymc-marketing": "pymc"}
RIVAL_SECONDS = 480  # what lifetimes once took for Pareto/NBD on a million customers without coming to an end
BUYING = {"r": 0.243, "alpha": 30.9, "a": 0.793, "b": 2.426}
LASTING = {"r": 0.553, "alpha": 74.0, "s": 0.606, "beta": 81.7}
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}
Case = tuple[str, Any, pl.DataFrame]


def customers(model: models.BuyingModel, count: int) -> pl.DataFrame:
    """Customers won over two years, bought from by day: ages are whole days, as in a lake."""
    age = np.floor(np.random.default_rng(1).uniform(10, 730, count))
    made = model.simulate(count, age, seed=2).drop("is_alive")
    day = pl.min_horizontal(pl.col("recency").ceil(), "T")
    return made.with_columns(recency=day, frequency=pl.min_horizontal("frequency", day.cast(pl.Int64)))


def spenders(count: int) -> pl.DataFrame:
    repeats = 1 + np.random.default_rng(3).poisson(3, count)
    made = models.GammaGammaModel.from_params(SPEND).simulate(repeats, seed=4)
    return made.with_columns(pl.col("monetary_value").round(2))


def cdnow(file: Path) -> pl.DataFrame:
    """Every customer of CDNOW in weeks, to 30 September 1997."""
    end = pl.date(1997, 9, 30)
    days = pl.read_csv(file).with_columns(pl.col("date").str.to_date()).filter(pl.col("date") <= end)
    return (
        days.group_by("customer_id")
        .agg(
            frequency=pl.col("date").n_unique() - 1,
            recency=(pl.col("date").max() - pl.col("date").min()).dt.total_days() / 7,
            T=(end - pl.col("date").min()).dt.total_days() / 7,
        )
        .drop("customer_id")
    )


def cases(count: int, file: Path | None) -> list[Case]:
    made = [
        ("bg_nbd", models.BetaGeoModel, customers(models.BetaGeoModel.from_params(BUYING), count)),
        ("pareto_nbd", models.ParetoNBDModel, customers(models.ParetoNBDModel.from_params(LASTING), count)),
        ("gamma_gamma", models.GammaGammaModel, spenders(count)),
    ]
    if file is not None:
        made.append(("pareto_nbd_cdnow", models.ParetoNBDModel, cdnow(file)))
    return made


def ours(kind: Any, rows: pl.DataFrame) -> dict[str, Any]:
    """From the frame to parameters with standard errors, collapsing included."""
    started = time.perf_counter()
    model = kind().fit(rows)
    seconds = time.perf_counter() - started
    report = model.report
    assert report.converged, report.message
    return {"seconds": seconds, "log_likelihood": report.log_likelihood, "distinct": report.rows}


def environment(rival: str) -> Path:
    """The Python of a rival's environment, which `make rivals` makes."""
    return HERE.parent / ".make" / f"rivals-{RIVALS[rival]}" / "bin" / "python"


def lack(rival: str) -> str | None:
    """Why a rival cannot run here, or None."""
    if environment(rival).exists():
        return None
    if rival == "pymc-marketing":
        return "not here: make rivals, which needs Python 3.12 or newer for it"
    return "not here: make rivals"


def theirs(rival: str, case: Case, file: Path) -> dict[str, Any]:
    name, kind, rows = case
    command = [str(environment(rival)), str(HERE / f"models_rival_{RIVALS[rival]}.py"), name, str(file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=RIVAL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"skipped": f"not finished in {RIVAL_SECONDS} s"}
    if done.returncode:
        return {"skipped": (done.stderr.strip().splitlines() or ["failed"])[-1]}
    found = dict(json.loads(done.stdout.splitlines()[-1]))
    # The rival tells its likelihood in a scale of its own: both are judged by one formula, proved in the tests.
    return found | {"log_likelihood": kind.from_params(found["params"]).log_likelihood(rows)}


def compared(case: Case, rounds: int, folder: Path) -> dict[str, Any]:
    name, kind, rows = case
    file = folder / f"{name}.csv"
    rows.write_csv(file)
    runs: list[dict[str, Any]] = []
    rivals: dict[str, list[dict[str, Any]]] = {
        rival: [{"skipped": reason}] if (reason := lack(rival)) else [] for rival in RIVALS
    }
    for _ in range(rounds):
        runs.append(ours(kind, rows))
        for rival, so_far in rivals.items():
            if not any("skipped" in run for run in so_far):
                so_far.append(theirs(rival, case, file))
    found: dict[str, Any] = {"customers": rows.height, **runs[-1], "seconds": median(runs)}
    return found | {"rivals": {rival: beside(found, told) for rival, told in rivals.items()}}


def beside(found: dict[str, Any], runs: list[dict[str, Any]]) -> dict[str, Any]:
    """One rival's last run with its median, and how ours compares."""
    if "skipped" in runs[-1]:
        return {"skipped": runs[-1]["skipped"]}
    seconds = median(runs)
    return {
        **runs[-1],
        "seconds": seconds,
        "times_faster": round(seconds / found["seconds"], 1),
        "is_as_likely": bool(found["log_likelihood"] >= runs[-1]["log_likelihood"] - 0.01),
    }


def median(runs: list[dict[str, Any]]) -> float:
    return round(float(statistics.median(run["seconds"] for run in runs)), 3)


def answers(count: int) -> dict[str, float]:
    """Seconds for the value of every customer with its interval, and of one who has just bought."""
    buying, spend = models.BetaGeoModel(), models.GammaGammaModel.from_params(SPEND)
    rows = customers(models.BetaGeoModel.from_params(BUYING), count)
    buying.fit(rows, unit="days")
    rows = rows.with_columns(spend.simulate(rows["frequency"].to_numpy(), seed=5)["monetary_value"])
    seconds = {}
    for name, asked in (("lifetime_value_of_all", rows), ("lifetime_value_of_one", rows.head(1))):
        started = time.perf_counter()
        models.lifetime_value(buying, spend, asked, months=12, margin=0.3)
        seconds[name] = round(time.perf_counter() - started, 4)
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cdnow", type=Path, help="the CDNOW master file")
    parser.add_argument("--json", type=Path, help="also write the result here")
    parser.add_argument("--small", action="store_true", help="20,000 customers, one round")
    arguments = parser.parse_args()
    if arguments.small:
        arguments.customers, arguments.rounds = 20_000, 1
    with tempfile.TemporaryDirectory() as folder:
        fits = {
            case[0]: compared(case, arguments.rounds, Path(folder))
            for case in cases(arguments.customers, arguments.cdnow)
        }
    found = {
        "benchmark": "models",
        "customers": arguments.customers,
        "rounds": arguments.rounds,
        "fits": fits,
        "seconds": answers(arguments.customers),
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "polars": pl.__version__},
    }
    text = json.dumps(found, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text, encoding="utf-8")
    rivals = [rival for fit in fits.values() for rival in fit["rivals"].values()]
    return 0 if all(rival.get("is_as_likely", True) for rival in rivals) else 1


if __name__ == "__main__":
    raise SystemExit(main())
