"""What handling complaints earned: the pure comparison of `value.recovery`, fed and kept."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from troth.activity import queries as activity
from troth.customers import queries as customers
from troth.kit import clock
from troth.staff import queries as staff
from troth.value.later import pl
from troth.value.recovery import RecoveryTerms, recovery_return

from ..models import Case, CaseState, RecoveryReport, Word
from .causes import NO_COMPLAINT

MOST_COMPLAINTS = 5_000
MOST_COMPARED = 20_000
NEVER_AFTER = timedelta(days=30)
"""A complaint open for so long counts as never resolved."""

KEPT = 30
_PAGE = 500


def measure_recovery(*, now: datetime) -> RecoveryReport:
    """Compare those who complained with a sample of similar customers, and keep the figures."""
    company = staff.company()
    as_of = company.today(now)
    terms = RecoveryTerms()
    complaints = _complaints(as_of, company.time_zone, terms)
    complainers = {row["customer_id"] for row in complaints}
    people = complainers | _sample(complainers)
    orders = _orders(people, as_of, company.currency)
    schema: dict[str, Any] = {"customer_id": pl.String, "complaint_date": pl.Date, "outcome": pl.String}
    found = recovery_return(orders, pl.DataFrame(complaints, schema=schema), as_of=as_of, terms=terms)
    result = {
        "rows": found.frame.to_dicts(),
        "without_history": found.without_history,
        "too_recent": found.too_recent,
        "unmatched": found.unmatched,
        "window_days": terms.window_days,
        "matches": terms.matches,
        "compared": len(people) - len(complainers),
        "currency": company.currency,
    }
    report = RecoveryReport.objects.create(as_of_date=as_of, result=result, created_at=now)
    old = RecoveryReport.objects.order_by("-created_at", "-id").values_list("id", flat=True)[KEPT:]
    RecoveryReport.objects.filter(id__in=list(old)).delete()
    return report


def newest_report() -> RecoveryReport | None:
    """Return the newest figures, None before the first time."""
    return RecoveryReport.objects.order_by("-created_at", "-id").first()


def _complaints(as_of: date, zone: str, terms: RecoveryTerms) -> list[dict[str, Any]]:
    """Return the newest complaints of known customers with how they ended, under the present records."""
    end = clock.day_start(as_of + timedelta(days=1), zone)
    known = Case.objects.filter(opened_at__lt=end).exclude(customer_id=None).exclude(state__in=NO_COMPLAINT)
    rows = list(known.order_by("-opened_at", "-id")[:MOST_COMPLAINTS])
    canonical = customers.canonical_ids({case.customer_id for case in rows if case.customer_id})
    found = []
    for case in rows:
        outcome = _outcome(case, end)
        person = canonical.get(case.customer_id) if case.customer_id else None
        if outcome and person:
            day = clock.business_date(case.opened_at, zone)
            found.append({"customer_id": str(person), "complaint_date": day, "outcome": outcome})
    return found


def _outcome(case: Case, now: datetime) -> str:
    """Return how a complaint ended; "" while it is too early to say."""
    if case.word == Word.SATISFIED:
        return "well"
    if case.word == Word.DISSATISFIED or (case.round_no > 1 and case.state == CaseState.CLOSED):
        return "badly"
    if case.state == CaseState.CLOSED or case.resolved_at is not None:
        return "unsaid"
    return "never" if now - case.opened_at > NEVER_AFTER else ""


def _sample(complainers: set[str]) -> set[str]:
    """Return customers to compare with: every buyer is as likely as any other, always the same for the same buyers."""
    chance = random.Random(20_180_701)  # noqa: S311  a sample, no secret
    kept: list[UUID] = []
    owners = activity.orders().order_by("owner_id").values_list("owner_id", flat=True).distinct()
    for seen, owner in enumerate(owners.iterator(chunk_size=5_000)):
        if len(kept) < MOST_COMPARED:
            kept.append(owner)
        elif (place := chance.randrange(seen + 1)) < MOST_COMPARED:
            kept[place] = owner
    return {str(person) for person in customers.canonical_ids(kept).values()} - complainers


def _orders(people: Iterable[str], as_of: date, currency: str) -> pl.DataFrame:
    groups = customers.record_groups({UUID(person) for person in people})
    owners = {record: str(group[0]) for group in groups.values() for record in group}
    records = sorted(owners)
    rows: list[tuple[str, date, float]] = []
    for start in range(0, len(records), _PAGE):
        part = activity.orders(records[start : start + _PAGE]).filter(order_date__lte=as_of, currency=currency)
        for owner, day, amount in part.order_by().values_list("owner_id", "order_date", "net_amount"):
            rows.append((owners[owner], day, float(amount)))
    schema: dict[str, Any] = {"customer_id": pl.String, "order_date": pl.Date, "net_amount": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
