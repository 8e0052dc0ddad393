"""What programmes contribute to the condition language: the tier and the badges of a customer, by programme."""

from collections.abc import Iterator

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from troth.kit.conditions import catalogue
from troth.kit.conditions.fields import AsOf, Choice, Field, Group, Members, Rows, Rowset, SideTable, ValueType
from troth.kit.conditions.tree import Params

from .document.reading import stored_document
from .document.shapes import ProgrammeDocument
from .models import EarnedBadge, Membership, ProgrammeVersion
from .naming import shown

SUBJECT = "customer"
MEMBERSHIP = Group("programme", _("Programme"), order=28)


class _MembershipRows:
    """The memberships of one programme: at most one per record; equal for the same programme, so fields share it."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __call__(self, _as_of: AsOf) -> Rowset:
        return Membership.objects.filter(programme__code=self.code)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _MembershipRows) and other.code == self.code

    def __hash__(self) -> int:
        return hash(self.code)


class _BadgeRows:
    """The badges earned in one programme."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __call__(self, _as_of: AsOf, _params: Params) -> Rows:
        return Rows(EarnedBadge.objects.filter(programme__code=self.code), "badge")


def _newest() -> list[ProgrammeDocument]:
    rows = ProgrammeVersion.objects.filter(programme__archived_at__isnull=True).order_by("programme_id", "-number")
    newest = {row.programme_id: row for row in reversed(rows)}
    return [stored_document(row.document) for row in newest.values()]


def fields() -> Iterator[Field]:
    """Yield the fields of every programme that has a version."""
    for document in _newest():
        code, name = document.programme, shown(document.name)
        rows = _MembershipRows(code)
        if document.tiers:
            tiers = [Choice(tier.code, shown(tier.name)) for tier in document.tiers.ladder]
            label = format_lazy(_("Tier in {programme}"), programme=name)
            source = SideTable(rows, "tier")
            yield Field(f"programme_tier.{code}", ValueType.CHOICE, label, MEMBERSHIP, source, choices=tiers)
        joined = format_lazy(_("Joined {programme}"), programme=name)
        yield Field(
            f"programme_joined.{code}", ValueType.MOMENT, joined, MEMBERSHIP, SideTable(rows, "joined_at"), order=60
        )
        if document.badges:
            badges = [Choice(badge.code, shown(badge.name)) for badge in document.badges]
            label = format_lazy(_("Badges of {programme}"), programme=name)
            source_rows = Members(_BadgeRows(code))
            yield Field(
                f"programme_badges.{code}",
                ValueType.CHOICE_SET,
                label,
                MEMBERSHIP,
                source_rows,
                choices=badges,
                order=70,
            )


catalogue.provide(SUBJECT, fields)
