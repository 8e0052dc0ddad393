"""Where a customer stands in each programme: the tier, what is missing to the next and to keep it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from troth.console import formats
from troth.kit.money import from_stored
from troth.programs import queries as programs
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.models import Membership
from troth.programs.naming import shown
from troth.programs.services import Standing
from troth.programs.tiers import Figures, Goal, ladder_of
from troth.staff import queries as staff


@dataclass(frozen=True, slots=True)
class TierView:
    """A programme as one member sees it. ratio: how far to the next tier, None at the top."""

    programme_id: UUID
    programme: str
    tier: str
    next_tier: str
    ratio: float | None
    earned: str
    to_reach: str
    to_keep: str
    review_date: date | None
    granted_until: datetime | None
    benefits: list[str]
    choices: list[tuple[str, str]]


def tiers_of(customer_id: UUID, records: Sequence[UUID], now: datetime) -> list[TierView]:
    """Return the customer's programmes that have tiers, as of the day that counts as today."""
    now = staff.company().moment(now)
    found: dict[UUID, TierView] = {}
    for membership in programs.memberships(records):
        if membership.programme_id not in found:
            view = _view(customer_id, membership, now)
            if view is not None:
                found[membership.programme_id] = view
    return list(found.values())


def _view(customer_id: UUID, membership: Membership, now: datetime) -> TierView | None:
    version = programs.version_at(membership.programme_id, now)
    standing = programs.standing(customer_id, membership.programme_id, now)
    if version is None or version.ladder is None or standing is None:
        return None
    document = programs.document_of(programs.version_row(version.programme_id, version.number))
    names = {one.code: one for one in document.tiers.ladder} if document.tiers else {}
    own, above = names.get(standing.tier), names.get(standing.next_tier)
    return TierView(
        programme_id=membership.programme_id,
        programme=shown(document.name),
        tier=shown(own.name) if own else standing.tier,
        next_tier=shown(above.name) if above else "",
        ratio=_ratio(document, standing),
        earned=_figures(standing.figures, document),
        to_reach=ways(standing.missing_to_reach, document),
        to_keep=ways(standing.missing_to_keep, document),
        review_date=standing.review_date,
        granted_until=standing.granted_until,
        benefits=[shown(one) for one in own.benefits] if own else [],
        choices=[(code, shown(one.name)) for code, one in names.items()],
    )


def _ratio(document: ProgrammeDocument, standing: Standing) -> float | None:
    ladder = ladder_of(document)
    step = next((one for one in ladder.steps if one.code == standing.next_tier), None) if ladder else None
    return _progress(step.reach, standing.figures) if step else None


def _progress(goal: Goal, had: Figures) -> float:
    """Return how far the member is on the way that is furthest gone: the least of what it asks for."""
    parts = [[min(1.0, one / asked) for one, asked in zip(had, way, strict=True) if asked] for way in goal.ways]
    return max((min(way, default=1.0) for way in parts), default=1.0)


def ways(missing: Sequence[Figures], document: ProgrammeDocument) -> str:
    """Return what is missing, in words: one way or another; "" for nothing."""
    return pgettext("joins requirements", " or ").join(_figures(one, document) for one in missing)


def _figures(figures: Figures, document: ProgrammeDocument) -> str:
    parts = []
    if figures.spend > 0:
        amount = formats.money(from_stored(figures.spend), document.currency)
        parts.append(_("%(amount)s of spend") % {"amount": amount})
    if figures.points > 0:
        text = ngettext("%(count)s point", "%(count)s points", figures.points)
        parts.append(text % {"count": formats.count(figures.points)})
    if figures.visits > 0:
        text = ngettext("%(count)s visit", "%(count)s visits", figures.visits)
        parts.append(text % {"count": formats.count(figures.visits)})
    return pgettext("joins requirements", " and ").join(parts)
