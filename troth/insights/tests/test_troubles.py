"""Whoever complains or is not satisfied is suggested nothing but to put it right."""

from datetime import date, timedelta

import polars as pl
import pytest

from troth.insights import loyal, outlook, troubles
from troth.insights.knowing import SCHEMA
from troth.value.loyalty import LoyaltyTerms

DAY = date(2026, 3, 1)
PEOPLE = ["cross", "sad", "glad", "past"]


@pytest.fixture
def complaining(monkeypatch):
    monkeypatch.setattr(troubles, "_sources", {})
    troubles.register("desk", lambda: ["cross", "cross"])


def scores():
    return pl.DataFrame(
        {
            "customer_id": PEOPLE, "days_since_last_purchase": 5, "usual_gap_days": 10.0, "frequency": 6,
            "window_revenue": 500.0, "categories": 3, "discount_share": 0.0, "T": 365, "status": "active",
            "purchases": 7,
        }
    )  # fmt: skip


def told(monkeypatch):
    """`past` was not satisfied two years ago: that is too long ago to act upon."""
    rows = [("sad", 2.0, DAY), ("glad", 4.5, DAY), ("past", 1.0, DAY - timedelta(days=730))]
    frame = pl.DataFrame(
        [(one, "satisfaction", value, "surveys", day, 1.0) for one, value, day in rows],
        schema=dict(zip(loyal.attitudes.schema(), [pl.String, pl.String, pl.Float64, pl.String, pl.Date, pl.Float64],
                        strict=True)), orient="row",
    )  # fmt: skip
    monkeypatch.setattr(loyal.attitudes, "measurements", lambda _as_of, *, among: frame)


@pytest.mark.slow
def test_complaints_and_young_dissatisfaction_come_first(complaining, monkeypatch):
    told(monkeypatch)
    known = pl.DataFrame({"customer_id": PEOPLE, **dict.fromkeys(SCHEMA)}, schema_overrides=SCHEMA)
    loyalties = loyal.of(scores(), known, DAY, LoyaltyTerms()).frame
    satisfied = dict(loyalties.select("customer_id", "satisfaction").iter_rows())
    assert satisfied == {"cross": None, "sad": 2.0, "glad": 4.5, "past": None}
    frame = loyalties.with_columns(quarter=pl.lit("best"), probability_alive=pl.lit(0.9), potential_value=pl.lit(90.0))
    actions = outlook._actions(frame, scores())
    found = {row["customer_id"]: (row["action"], row["action_reason"]) for row in actions.to_dicts()}
    assert found["cross"] == ("repair", "open_complaint")
    assert found["sad"] == ("repair", "low_satisfaction")
    assert found["glad"] == ("invite", "loyal_and_fond")
    assert found["past"][0] != "repair"


def test_one_name_holds_one_source(complaining):
    with pytest.raises(ValueError, match="desk"):
        troubles.register("desk", list)
    assert troubles.open_complaints().rows() == [("cross", True)]
