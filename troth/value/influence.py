"""Influence value: the money of the customers somebody brought, and of those whom these brought, credited once."""

from __future__ import annotations

from typing import Any

from troth.value.errors import FactsError, Problem
from troth.value.facts import polars_of
from troth.value.given import amounts, number, refuse_mixed, refuse_repeated
from troth.value.later import pl

COLUMNS: dict[str, type] = {
    "referred": int,
    "reach": int,
    "deepest": int,
    "influence_value": float,
    "reach_value": float,
}


def influence(customers: Any, referrals: Any, *, passed_on: float = 0.5, value: str = "profit") -> pl.DataFrame:
    """Credit everybody with what came through him.

    Args:
        customers: `customer_id` and their money (`value`), net of the costs to win and serve them; may be negative.
        referrals: `customer_id`, `referred_by`: one row for each customer who was brought by another. An introducer
            need not stand among the customers.
        passed_on: which share of the credit for a customer goes past whoever brought him to whoever brought that one,
            and so on up: 0 credits the introducer alone, 0.5 half to him, a quarter to the one before … The first of a
            chain keeps what is left, so that the whole is always credited, and credited once: over all customers,
            `influence_value` adds up to the money of those who were brought.

    Columns: `customer_id` (all customers and introducers), `referred` (brought by himself), `reach` (brought by him, by
    those, and so on), `deepest` (links of the longest chain below), `influence_value` (credited), `reach_value` (the
    whole money below him, which the chain above him shows again: never add it up over customers).

    Influence is the same money that stands as the brought customers' own value: seen from who brought it. Add it to a
    customer's own value to see what he is worth to the company, not to the company's total.

    Raises:
        FactsError: a missing column or id, a customer twice, ids of two types, more than one `currency`, somebody
            brought by himself, also in a ring.
        TermsError: passed_on outside 0 to below 1, money that is no finite number.
    """
    passed_on = number("passed_on", passed_on, "must be a share of 0 to below 1", least=0, below=1)
    money = _money(customers, value)
    links = _links(referrals, money)
    ids = pl.concat([money["customer_id"], links["referred_by"]]).unique(maintain_order=True)
    place = {one: number for number, one in enumerate(ids.to_list())}
    parent = [-1] * len(place)
    for child, introducer in links.iter_rows():
        parent[place[child]] = place[introducer]
    own = [0.0] * len(place)
    for one, amount in money.iter_rows():
        own[place[one]] = amount
    order = _leaves_first(parent, ids)
    found = _counted(parent, own, order) | {"influence_value": _credited(parent, own, order, passed_on)}
    told = pl.DataFrame({"customer_id": ids, **{name: found[name] for name in COLUMNS}})
    return told.with_columns(pl.col(name).cast(kind) for name, kind in COLUMNS.items())


def _money(customers: Any, value: str) -> pl.DataFrame:
    frame = polars_of(customers, "customers", ("customer_id", value))
    refuse_mixed(frame, "customers")
    _refuse_empty(frame, "customers", ["customer_id"])
    refuse_repeated(frame, "customers")
    money = amounts(frame, value, "must be a finite amount for every customer")
    return frame.select("customer_id", value=money)


def _links(referrals: Any, money: pl.DataFrame) -> pl.DataFrame:
    frame = polars_of(referrals, "referrals", ("customer_id", "referred_by")).select("customer_id", "referred_by")
    _refuse_empty(frame, "referrals", ["customer_id", "referred_by"])
    wanted = money.schema["customer_id"]
    for name, kind in frame.schema.items():
        is_like = frame.is_empty() or kind == wanted or (kind.is_integer() and wanted.is_integer())
        if not is_like:
            what = f"holds {kind}, but the ids of customers are {wanted}"
            raise FactsError(Problem("mixed_types", "referrals", name, frame.height, what, "use one type of id"))
    frame = frame.cast(wanted)
    refuse_repeated(frame, "referrals")
    unknown = frame.filter(~pl.col("customer_id").is_in(money["customer_id"].implode()))
    if unknown.height:
        what = f"{unknown['customer_id'][0]!r} was brought, but stands among no customers"
        way_out = "give them a row with their money, 0 if they bought nothing"
        raise FactsError(Problem("unknown", "referrals", "customer_id", unknown.height, what, way_out))
    return frame


def _refuse_empty(frame: pl.DataFrame, table: str, names: list[str]) -> None:
    """Refuse a row without an id; a float that is no number is none."""
    for name in names:
        ids = frame[name]
        is_empty = ids.is_null() | ids.is_nan().fill_null(value=False) if ids.dtype.is_float() else ids.is_null()
        if is_empty.any():
            row = int(is_empty.arg_true()[0])
            what = f"no id: {ids[row]} in row {row} (counted from 0)"
            raise FactsError(Problem("no_customer", table, name, int(is_empty.sum()), what, "leave the row out"))


def _leaves_first(parent: list[int], ids: pl.Series) -> list[int]:
    """Everybody, whoever was brought before whoever brought him. A ring has no such order."""
    open_children = [0] * len(parent)
    for above in parent:
        if above >= 0:
            open_children[above] += 1
    order = [one for one, count in enumerate(open_children) if count == 0]
    for one in order:  # grows while it is read
        above = parent[one]
        if above >= 0:
            open_children[above] -= 1
            if open_children[above] == 0:
                order.append(above)
    if len(order) < len(parent):
        first = next(one for one, count in enumerate(open_children) if count)
        what = f"{ids[first]!r} was brought, through others or not, by himself"
        way_out = "leave out the link that came last"
        raise FactsError(Problem("ring", "referrals", "referred_by", len(parent) - len(order), what, way_out))
    return order


def _counted(parent: list[int], own: list[float], order: list[int]) -> dict[str, list[Any]]:
    size = len(parent)
    referred, reach, deepest, below = [0] * size, [0] * size, [0] * size, [0.0] * size
    for one in order:
        above = parent[one]
        if above >= 0:
            referred[above] += 1
            reach[above] += reach[one] + 1
            deepest[above] = max(deepest[above], deepest[one] + 1)
            below[above] += below[one] + own[one]
    return {"referred": referred, "reach": reach, "deepest": deepest, "reach_value": below}


def _credited(parent: list[int], own: list[float], order: list[int], passed_on: float) -> list[float]:
    """Each passes on, of what reached him, his share; the first of a chain has nobody to pass it to."""
    credit = [0.0] * len(parent)
    for one in order:
        above = parent[one]
        if above >= 0:
            handed = credit[one] * passed_on
            credit[one] -= handed
            credit[above] += handed + own[one]
    return credit
