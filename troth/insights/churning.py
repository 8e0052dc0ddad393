"""How likely each customer is to fall silent: told in the background after an analysis, stored for the screens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from troth import value
from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers.models import ConsentPurpose
from troth.events import services as events
from troth.value.later import pl

from . import analysis, measuring, storing, traces
from .frames import Frame, frame_of, plain
from .models import AnalysisRun, ReportFrame

FRAME = "churn"
CHUNK = 100_000  # customers told at a time
REASONS = 3


def foretell(run: AnalysisRun, lake: Path, *, actor: Actor, now: datetime) -> int:
    """Find and store how likely the customers of this analysis are to leave; return of how many it is told.

    Of customers who are lost already nothing is foretold, nor of those who want no profile, who are not learned from
    either. Where the past is too short or too few left, nothing is told, and the report says why.
    """
    try:
        rows = _rows(run, lake)
        fit = value.churn.fit_churn(
            rows.past, label="left", features=rows.features, baselines=rows.baselines, themes=rows.themes
        )
    except value.FactsError as error:
        problem = next((one.code for one in error.problems if one.code in ("too_short", "too_few")), None)
        if problem is None:
            raise
        with transaction.atomic():
            storing.CHURN.clear()
            _keep(run, Frame(FRAME, [], [], {"problem": problem}))
        return 0
    frame = pl.concat(_told(fit, rows.now))
    report = frame_of(FRAME, fit.trials, **_facts(fit, rows))
    with transaction.atomic():
        storing.put(storing.CHURN, frame, run_id=run.id, as_of_date=rows.as_of, computed_at=now)
        storing.leave_out_unscored(storing.CHURN)
        count = storing.CHURN.count()
        _keep(run, report)
        data = {"run": str(run.id), "way": fit.way, "customers": count}
        events.append("insights.churn.foretold", actor=actor, now=now, data=data)
    return count


def _rows(run: AnalysisRun, lake: Path) -> value.churn.ChurnRows:
    """What is known of everybody who does not object, now and on past evenings."""
    known = traces.known(run.as_of_date)
    terms = measuring.terms_of(run.settings)
    with value.Lake(lake, memory_limit=analysis.MEMORY_LIMIT, currency=run.currency) as facts:
        return value.churn.churn_rows(
            facts, as_of=run.as_of_date, rhythm=terms.rhythm, traces=known.rows, kinds=known.kinds,
            buying=_buying(run), without=[str(one) for one in customers.objecting(ConsentPurpose.PROFILING)],
        )  # fmt: skip


def _buying(run: AnalysisRun) -> type[value.models.BuyingModel]:
    """The kind of model that the analysis chose."""
    found = ReportFrame.objects.filter(run=run, name="model_trials").first()
    usual = value.models.BetaGeoModel
    return getattr(value.models, found.facts.get("model", ""), usual) if found else usual


def _told(fit: value.churn.ChurnFit, now: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """customer_id, probability, ahead_days, reasons (JSON text): a part of the customers at a time."""
    numbers = {"probability": pl.Float64, "ahead_days": pl.Int64}
    yield pl.DataFrame(schema={"customer_id": pl.String, **numbers, "reasons": pl.String})
    for start in range(0, now.height, CHUNK):
        part = now.slice(start, CHUNK)
        told = part.select(
            "customer_id", pl.Series("probability", fit.predict(part)), pl.col("ahead_days").cast(pl.Int64)
        )
        texts = _texts(fit.reasons(part, most=REASONS))
        yield (
            told.with_row_index("row")
            .join(texts, on="row", how="left")
            .select("customer_id", "probability", "ahead_days", pl.col("reasons").fill_null("[]"))
        )


def _texts(reasons: pl.DataFrame) -> pl.DataFrame:
    """A row a customer: its reasons as JSON."""
    figures = [pl.col(name).fill_nan(None).round(4) for name in ("value", "typical", "points")]
    text = pl.struct("theme", "feature", *figures).struct.json_encode()
    joined = reasons.select(pl.col("row").cast(pl.UInt32), text=text).group_by("row", maintain_order=True)
    return joined.agg(pl.col("text").str.join(",")).select("row", reasons=pl.format("[{}]", "text"))


def _facts(fit: value.churn.ChurnFit, rows: value.churn.ChurnRows) -> dict[str, Any]:
    drift = fit.drift(rows.now)
    return {
        "way": fit.way,
        "reason": fit.reason,
        "rival": fit.rival,
        "as_of": rows.as_of,
        "ahead_days": rows.ahead_days,
        "is_sample": rows.is_sample,
        "customers": rows.now.height,
        "features": list(rows.features),
        "slices": _rows_of(fit.slices),
        "calibration": _rows_of(fit.calibration),
        "weights": _rows_of(fit.weights),
        "drift": _rows_of(drift),
    }


def _rows_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [{name: plain(found) for name, found in row.items()} for row in frame.iter_rows(named=True)]


def _keep(run: AnalysisRun, frame: Frame) -> None:
    kept = {"columns": frame.columns, "rows": frame.rows, "facts": frame.facts}
    ReportFrame.objects.update_or_create(run=run, name=FRAME, defaults=kept)
