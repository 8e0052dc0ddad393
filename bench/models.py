"""Time the models on generated customers, beside pinned rivals where their environment is given.

    python bench/models.py [--customers 1000000] [--rounds 3] [--rivals PYTHON] [--cdnow FILE] [--json FILE]
    python bench/models.py --small                # seconds; for checking that it runs

PYTHON is the interpreter of an environment with bench/models_rivals.txt in it; without one the rivals are
skipped and the result says so. FILE is the CDNOW master (customer_id, date, quantity, amount), for the
comparison on all of its customers. Rounds are interleaved, ours and theirs in turn on the same machine, and
medians are told with the log-likelihood that each reached.
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

RIVAL = Path(__file__).with_name("models_rival.py")
RIVAL_SECONDS = 900
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


def theirs(python: str, case: Case, file: Path) -> dict[str, Any]:
    name, kind, rows = case
    command = [python, str(RIVAL), name, str(file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=RIVAL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"skipped": f"not finished in {RIVAL_SECONDS} s"}
    if done.returncode:
        return {"skipped": (done.stderr.strip().splitlines() or ["failed"])[-1]}
    found = dict(json.loads(done.stdout.splitlines()[-1]))
    # The rival tells its likelihood in a scale of its own: both are judged by one formula, proved in the tests.
    return found | {"log_likelihood": kind.from_params(found["params"]).log_likelihood(rows)}


def compared(case: Case, rounds: int, rivals: str | None, folder: Path) -> dict[str, Any]:
    name, kind, rows = case
    file = folder / f"{name}.csv"
    rows.write_csv(file)
    runs: list[dict[str, Any]] = []
    rival: list[dict[str, Any]] = []
    for _ in range(rounds):
        runs.append(ours(kind, rows))
        if rivals and not any("skipped" in run for run in rival):
            rival.append(theirs(rivals, case, file))
    found: dict[str, Any] = {"customers": rows.height, **runs[-1], "seconds": median(runs)}
    if not rival or "skipped" in rival[-1]:
        reason = rival[-1]["skipped"] if rival else "no environment given: --rivals PYTHON"
        return found | {"rival": {"skipped": reason}}
    found["rival"] = {**rival[-1], "seconds": median(rival)}
    found["times_faster"] = round(found["rival"]["seconds"] / found["seconds"], 1)
    found["is_as_likely"] = bool(found["log_likelihood"] >= found["rival"]["log_likelihood"] - 0.01)
    return found


def median(runs: list[dict[str, Any]]) -> float:
    return round(statistics.median(run["seconds"] for run in runs), 3)


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
    parser.add_argument("--rivals", help="the Python of an environment with bench/models_rivals.txt")
    parser.add_argument("--cdnow", type=Path, help="the CDNOW master file")
    parser.add_argument("--json", type=Path, help="also write the result here")
    parser.add_argument("--small", action="store_true", help="20,000 customers, one round")
    arguments = parser.parse_args()
    if arguments.small:
        arguments.customers, arguments.rounds = 20_000, 1
    with tempfile.TemporaryDirectory() as folder:
        fits = {
            case[0]: compared(case, arguments.rounds, arguments.rivals, Path(folder))
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
    return 0 if all(fit.get("is_as_likely", True) for fit in fits.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
