"""What each customer may buy next: found in the background after an analysis, stored for the screens."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.db import transaction

from troth import value
from troth.access.actors import Actor
from troth.activity import queries as activity
from troth.events import services as events
from troth.value.later import pl

from . import analysis, storing
from .frames import Frame, frame_of
from .models import AnalysisRun, ReportFrame

FRAME = "next_products"
SHOWN = 3  # to each customer
LEVELS = ("sku", "category")


def suggest(run: AnalysisRun, lake: Path, *, actor: Actor, now: datetime) -> int:
    """Find and store what the customers of this analysis may buy next; return for how many something was found.

    Products are told by sku, or by category where the lines have no sku. Where lines name neither, or no product has
    enough buyers, there are no suggestions, and the report says why.
    """
    found = _found(run, lake)
    if isinstance(found, Frame):
        with transaction.atomic():
            storing.SUGGESTIONS.clear()
            _keep(run, found)
        return 0
    chosen, level = found
    frame = _worded(chosen.recommend(count=SHOWN), level)
    told = {
        "method": str(chosen.method),
        "reason": chosen.reason,
        "shown": chosen.shown,
        "ahead_days": chosen.ahead_days,
        "level": level,
    }
    with transaction.atomic():
        count = storing.put(storing.SUGGESTIONS, frame, run_id=run.id, as_of_date=run.as_of_date, computed_at=now)
        count -= storing.leave_out_unscored(storing.SUGGESTIONS)
        _keep(run, frame_of(FRAME, chosen.trials, customers=count, **told))
        data = {"run": str(run.id), "method": str(chosen.method), "customers": count}
        events.append("insights.suggestions.made", actor=actor, now=now, data=data)
    return count


def _found(run: AnalysisRun, lake: Path) -> tuple[value.next_product.NextProducts, str] | Frame:
    """The choice and by what products are told; a report of why not where there is none."""
    problem = "no_lines"
    with value.Lake(lake, memory_limit=analysis.MEMORY_LIMIT, currency=run.currency) as facts:
        if not facts.has("lines"):
            return Frame(FRAME, [], [], {"problem": problem})
        for level in LEVELS:
            purchases = value.next_product.purchases_of(facts, as_of=run.as_of_date, level=level)
            purchases = purchases.with_columns(pl.col("customer_id").cast(pl.String))
            try:
                return value.next_product.next_products(purchases, as_of=run.as_of_date), level
            except value.FactsError:
                problem = "too_few" if purchases.height else problem
    return Frame(FRAME, [], [], {"problem": problem})


def _worded(found: pl.DataFrame, level: str) -> pl.DataFrame:
    """One row a customer with the suggestions as JSON, products by their names."""
    products = {*found["product"].unique(), *found["because"].drop_nulls().unique()}
    names = activity.product_names(products) if level == "sku" else {}
    rows: dict[str, list[dict[str, str]]] = {}
    for customer, product, because in found.select("customer_id", "product", "because").iter_rows():
        rows.setdefault(customer, []).append(
            {
                "product": product,
                "name": names.get(product, product),
                "because": because or "",
                "because_name": names.get(because, because) if because else "",
            }
        )
    texts = [json.dumps(one, ensure_ascii=False) for one in rows.values()]
    return pl.DataFrame({"customer_id": list(rows), "products": texts}, schema_overrides={"products": pl.String})


def _keep(run: AnalysisRun, frame: Frame) -> None:
    kept = {"columns": frame.columns, "rows": frame.rows, "facts": frame.facts}
    ReportFrame.objects.update_or_create(run=run, name=FRAME, defaults=kept)
