"""Reading complaints. Import as one thing: `from troth.voice.complaints import queries as complaints`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from troth.customers import queries as customers
from troth.kit.languages import in_language

from ..models import (
    OPEN_STATES,
    Case,
    CaseCategory,
    CaseClock,
    CaseEntry,
    CasePhoto,
    CasePolicyVersion,
    CaseRemedy,
    ClockKind,
    ClockState,
    Improvement,
    RemedyState,
    RootCause,
)
from ..present import present
from .causes import UNKNOWN, ImprovementEffect, Pareto, counted, effect_of, pareto, with_below
from .clocks import Reading, pauses_of, readings
from .closing import word_until
from .doubting import is_sender_unproven, unproven_words, unproven_words_of
from .errors import CaseNotFoundError, ImprovementNotFoundError, RemedyNotFoundError
from .finding import case_of_number, final_case
from .links import Asked, read_word_token
from .policies import PolicyDocument, policy_of, read_policy
from .record import UNPROVEN
from .recovering import newest_report
from .starters import POLICY

__all__ = [
    "UNKNOWN",
    "UNPROVEN",
    "Asked",
    "ClockLine",
    "ImprovementEffect",
    "Pareto",
    "Reading",
    "case",
    "case_by_id",
    "case_numbers",
    "cases",
    "cases_of",
    "categories",
    "category_paths",
    "causes",
    "clock_lines",
    "counted",
    "effect_of",
    "entries_of",
    "final_case",
    "improvement",
    "improvements",
    "improvements_from",
    "is_sender_unproven",
    "merged_into",
    "named",
    "newest_report",
    "open_count",
    "pareto",
    "pauses_of",
    "photo",
    "photos_of",
    "policies",
    "policy",
    "policy_of",
    "public_categories",
    "read_policy",
    "read_word_token",
    "readings",
    "remedies",
    "remedies_of",
    "remedy",
    "similar_open",
    "soonest_due",
    "unproven_words",
    "unproven_words_of",
    "waiting_remedies",
    "with_below",
    "word_until",
]


@dataclass(frozen=True, slots=True)
class ClockLine:
    """How the deadlines of one kind were kept. late: running ones that are over."""

    kind: ClockKind
    met: int
    missed: int
    late: int


def cases() -> QuerySet[Case]:
    """Return all cases with what lists show."""
    return Case.objects.select_related("category", "cause", "store")


def case(number: str) -> Case:
    """Return the case of a number, however it was typed.

    Raises:
        CaseNotFoundError: no such case.
    """
    case_id = case_of_number(number)
    if case_id is None:
        raise CaseNotFoundError(number[:20])
    return case_by_id(case_id)


def case_by_id(case_id: UUID) -> Case:
    """Return the case of an id.

    Raises:
        CaseNotFoundError: no such case.
    """
    found = cases().select_related("policy", "calendar").filter(id=case_id).first()
    if found is None:
        raise CaseNotFoundError(str(case_id))
    return found


def cases_of(customer_id: UUID) -> QuerySet[Case]:
    """Return a customer's cases, of all merged records, the newest first."""
    return cases().filter(customer_id__in=customers.record_ids(customer_id)).order_by("-opened_at", "-id")


def open_count(customer_id: UUID) -> int:
    """Return how many complaints of a customer are open."""
    return cases_of(customer_id).filter(state__in=OPEN_STATES).count()


def similar_open(found: Case) -> QuerySet[Case]:
    """Return the other open cases of the same customer: perhaps the same matter."""
    if found.customer_id is None:
        return cases().none()
    return cases_of(found.customer_id).filter(state__in=OPEN_STATES).exclude(id=found.id)


def merged_into(found: Case) -> QuerySet[Case]:
    """Return the cases that were merged into this one."""
    return cases().filter(merged_into_id=found.id).order_by("opened_at", "id")


def entries_of(found: Case) -> list[CaseEntry]:
    """Return the record of a case and of those merged into it, oldest first."""
    ids = [found.id, *merged_into(found).values_list("id", flat=True)]
    return list(CaseEntry.objects.filter(case_id__in=ids).order_by("created_at", "id"))


def photos_of(found: Case) -> QuerySet[CasePhoto]:
    """Return the pictures of a case and of those merged into it, without their contents."""
    ids = [found.id, *merged_into(found).values_list("id", flat=True)]
    return CasePhoto.objects.filter(case_id__in=ids).defer("content").order_by("created_at", "id")


def photo(photo_id: UUID) -> CasePhoto | None:
    """Return a picture with its contents, None if there is none."""
    return CasePhoto.objects.filter(id=photo_id).first()


def remedies_of(found: Case) -> QuerySet[CaseRemedy]:
    """Return the remedies of a case and of those merged into it, oldest first."""
    ids = [found.id, *merged_into(found).values_list("id", flat=True)]
    return CaseRemedy.objects.filter(case_id__in=ids).order_by("requested_at", "id")


def remedies() -> QuerySet[CaseRemedy]:
    """Return the remedies of all cases, the oldest first."""
    return CaseRemedy.objects.order_by("requested_at", "id")


def remedy(remedy_id: UUID) -> CaseRemedy:
    """Return a remedy.

    Raises:
        RemedyNotFoundError: there is none.
    """
    found = CaseRemedy.objects.filter(id=remedy_id).first()
    if found is None:
        raise RemedyNotFoundError(remedy_id)
    return found


def case_numbers(case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the number of each case."""
    return dict(Case.objects.filter(id__in=case_ids).values_list("id", "number"))


def waiting_remedies() -> QuerySet[CaseRemedy]:
    """Return the remedies that wait for a second person, the oldest first."""
    return CaseRemedy.objects.filter(remedy_state=RemedyState.WAITING).order_by("requested_at", "id")


def categories(*, is_active: bool | None = True) -> list[CaseCategory]:
    """Return the tree as a list, each after the one above it; None for those not in use too."""
    rows = list(CaseCategory.objects.select_related("parent").order_by("order", "code"))
    wanted = [row for row in rows if is_active is None or row.is_active == is_active]
    known = {row.id for row in wanted}
    below: dict[UUID | None, list[CaseCategory]] = {}
    for row in wanted:
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    found: list[CaseCategory] = []

    def walk(parent: UUID | None) -> None:
        for row in below.get(parent, []):
            found.append(row)
            walk(row.id)

    walk(None)
    return found


def category_paths(rows: Iterable[CaseCategory]) -> dict[str, str]:
    """Return the name of each category with those above it: "Product › Faulty or damaged"."""
    every = {row.id: row for row in CaseCategory.objects.all()}
    return {row.code: " › ".join(named(one) for one in _above(row, every)) for row in rows}


def public_categories() -> list[CaseCategory]:
    """Return the categories that the public form offers."""
    return [row for row in categories() if row.is_public]


def causes(*, is_active: bool | None = True) -> QuerySet[RootCause]:
    """Return the root causes by code."""
    found = RootCause.objects.order_by("code")
    return found if is_active is None else found.filter(is_active=is_active)


def improvements() -> QuerySet[Improvement]:
    """Return all improvements: what is planned by its day first, then what is done, the newest first."""
    return Improvement.objects.select_related("cause").order_by("-state", "due_date", "title")


def improvements_from(source: str) -> QuerySet[Improvement]:
    """Return what is done because of something found, such as "visit:<id>"."""
    return improvements().filter(source=source)


def improvement(improvement_id: UUID) -> Improvement:
    """Return an improvement.

    Raises:
        ImprovementNotFoundError: no such improvement.
    """
    found = improvements().filter(id=improvement_id).first()
    if found is None:
        raise ImprovementNotFoundError(improvement_id)
    return found


def named(row: CaseCategory | RootCause) -> str:
    """Return the name in the language in use."""
    return in_language(row.name, row.name_zh)


def policies() -> QuerySet[CasePolicyVersion]:
    """Return every version of the rules, the newest first."""
    return CasePolicyVersion.objects.order_by("-number")


def policy() -> PolicyDocument:
    """Return the rules in force, those that a company starts with where none were published."""
    newest = policies().first()
    return policy_of(newest) if newest else PolicyDocument.model_validate(POLICY)


def soonest_due(case_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return when the next running deadline of each of the cases ends; those without one are left out."""
    running = CaseClock.objects.filter(case_id__in=list(case_ids), clock_state=ClockState.RUNNING)
    found = running.values("case_id").annotate(soonest=Min("due_at")).values_list("case_id", "soonest")
    return {case_id: due for case_id, due in found if due is not None}


def clock_lines(since: datetime, until: datetime, *, category: str = "", store: str = "") -> list[ClockLine]:
    """Return for each clock how many were met and missed among those stopped in the time: as written then.

    category: with what lies below it.
    """
    clocks = CaseClock.objects.all()
    if category or store:
        found = Case.objects.filter(category_id__in=with_below(category)) if category else Case.objects.all()
        clocks = clocks.filter(case_id__in=(found.filter(store__code=store) if store else found).values("id"))
    stopped = clocks.filter(stopped_at__gte=since, stopped_at__lt=until)
    counted = stopped.values("clock_kind").annotate(
        met=Count("id", filter=Q(is_met=True)), missed=Count("id", filter=Q(is_met=False))
    )
    ended = {str(row["clock_kind"]): (int(row["met"]), int(row["missed"])) for row in counted}
    late = clocks.filter(clock_state=ClockState.RUNNING, due_at__lt=present())
    running = dict(late.values_list("clock_kind").annotate(count=Count("id")))
    lines = []
    for kind in ClockKind:
        met, missed = ended.get(kind.value, (0, 0))
        lines.append(ClockLine(kind, met, missed, running.get(kind.value, 0)))
    return lines


def _above(row: CaseCategory, every: dict[UUID, CaseCategory]) -> list[CaseCategory]:
    found = [row]
    while found[0].parent_id and len(found) < 10:
        found.insert(0, every[found[0].parent_id])
    return found
