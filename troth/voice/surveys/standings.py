"""How each customer stands by what was said and asked last: locked by whoever asks, recomputed by whoever records."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from troth.customers import queries as customers

from ..models import AnswerSheet, AttitudeMeasure, Invitation, InvitationState, SheetState, VoiceStanding
from .scoring import EFFORT

_SCORES = {
    "recommend": ("nps_score", "nps_at"),
    "satisfaction": ("csat_score", "csat_at"),
    EFFORT: ("ces_score", "ces_at"),
}
ASKED = (InvitationState.SENT, InvitationState.OPENED, InvitationState.ANSWERED, InvitationState.EXPIRED)


def locked(customer_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, VoiceStanding]:
    """Return the standings of canonical customers, locked in key order; missing ones are made first."""
    wanted = sorted(set(customer_ids))
    known = set(VoiceStanding.objects.filter(owner_id__among=wanted).values_list("owner_id", flat=True))
    missing = [VoiceStanding(owner_id=one, updated_at=now) for one in wanted if one not in known]
    VoiceStanding.objects.bulk_create(missing, ignore_conflicts=True)
    rows = VoiceStanding.objects.select_for_update().filter(owner_id__among=wanted).order_by("owner_id")
    return {row.owner_id: row for row in rows}


def renew(customer_ids: Iterable[UUID], *, now: datetime) -> None:
    """Recompute the standings of customers from invitations and finished sheets, merged records' too."""
    groups = customers.record_groups(customer_ids).values()
    renew_groups({group[0]: group for group in groups}, now=now)


def renew_groups(groups: Mapping[UUID, Sequence[UUID]], *, now: datetime) -> None:
    """Recompute the standings of these customers from the records named for each."""
    standing = locked(groups, now=now)
    for owner, records in sorted(groups.items()):
        for name, value in _found(records).items():
            setattr(standing[owner], name, value)
        standing[owner].updated_at = now
    VoiceStanding.objects.bulk_update(standing.values(), [*_empty(), "updated_at"], batch_size=500)


def _empty() -> dict[str, Any]:
    columns = [name for pair in _SCORES.values() for name in pair]
    return dict.fromkeys([*columns, "answered_at", "invited_at"])


def _found(records: Sequence[UUID]) -> dict[str, Any]:
    found = _empty()
    for indicator, (score, moment) in _SCORES.items():
        rows = AttitudeMeasure.objects.filter(owner_id__in=records, indicator=indicator)
        newest = rows.order_by("-measured_at", "-id").first()
        if newest:
            found |= {score: newest.value, moment: newest.measured_at}
    sheets = AnswerSheet.objects.filter(owner_id__in=records, state=SheetState.COMPLETE)
    asked = Invitation.objects.filter(owner_id__in=records, state__in=ASKED)
    found["answered_at"] = sheets.aggregate(at=Max("completed_at"))["at"]
    found["invited_at"] = asked.aggregate(at=Max("invited_at"))["at"]
    return found
