"""The analysis itself: from the lake to scores and frames, stage by stage, timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from troth import value
from troth.access.actors import Actor
from troth.events import services as events
from troth.value.later import pl
from troth.value.loyalty import LoyaltyTerms

from . import (
    attitudes,
    climbing,
    history,
    holding,
    knowing,
    loyal,
    markets,
    moves,
    objections,
    prospects,
    referring,
    rewarding,
    storing,
    targets,
)
from .frames import MAKERS, MONTH_DAYS, Frame, Measured, frames
from .lake import manifest
from .models import AnalysisRun, ReportFrame, RunStatus
from .outlook import fit, outlook

STAGES = ("export", "scores", "frames", "outlook", "write")
MEMORY_LIMIT = "1500MB"
KEPT_RUNS = 60

Report = Callable[[str, int, int | None, str], None]
"""Told stage, how much of it is done, of how much, and the part being worked on; may raise to stop."""


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - started, 2)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was measured: scores of the customers who are still there, what is expected of them, who brought whom, in
    which market they are satisfied, who has not bought yet, the parts of each index, frames, notes, and what the lake
    held.
    """

    scores: pl.DataFrame
    outlook: pl.DataFrame
    introductions: pl.DataFrame
    markets: pl.DataFrame
    prospects: pl.DataFrame
    index_parts: loyal.Parts
    frames: list[Frame]
    notes: value.Notes
    lake: dict[str, Any]
    order_count: int
    other_currency_orders: int


def measure(
    lake: Path,
    *,
    as_of: date,
    terms: value.Terms,
    loyalty: LoyaltyTerms,
    currency: str,
    report: Report,
    watch: Stopwatch,
    objecting: Collection[UUID] = (),
) -> Findings:
    """Compute everything from the lake. objecting: customers who want no profile, and get no score.

    Raises:
        FactsError: the facts cannot be computed with.
    """
    held = manifest.read(lake)
    with value.Lake(lake, memory_limit=MEMORY_LIMIT, currency=currency) as facts, ExitStack() as shared:
        report("scores", 0, None, "")
        with watch.stage("scores"):
            days = shared.enter_context(value.stored_days(facts, as_of))  # nearly every figure is counted from them
            found = value.scores(facts, as_of=as_of, terms=terms)
            scores = _with_month_before(
                facts, _without(objecting, _without_erased(lake, held, found.frame)), as_of, terms
            )
            known = knowing.known(scores, as_of, loyalty, window_days=terms.bands.window_days)
            scores = climbing.climbed(scores, known, loyalty.ladder_rules)
            asked = attitudes.measurements(as_of, among=scores["customer_id"])
        with watch.stage("frames"):
            lean = scores.drop("reasons")  # a million sentences that no report reads
            measured = Measured(facts, days, lean, found.notes, as_of, terms)
            done: list[Frame] = []
            for frame in frames(measured, lambda name: report("frames", len(done), len(MAKERS), name)):
                done.append(frame)
            signs = holding.signs(facts, lean, as_of=as_of, window_days=terms.bands.window_days)
            placed = markets.measured(facts, lean, known.frame, asked, as_of=as_of, terms=terms, rules=loyalty)
        report("outlook", 0, None, "")
        with watch.stage("outlook"):
            fitted = fit(facts, lean, as_of=as_of, terms=terms)
        orders = _order_count(facts)
    with watch.stage("outlook"):  # the engine has given its memory back
        costs = rewarding.measured(lean, as_of=as_of, currency=currency, days=terms.bands.window_days)
        loyalties = loyal.of(lean, known.frame, as_of, loyalty, asked=asked, held=signs)
        unsold = prospects.measured(lake, lean, as_of=as_of, objecting=objecting)
        steps = prospects.flow(unsold, lean, as_of=as_of)
        brought = referring.measured(lean, known.told)
        expected = outlook(lean, fitted, costs, brought, loyalties.frame, known.frame, as_of=as_of)
    others = held.rows("orders") - held.superseded["orders"] - orders
    rows = {fact: held.rows(fact) for fact in held.files}
    state = {"export": held.exports[-1]["id"] if held.exports else None, "rows": rows}
    return Findings(
        scores, expected.frame, referring.links_of(known.told), placed.people, unsold, loyalties.parts,
        [*done, prospects.frame(unsold), steps, *placed.frames, *expected.frames], found.notes, state, orders, others,
    )  # fmt: skip


def store(
    run: AnalysisRun, findings: Findings, *, lake: Path, actor: Actor, now: datetime, is_comparable: bool
) -> None:
    """Put scores, frames and the finished run in place, all or nothing; then keep the day's scores in the
    lake.
    """
    with transaction.atomic():
        if is_comparable:
            moves.append_events(run, findings.scores, actor=actor, now=now)
        climbed = list(prospects.moves(findings.prospects, findings.scores, run.as_of_date))
        events.append_many(climbed, actor=actor, now=now)
        told: dict[str, Any] = {"run_id": run.id, "as_of_date": run.as_of_date, "computed_at": now}
        run.customer_count = storing.put(storing.SCORES, findings.scores, **told)
        storing.put(storing.OUTLOOK, findings.outlook, **told)
        storing.put(storing.INTRODUCTIONS, findings.introductions, **told)
        storing.put(storing.MARKETS, findings.markets, **told)
        storing.put(storing.PROSPECTS, findings.prospects, **told)
        objections.forget_all()  # of those, too, who objected or were erased while this was computed
        run.order_count = findings.order_count
        run.assumed_share = _share(findings.notes.assumed_share)
        run.notes = _notes(findings)
        run.lake = findings.lake
        run.status = RunStatus.DONE
        run.finished_at = now
        run.save()
        ReportFrame.objects.bulk_create(
            ReportFrame(run=run, name=frame.name, columns=frame.columns, rows=frame.rows, facts=frame.facts)
            for frame in (*findings.frames, targets.measured(findings.frames))
        )
        data = {"run": str(run.id), "as_of_date": run.as_of_date.isoformat(), "customers": run.customer_count}
        events.append("insights.analysis.finished", actor=actor, now=now, data=data)
        _forget_old_frames()
    storing.write_snapshot(lake, findings.scores, run.as_of_date)
    history.write(lake, findings.outlook, run.as_of_date)
    loyal.write(lake, findings.index_parts)


def latest_done() -> AnalysisRun | None:
    """Return the newest finished run."""
    return AnalysisRun.objects.filter(status=RunStatus.DONE).order_by("-finished_at", "-id").first()


def _with_month_before(facts: value.Facts, scores: pl.DataFrame, as_of: date, terms: value.Terms) -> pl.DataFrame:
    """Say also where each customer stood a month ago, so that a move can be followed to its people; in order of ids."""
    then = as_of - timedelta(days=MONTH_DAYS)
    with value.stored_days(facts, then), value.status_on(facts, then, terms.rhythm) as table:
        ids = table.customer_id.cast("string")
        before = facts.engine.frame(table.select(customer_id=ids, status_before=table.status))
        rungs = value.rungs_on(facts, then).select(pl.col("customer_id").cast(pl.String), rung_before="rung")
    both = before.join(rungs, on="customer_id", how="left")
    return scores.join(both, on="customer_id", how="left").sort("customer_id")


def _without_erased(lake: Path, held: manifest.Manifest, scores: pl.DataFrame) -> pl.DataFrame:
    """An erased person is in the company's totals, but has no score."""
    files = held.paths(lake, "customers")
    if not files:
        return scores
    erased = pl.scan_parquet(files).filter("is_erased").select(_canonical_text()).collect()
    return scores if erased.is_empty() else scores.join(erased, on="customer_id", how="anti")


def _without(objecting: Collection[UUID], scores: pl.DataFrame) -> pl.DataFrame:
    """Whoever objected to a profile is in the company's totals, too, but has no score."""
    if not objecting:
        return scores
    return scores.filter(~pl.col("customer_id").is_in([str(owner) for owner in objecting]))


def _canonical_text() -> pl.Expr:
    """Ids as text with dashes, as in the scores; Polars reads Parquet's UUIDs as 16 bytes."""
    hexadecimal = pl.col("customer_id").bin.encode("hex")
    parts = [hexadecimal.str.slice(start, length) for start, length in ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))]
    return pl.concat_str(parts, separator="-").alias("customer_id")


def _order_count(facts: value.Facts) -> int:
    return int(facts.engine.row(facts.orders.agg(rows=facts.orders.count()))["rows"])


def _share(share: float) -> Decimal:
    return Decimal(str(round(share, 4)))


def _notes(findings: Findings) -> dict[str, Any]:
    notes = findings.notes
    return {
        "company_gap_days": notes.company_gap_days,
        "without_purchase_customers": notes.without_purchase_customers,
        "without_purchase_revenue": str(notes.without_purchase_revenue),
        "other_currency_orders": findings.other_currency_orders,
    }


def _forget_old_frames() -> None:
    kept = AnalysisRun.objects.order_by("-started_at").values_list("id", flat=True)[:KEPT_RUNS]
    ReportFrame.objects.exclude(run_id__in=list(kept)).exclude(name=targets.FRAME).delete()
