"""Reading programmes: their versions, where members stand, what is missing, and who would move under a draft."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, F, QuerySet, Sum, Value, When

from troth.customers import queries as customers

from . import windows
from .baskets import EventBasket
from .document.reading import read_document, stored_document
from .document.shapes import ProgrammeDocument
from .errors import ProgrammeNotFoundError
from .models import BudgetSlice, EarnedBadge, Membership, Programme, ProgrammeVersion, TierGrant, TierMove
from .past_standings import standings_at
from .references import missing
from .seekers import Seeker
from .standing import Standing, standing_of
from .standings import Member, kept_figures, looked_up
from .state import MemberState
from .tiers import Figures
from .versions import Timeline, Version, ready, timeline, version

__all__ = ["Timeline", "Version", "missing", "ready", "standings_at", "timeline", "version", "versions_in_force"]

versions_in_force = timeline


def programme(programme_id: UUID) -> Programme:
    """Return a programme.

    Raises:
        ProgrammeNotFoundError: no such programme.
    """
    found = Programme.objects.filter(id=programme_id).first()
    if found is None:
        raise ProgrammeNotFoundError(programme_id)
    return found


def programme_by_code(code: str) -> Programme:
    """Return the programme of a code. Raises ProgrammeNotFoundError."""
    found = Programme.objects.filter(code=code).first()
    if found is None:
        raise ProgrammeNotFoundError(code)
    return found


def programmes(*, is_archived: bool = False) -> QuerySet[Programme]:
    """Return the programmes in use, or the archived ones, by name."""
    return Programme.objects.filter(archived_at__isnull=not is_archived).order_by("name")


def versions(programme_id: UUID) -> QuerySet[ProgrammeVersion]:
    """Return a programme's published versions, the newest first."""
    return ProgrammeVersion.objects.filter(programme_id=programme_id).order_by("-number")


def version_row(programme_id: UUID, number: int) -> ProgrammeVersion:
    """Return a published version. Raises ProgrammeNotFoundError."""
    found = ProgrammeVersion.objects.filter(programme_id=programme_id, number=number).first()
    if found is None:
        raise ProgrammeNotFoundError(f"{programme_id} v{number}")
    return found


def version_at(programme_id: UUID, moment: datetime) -> Version | None:
    """Return the version in force at a moment, None before the first and after the programme's end."""
    return timeline().of(programme_id, moment)


def document_of(row: ProgrammeVersion) -> ProgrammeDocument:
    """Return the document of a published version."""
    return stored_document(row.document)


def draft_of(found: Programme) -> Version:
    """Return a programme's draft ready to evaluate, under the number that publishing would give it.

    Raises:
        DocumentInvalidError: the draft cannot be a programme.
    """
    document = read_document(found.draft_text)
    return ready(document, version_id=found.id, number=found.version_number + 1, programme_id=found.id)


# --- members


def states(seekers: Sequence[Seeker]) -> list[MemberState]:
    """Return what rules would see of each member now; nothing is locked or made."""
    return looked_up(seekers).states


def standings(seekers: Sequence[Seeker]) -> list[Standing]:
    """Return where members stand at the moment of each seeker's basket, with what is missing to reach and to keep."""
    members = looked_up(seekers).members
    days = [member.version.day(one.basket.occurred_at) for member, one in zip(members, seekers, strict=True)]
    asks, places = [], []
    for index, (member, day) in enumerate(zip(members, days, strict=True)):
        if member.version.ladder is not None:
            asks.append(member.ask(member.version.ladder.span(day, member.joined_day)))
            places.append(index)
    figures = [Figures()] * len(members)
    for index, found in zip(places, windows.figures_of(asks), strict=True):
        figures[index] = found
    kept = kept_figures(members, days, figures)
    return [_standing(*one) for one in zip(members, figures, kept, seekers, strict=True)]


def _standing(member: Member, figures: Figures, kept: Figures, seeker: Seeker) -> Standing:
    at = seeker.basket.occurred_at
    member.main.tier = member.tier_at(at)
    return standing_of(member, member.main.tier, figures, kept, at)


def standing(customer_id: UUID, programme_id: UUID, now: datetime) -> Standing | None:
    """Return where a customer stands now, None where no version is in force or the customer never joined."""
    found = version_at(programme_id, now)
    records = customers.record_ids(customer_id)
    if found is None or not Membership.objects.filter(programme_id=programme_id, owner_id__in=records).exists():
        return None
    return standings([question(found, customer_id, now)])[0]


def question(found: Version, customer_id: UUID, now: datetime) -> Seeker:
    """Return a seeker without an order: it asks where a customer stands."""
    return Seeker(customer_id, found, EventBasket("", now, now.astimezone(found.zone)))


def memberships(customer_ids: Iterable[UUID]) -> QuerySet[Membership]:
    """Return the memberships of these records."""
    return Membership.objects.filter(owner_id__in=list(customer_ids)).select_related("programme").order_by("joined_at")


def tier_moves(programme_id: UUID, customer_ids: Iterable[UUID] | None = None) -> QuerySet[TierMove]:
    """Return the changes of tier, the newest first: of these records, or of everybody."""
    found = TierMove.objects.filter(programme_id=programme_id).order_by("-occurred_at", "-id")
    return found if customer_ids is None else found.filter(owner_id__in=list(customer_ids))


def grants(programme_id: UUID, customer_ids: Iterable[UUID]) -> QuerySet[TierGrant]:
    """Return the tiers granted to these records, the newest first."""
    found = TierGrant.objects.filter(programme_id=programme_id, owner_id__in=list(customer_ids))
    return found.order_by("-granted_at")


def badges(customer_ids: Iterable[UUID]) -> QuerySet[EarnedBadge]:
    """Return the badges that these records hold, the newest first."""
    return EarnedBadge.objects.filter(owner_id__in=list(customer_ids)).order_by("-earned_at")


def tier_counts(programme_id: UUID) -> dict[str, int]:
    """Return how many members hold each tier."""
    rows = Membership.objects.filter(programme_id=programme_id).order_by().values_list("tier").annotate(Count("id"))
    return dict(rows)


def tier_movement(programme_id: UUID, moments: Sequence[datetime]) -> list[dict[tuple[str, str], int]]:
    """Return how many moved from one tier to another between each moment and the next."""
    moves = TierMove.objects.filter(
        programme_id=programme_id, occurred_at__gte=moments[0], occurred_at__lt=moments[-1]
    ).exclude(from_tier=F("to_tier"))
    spans = [When(occurred_at__lt=end, then=Value(at)) for at, end in enumerate(moments[1:])]
    rows = moves.order_by().values_list("from_tier", "to_tier", Case(*spans)).annotate(number=Count("id"))
    found: list[dict[tuple[str, str], int]] = [{} for _span in spans]
    for before, after, at, number in rows:
        found[at][before, after] = number
    return found


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """How much of a budget is used: points, ten-thousandths of money, or times. key: as evaluations name it."""

    key: str
    size: int
    used: int


def budget_use(programme_id: UUID) -> list[BudgetUse]:
    """Return every budget that anything was drawn on, the one of the latest period last."""
    rows = BudgetSlice.objects.filter(programme_id=programme_id).order_by("key").values_list("key")
    sums = rows.annotate(total_size=Sum("size"), total_used=Sum("used"))
    return [BudgetUse(key, int(size), int(used)) for key, size, used in sums]


# --- what a draft would do to tiers


@dataclass(frozen=True, slots=True)
class TierPreview:
    """Who would hold which tier under another document. moves: (tier now, tier then) → members; sample: ids of each."""

    counts_now: dict[str, int]
    counts_then: dict[str, int]
    moves: dict[tuple[str, str], int]
    sample: dict[tuple[str, str], list[UUID]]


SAMPLE_SIZE = 10
PREVIEW_BATCH = 2_000


def preview_tiers(programme_id: UUID, document: ProgrammeDocument, now: datetime) -> TierPreview:
    """Return who would move if a document came into force now and every tier were worked out anew from what was earned.

    Publishing itself moves nobody down: tiers already reached are kept to their review.
    """
    found = ready(document, version_id=programme_id, number=0, programme_id=programme_id)
    counts_now: Counter[str] = Counter()
    counts_then: Counter[str] = Counter()
    moves: Counter[tuple[str, str]] = Counter()
    sample: dict[tuple[str, str], list[UUID]] = {}
    for owner_id, before, after in _tiers_under(found, now):
        counts_now[before] += 1
        counts_then[after] += 1
        if before != after:
            moves[before, after] += 1
            if len(sample.setdefault((before, after), [])) < SAMPLE_SIZE:
                sample[before, after].append(owner_id)
    return TierPreview(dict(counts_now), dict(counts_then), dict(moves), sample)


def _tiers_under(found: Version, now: datetime) -> Iterator[tuple[UUID, str, str]]:
    """Yield canonical customer, tier now, and the tier by the draft's ladder and what was earned."""
    ladder = found.ladder
    last: UUID | None = None
    while True:
        rows = Membership.objects.filter(programme_id=found.programme_id).order_by("owner_id")
        owners = list((rows if last is None else rows.filter(owner_id__gt=last))[:PREVIEW_BATCH])
        if not owners:
            return
        last = owners[-1].owner_id
        groups = customers.record_groups(row.owner_id for row in owners)
        own = [row for row in owners if groups.get(row.owner_id, (row.owner_id,))[0] == row.owner_id]
        if ladder is None:
            yield from ((row.owner_id, row.tier, "") for row in own)
            continue
        today = found.day(now)
        asks = [
            windows.Ask(
                groups.get(row.owner_id, (row.owner_id,)),
                found.programme_id,
                ladder.span(today, found.day(row.joined_at)),
                found.zone.key,
            )
            for row in own
        ]
        for row, figures in zip(own, windows.figures_of(asks), strict=True):
            granted = row.granted_tier if row.granted_until and now < row.granted_until else ""
            yield row.owner_id, row.tier, ladder.higher(ladder.reached(figures) or ladder.start, granted)
