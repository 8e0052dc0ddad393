"""Reading what orders brought. Import as one thing: `from troth.sales import queries as sales`."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from troth.activity import queries as activity
from troth.kit import clock
from troth.programs import queries as programs
from troth.programs.outcomes import RuleOutcome
from troth.staff import queries as staff

from . import steps
from .answers import Brought
from .errors import HistoryAwardNotFoundError, RehearsalNotFoundError
from .models import HistoryAward, OrderEvaluation, Rehearsal
from .rehearsal_result import RehearsalResult


def brought_by(order_ids: Collection[UUID]) -> dict[UUID, tuple[Brought, ...]]:
    """Return what each order brings as it stands, by programme; orders that were never evaluated are left out."""
    owners = set(activity.orders().filter(id__in=order_ids).values_list("owner_id", flat=True))
    found = steps.of_orders(order_ids, owners)
    return {order_id: tuple(map(_brought, known)) for order_id, known in found.items()}


def history_of(order_id: UUID, owner_id: UUID) -> list[OrderEvaluation]:
    """Return every step of an order, in the order in which they happened."""
    found = OrderEvaluation.objects.filter(owner_id=owner_id, order_id=order_id)
    return list(found.order_by("recorded_at", "step", "programme"))


def rehearsals(programme_code: str | None = None) -> QuerySet[Rehearsal]:
    """Return saved rehearsals, of one programme only if given, the newest first."""
    found = Rehearsal.objects.order_by("-created_at", "-id")
    return found if programme_code is None else found.filter(programme=programme_code)


def rehearsal(rehearsal_id: UUID) -> Rehearsal:
    """Return a saved rehearsal.

    Raises:
        RehearsalNotFoundError: no such rehearsal.
    """
    found = Rehearsal.objects.filter(id=rehearsal_id).first()
    if found is None:
        raise RehearsalNotFoundError
    return found


def history_awards() -> QuerySet[HistoryAward]:
    """Return the awards of past orders, the newest first."""
    return HistoryAward.objects.order_by("-asked_at", "-id")


def first_programme_day() -> date | None:
    """Return the company's day on which the first version of any programme came, or comes, into force, or None."""
    timeline = programs.versions_in_force()
    if not timeline.versions():
        return None
    return clock.business_date(timeline.begins_at(), staff.company().time_zone)


def history_award(award_id: UUID) -> HistoryAward:
    """Return an award of past orders.

    Raises:
        HistoryAwardNotFoundError: no such award.
    """
    found = HistoryAward.objects.filter(id=award_id).first()
    if found is None:
        raise HistoryAwardNotFoundError
    return found


def result_of(found: Rehearsal) -> RehearsalResult | None:
    """Return what a rehearsal found, None while it has not ended well."""
    return None if found.result is None else RehearsalResult.from_json(found.result)


def outcomes_of(row: OrderEvaluation) -> tuple[RuleOutcome, ...]:
    """Return why the rules did or did not fire at a step; as it is stored, conditions have only short names."""
    return steps.outcomes_of(row)


def _brought(one: steps.Steps) -> Brought:
    version = programs.version(one.version_id)
    return Brought(
        programme=one.programme,
        version_id=version.id,
        version_number=version.number,
        awards=one.evaluation.awards,
        outcomes=one.evaluation.outcomes,
        postings=tuple(one.postings),
        eligible_amount=one.evaluation.eligible_amount,
    )
