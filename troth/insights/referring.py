"""Influence value: the profit of those whom somebody brought, and of those whom these brought, credited once."""

from __future__ import annotations

from dataclasses import dataclass

from troth import value
from troth.customers import queries as customers
from troth.value.later import pl

from .frames import Frame, plain

FRAME = "influence"
SHOWN = 50
COLUMNS = ["customer_id", "referred", "reach", "influence_value"]


@dataclass(frozen=True, slots=True)
class Influence:
    """people: `customer_id`, `referred`, `influence_value` of everybody with a score; both null where nobody keeps who
    brought whom.
    """

    people: pl.DataFrame
    frame: Frame


def links_of(told: customers.Referrals | None) -> pl.DataFrame:
    """Return who brought whom: `customer_id`, `introducer_id`."""
    rows = [(str(one), str(by)) for one, by in told.links.items()] if told else []
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "introducer_id": pl.String}, orient="row")


def measured(scores: pl.DataFrame, told: customers.Referrals | None) -> Influence:
    """Return what everybody's introductions brought, by the made profit of those brought; told: who brought whom."""
    ids = scores.select("customer_id")
    if told is None:
        nobody = ids.with_columns(referred=pl.lit(None, pl.Int64), influence_value=pl.lit(None, pl.Float64))
        return Influence(nobody, Frame(FRAME, COLUMNS, [], {"is_recorded": False}))
    links = links_of(told).rename({"introducer_id": "referred_by"})
    money = scores.select("customer_id", pl.col("profit").cast(pl.Float64))
    without = links.join(money, on="customer_id", how="anti").select("customer_id", profit=pl.lit(0.0))
    found = value.influence(pl.concat([money, without]), links)
    rows = found.filter(pl.col("referred") > 0).sort("influence_value", "customer_id", descending=[True, False])
    facts = {"is_recorded": True, "told": told.told, "links": links.height, "unknown": told.unknown}
    facts |= {"circular": told.circular, "introducers": rows.height}
    facts |= {"bought": links.height - without.height, "total": plain(float(found["influence_value"].sum()))}
    shown = [[plain(given) for given in row] for row in rows.head(SHOWN).select(COLUMNS).rows()]
    people = ids.join(found.select("customer_id", "referred", "influence_value"), on="customer_id", how="left")
    return Influence(people, Frame(FRAME, COLUMNS, shown, facts))
