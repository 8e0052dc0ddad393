"""Satisfaction × competition: in which market each customer is satisfied or not, and stays or goes; curves by market.

A market is a value of an attribute, the city of a store, or a department of goods, as the measure settings say. Of an
attribute a customer has one, and stays by the life cycle; of stores and goods a customer may have several, and stays in
each by the gaps between purchases there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

from troth import value
from troth.customers import queries as customers
from troth.customers.models import AttributeType
from troth.staff import queries as staff
from troth.value import loyalty, markets
from troth.value.later import pl
from troth.value.loyalty.measured import newest
from troth.value.loyalty.settings import BY_DEPARTMENT, BY_STORE
from troth.value.terms import ACTIVE_STATUSES
from troth.value.voice.scores import wilson

from .frames import Frame, frame_of, plain
from .market_models import CustomerMarket

FRAME, POINTS = "markets", "market_points"
MOST_MARKETS = 24
NAME_LENGTH = CustomerMarket._meta.get_field("market").max_length or 0
ATTRIBUTE_TYPES = (AttributeType.CHOICE, AttributeType.TEXT, AttributeType.BOOLEAN)
YES, NO = "yes", "no"
Z95 = 1.959963984540054
CORNERS = [str(one) for one in loyalty.Corner]
SCHEMA: dict[str, type] = {
    "customer_id": str,
    "market": str,
    "satisfaction": float,
    "stayed": bool,
    "corner": str,
}


@dataclass(frozen=True, slots=True)
class Markets:
    """people: one row a customer and market, of those who said how satisfied they are (`SCHEMA`); frames: a row a
    market, and how many stayed at each satisfaction.
    """

    people: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCHEMA))
    frames: list[Frame] = field(default_factory=list)


def measured(
    facts: value.Facts,
    scores: pl.DataFrame,
    known: pl.DataFrame,
    asked: pl.DataFrame,
    *,
    as_of: date,
    terms: value.Terms,
    rules: loyalty.LoyaltyTerms,
) -> Markets:
    """Return who stands where, by the terms of loyalty in force; without a way of parting markets, nothing but that.

    scores, known: as elsewhere in the analysis; asked: measurements of attitude (`attitudes.measurements`).

    Raises:
        FactsError: the facts cannot be computed with.
    """
    said = _said(scores, known, asked, as_of)
    told = {"by": rules.market_by, "satisfied_from": float(rules.satisfied_from), "fewest": loyalty.FEWEST}
    told |= {"asked": said.filter(pl.col("satisfaction").is_not_null()).height, "scores": scores.height}
    placed = _placed(facts, scores, said, as_of, terms.rhythm, rules)
    joined = placed.join(said, on="customer_id", how="left").filter(pl.col("market") != "")
    kept = _commonest(joined)
    told["left_out"] = joined["market"].n_unique() - kept["market"].n_unique()
    asked_rows = kept.filter(pl.col("satisfaction").is_not_null())
    corner = loyalty.corners(asked_rows, satisfied_from=float(rules.satisfied_from)).select("corner")
    people = pl.concat([asked_rows, corner], how="horizontal").select(list(SCHEMA))
    revenue = scores.select("customer_id", "window_revenue")
    table = _table(kept, people.join(revenue, on="customer_id", how="left"), rules)
    return Markets(people, [frame_of(FRAME, table, **told), _points(people)])


def choices_of_attributes() -> list[tuple[str, str, str]]:
    """Return the attributes that can part customers into markets: code, label, Chinese label."""
    found = customers.attribute_definitions()
    return [(one.code, one.label, one.label_zh) for one in found if one.attribute_type in ATTRIBUTE_TYPES]


def _said(scores: pl.DataFrame, known: pl.DataFrame, asked: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Satisfaction in points, preference, and the share of wallet asked, of whoever said one of them lately."""
    people = scores.select("customer_id")
    satisfaction = _young(asked, "satisfaction", as_of).with_columns(
        satisfaction=loyalty.indicator_of("satisfaction").points(pl.col("value"))
    )
    preference = _young(asked, "preference", as_of).rename({"value": "preference"})
    wallet = known.filter(pl.col("wallet_source") == "asked").select("customer_id", "wallet_share")
    for one in (satisfaction.drop("value"), preference, wallet):
        people = people.join(one, on="customer_id", how="left")
    return people.filter(pl.any_horizontal(pl.col("satisfaction", "preference", "wallet_share").is_not_null()))


def _young(asked: pl.DataFrame, indicator: str, as_of: date) -> pl.DataFrame:
    """The newest answers that are trusted at least half."""
    since = as_of - timedelta(days=loyalty.indicator_of(indicator).half_life_days or 0)
    found = newest(asked.with_columns(pl.col("indicator").cast(pl.String)), indicator)
    return found.filter(pl.col("measured_date").is_between(since, as_of)).select("customer_id", "value")


def _placed(
    facts: value.Facts,
    scores: pl.DataFrame,
    said: pl.DataFrame,
    as_of: date,
    rhythm: value.Rhythm,
    rules: loyalty.LoyaltyTerms,
) -> pl.DataFrame:
    """`customer_id`, `market`, `stayed`: of stores and goods for those who said something, of an attribute for all."""
    columns = ("customer_id", "market", "stayed")
    if rules.market_by == BY_DEPARTMENT:
        found = markets.by_department(facts, said, as_of=as_of, rhythm=rhythm)
    elif rules.market_by == BY_STORE:
        cities = {store.code: store.city for store in staff.stores() if store.city}
        found = markets.by_store(facts, said, markets=cities, as_of=as_of, rhythm=rhythm)
    elif rules.market_attribute:
        stayed = scores.select("customer_id", stayed=pl.col("status").is_in(list(ACTIVE_STATUSES)))
        found = _told(rules.market_attribute, as_of).join(stayed, on="customer_id")
    else:
        found = pl.DataFrame(schema={name: SCHEMA[name] for name in columns})
    return found.select("customer_id", pl.col("market").str.slice(0, NAME_LENGTH), "stayed")


def _told(code: str, as_of: date) -> pl.DataFrame:
    values = customers.attribute_values(code, *ATTRIBUTE_TYPES, until=as_of) or {}
    words = {True: YES, False: NO}
    rows = [(str(owner), words.get(given, str(given))) for owner, (given, _day) in values.items()]
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "market": pl.String}, orient="row")


def _commonest(joined: pl.DataFrame) -> pl.DataFrame:
    """The markets of which most was said; the rest would be a page of names."""
    counted = joined.group_by("market").agg(said=pl.col("satisfaction").count(), customers=pl.len())
    most = counted.sort("said", "customers", "market", descending=[True, True, False]).head(MOST_MARKETS)
    return joined.join(most.select("market"), on="market", how="semi")


def _table(kept: pl.DataFrame, people: pl.DataFrame, rules: loyalty.LoyaltyTerms) -> pl.DataFrame:
    """A row a market: who stands in which corner and what they brought, the curve, how strong the competition is."""
    sizes = kept.group_by("market").agg(customers=pl.len())
    counted = people.group_by("market").agg(
        asked=pl.len(),
        stayed=pl.col("stayed").sum(),
        satisfaction=pl.col("satisfaction").mean(),
        **{name: (pl.col("corner") == name).sum() for name in CORNERS},
        **{f"{name}_revenue": pl.col("window_revenue").filter(pl.col("corner") == name).sum() for name in CORNERS},
    )
    known = sizes.join(counted, on="market", how="left").with_columns(pl.col("asked", "stayed", *CORNERS).fill_null(0))
    rivals = loyalty.competition(kept, entered={market: float(level) for market, level in rules.competition.items()})
    levels = pl.DataFrame([asdict(one) for one in rivals], schema=COMPETITION)
    return known.join(levels, on="market", how="left").join(_curves(people), on="market", how="left").sort("market")


COMPETITION: dict[str, type] = {
    "market": str, "level": float, "low": float, "high": float, "source": str,
    "answers": int,
}  # fmt: skip
CURVE: dict[str, type] = {
    "market": str, "floor": float, "ceiling": float, "steepness": float, "knee": float,
    "knee_low": float, "knee_high": float, "is_flat": bool,
}  # fmt: skip


def _curves(people: pl.DataFrame) -> pl.DataFrame:
    """The curves of the markets in which enough were asked."""
    enough = people.filter(pl.len().over("market") >= loyalty.FEWEST)
    rows = [] if enough.is_empty() else [asdict(one) for one in loyalty.satisfaction_curve(enough)]
    return pl.DataFrame([{name: row[name] for name in CURVE} for row in rows], schema=CURVE)


def _points(people: pl.DataFrame) -> Frame:
    """How many were asked and stayed at each satisfaction, with Wilson's interval."""
    counted = people.group_by("market", "satisfaction").agg(asked=pl.len(), stayed=pl.col("stayed").sum())
    rows = []
    for market, at, asked, stayed in counted.sort("market", "satisfaction").iter_rows():
        low, high = wilson(stayed / asked, asked, Z95)
        rows.append([plain(one) for one in (market, at, asked, stayed, low, high)])
    return Frame(POINTS, ["market", "satisfaction", "asked", "stayed", "low", "high"], rows)
