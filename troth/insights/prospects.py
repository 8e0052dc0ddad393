"""Who is known and has not bought, by what was told of need and means: suspects, prospects, disqualified prospects.

However the record came to be (imported, by the API, a form, a visit, a referral), it stands on one of these rungs until
its first order. None of them counts as a buyer anywhere: they have no score.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from troth.activity import queries as activity
from troth.customers import queries as customers
from troth.customers.models import AttributeType, ConsentChannel, ConsentPurpose
from troth.events.services import NewEvent
from troth.kit import clock
from troth.staff import queries as staff
from troth.value import loyalty
from troth.value.later import pl

from .frames import MONTH_DAYS, Frame, frame_of
from .lake import manifest
from .prospect_models import Prospect

FRAME, FLOW = "prospects", "prospect_flow"
NEED, MEANS = "has_need", "able_to_pay"
"""Attributes of kind yes or no: needs what the company sells; can pay for it."""

PAGE = 5_000
SCHEMA: dict[str, type] = {
    "customer_id": str,
    "rung": str,
    "reason": str,
    "source": str,
    "known_date": date,
}
_BUYER = {"customer_id": str, "purchases": int, "status": str}


def measured(lake: Path, scores: pl.DataFrame, *, as_of: date, objecting: Collection[UUID] = ()) -> pl.DataFrame:
    """Return everybody who is known and has no order, in the columns of `SCHEMA`; who wants no profile is left out."""
    people = _without_orders(_unscored(lake, scores, {str(one) for one in objecting}))
    if not people:
        return pl.DataFrame(schema=SCHEMA)
    known = pl.DataFrame(
        [(str(owner), *told) for owner, told in people.items()],
        schema={name: SCHEMA[name] for name in ("customer_id", "source", "known_date")},
        orient="row",
    )
    found = _placed(known, as_of).join(known, on="customer_id")
    return found.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()).sort("customer_id")


def _placed(known: pl.DataFrame, until: date) -> pl.DataFrame:
    """Rung and reason of people without orders, by what was told up to a day."""
    for code, name in ((NEED, "has_need"), (MEANS, "is_able_to_pay")):
        told = customers.attribute_values(code, AttributeType.BOOLEAN, until=until) or {}
        rows = [(str(owner), said) for owner, (said, _day) in told.items()]
        flags = pl.DataFrame(rows, schema={"customer_id": pl.String, name: pl.Boolean}, orient="row")
        known = known.join(flags, on="customer_id", how="left")
    return loyalty.ladder(pl.DataFrame(schema=_BUYER), prospects=known)


def flow(prospects: pl.DataFrame, scores: pl.DataFrame, *, as_of: date) -> Frame:
    """Return how many who had not bought a month ago went from which rung to which, as a frame of `before` ("": not
    known yet), `rung` and `customers`; an answer given since, or changed since, was not known then.
    """
    then = as_of - timedelta(days=MONTH_DAYS)
    bought = scores.filter(pl.col("rung_before").is_null()).select("customer_id", pl.col("rung").cast(pl.String))
    now = pl.concat([prospects.select("customer_id", "rung"), bought])
    known = pl.concat([prospects.select("customer_id", "known_date"), _known_since(bought["customer_id"])])
    earlier = _placed(known.filter(pl.col("known_date") <= then).select("customer_id"), then)
    moved = now.join(earlier.select("customer_id", before="rung"), on="customer_id", how="left")
    counted = moved.group_by(pl.col("before").fill_null(""), "rung").agg(customers=pl.len())
    return frame_of(FLOW, counted.sort("before", "rung"))


def _known_since(people: pl.Series) -> pl.DataFrame:
    zone = staff.company().time_zone
    owners = [UUID(one) for one in people]
    rows = [
        (str(owner), clock.business_date(row.created_at, zone))
        for start in range(0, len(owners), PAGE)
        for owner, row in customers.records(owners[start : start + PAGE]).items()
    ]
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "known_date": pl.Date}, orient="row")


def frame(prospects: pl.DataFrame) -> Frame:
    """Return how many stand on each rung, by where they come from."""
    counted = prospects.group_by("rung", "source").agg(customers=pl.len())
    return frame_of(FRAME, counted.sort("rung", "source"), customers=prospects.height)


def moves(prospects: pl.DataFrame, scores: pl.DataFrame, as_of: date) -> Iterator[NewEvent]:
    """Yield an event for everybody who stood on one of these rungs at the last analysis and stands on another now, be
    it that of a buyer.
    """
    before = dict(Prospect.objects.values_list("owner_id", "rung"))
    if not before:
        return
    now = pl.concat([frame.select("customer_id", pl.col("rung").cast(pl.String)) for frame in (prospects, scores)])
    after = dict(now.iter_rows())
    for owner, rung in sorted(before.items()):
        stands = after.get(str(owner), rung)
        if stands != rung:
            data = {"before": rung, "after": stands, "as_of_date": as_of.isoformat()}
            yield NewEvent(name="insights.rung.changed", customer_id=owner, data=data)


def listed(rung: str = "") -> QuerySet[Prospect]:
    """Return the prospects of a rung, or all, the newest first."""
    found = Prospect.objects.order_by("-known_date", "owner_id")
    return found.filter(rung=rung) if rung else found


def standing_now(customer_id: UUID) -> tuple[str, str] | None:
    """Return rung and reason of a canonical customer by what is told now; None of whoever has an order, or wants no
    profile.
    """
    if activity.orders(customers.record_ids(customer_id)).exists() or _objects(customer_id):
        return None
    told = {one.definition.code: one.value for one in customers.attributes_of(customer_id)}
    row = {"customer_id": [""], "has_need": [_flag(told.get(NEED))], "is_able_to_pay": [_flag(told.get(MEANS))]}
    schema = {"customer_id": pl.String, "has_need": pl.Boolean, "is_able_to_pay": pl.Boolean}
    (found,) = loyalty.ladder(pl.DataFrame(schema=_BUYER), prospects=pl.DataFrame(row, schema=schema)).to_dicts()
    return found["rung"], found["reason"]


def _objects(customer_id: UUID) -> bool:
    found = customers.contactables([customer_id], purposes=[ConsentPurpose.PROFILING], kinds=[])
    said = (ConsentPurpose.PROFILING.value, ConsentChannel.ANY.value)
    return any((state := one.consents.get(said)) is not None and not state.is_given for one in found.values())


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _unscored(lake: Path, scores: pl.DataFrame, objecting: Collection[str]) -> list[UUID]:
    """Canonical records that are neither erased nor scored nor object."""
    files = manifest.read(lake).paths(lake, "customers")
    if not files:
        return []
    rows = pl.scan_parquet(files).filter(~pl.col("is_erased"), pl.col("canonical_id") == pl.col("customer_id"))
    hexes = rows.select(pl.col("customer_id").bin.encode("hex")).collect()
    scored = scores.select(customer_id=pl.col("customer_id").str.replace_all("-", ""))
    left = hexes.join(scored, on="customer_id", how="anti")["customer_id"]
    return [owner for text in left if str(owner := UUID(text)) not in objecting]


def _without_orders(owners: Sequence[UUID]) -> dict[UUID, tuple[str, date]]:
    """Source and day of those who have no order at all, not even one that came back or is in another currency."""
    zone = staff.company().time_zone
    found: dict[UUID, tuple[str, date]] = {}
    for start in range(0, len(owners), PAGE):
        page = owners[start : start + PAGE]
        groups = customers.record_groups(page)
        records = {record: owner for owner, group in groups.items() for record in group}
        buyers = activity.orders(records).order_by().values_list("owner_id", flat=True).distinct()
        left = groups.keys() - {records[record] for record in buyers}
        for owner, row in customers.records(left).items():
            found[owner] = (row.source, clock.business_date(row.created_at, zone))
    return found
