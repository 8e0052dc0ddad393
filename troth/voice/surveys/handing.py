"""Invitations and reminders handed to the send decision, and the texts they go out with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from troth.access.actors import Actor
from troth.customers.models import ConsentPurpose
from troth.messaging import channels, starters
from troth.messaging import queries as messages
from troth.messaging import services as messaging
from troth.messaging.models import ContactState
from troth.messaging.services import Decision, Intent, Outcome, Result

from ..models import Invitation
from . import links

if TYPE_CHECKING:
    from .inviting import NewInvitation

INVITATION = "survey_invitation"
REMINDER = "survey_reminder"
PRIORITY = 40
SECONDS_EACH = 12
USUAL = ("wechat", "email", "sms", "inbox")


def hand_over(
    asked: Iterable[tuple[Invitation, "NewInvitation"]], *, actor: Actor, now: datetime
) -> dict[UUID, dict[str, Any]]:
    """Have invitations sent; return by id those that the send decision withholds, each with its gates as a reason."""
    pairs = [(row, new) for row, new in asked if new.is_handed_over]
    if not pairs:
        return {}
    install_texts(actor=actor, now=now)
    intents = [_intent(row, "invite", new.template or INVITATION, new.channels) for row, new in pairs]
    decided = messaging.send(intents, actor=actor, now=now)
    return {
        row.id: {"code": "withheld", "values": {"gates": _gates(decision)}}
        for (row, _new), decision in zip(pairs, decided, strict=True)
        if decision.outcome is Outcome.WITHHELD
    }


def remind(rows: Sequence[Invitation], *, actor: Actor, now: datetime) -> list[UUID]:
    """Have reminders sent, each invitation's once; return those of whom the send decision lets a reminder go out."""
    intents = [_intent(row, "remind", REMINDER, ()) for row in rows]
    decided = messaging.send(intents, actor=actor, now=now) if intents else []
    return [row.id for row, one in zip(rows, decided, strict=True) if one.outcome is not Outcome.WITHHELD]


def never_arrived(rows: Iterable[Invitation]) -> dict[UUID, dict[str, Any]]:
    """Return by id, as a reason, the invitations whose message waited and then did not go out, or could not."""
    keys = {_key(row.id, "invite"): row.id for row in rows}
    found = {}
    for key, contact in messages.contacts_by_key(keys).items():
        if contact.state == ContactState.WITHHELD:
            found[keys[key]] = {"code": "withheld", "values": {"gates": [contact.held_by] if contact.held_by else []}}
        elif contact.state in (ContactState.FAILED, ContactState.BOUNCED):
            found[keys[key]] = {"code": "withheld", "values": {"gates": [], "state": contact.state}}
    return found


def _key(invitation_id: UUID, what: str) -> str:
    return f"survey:{invitation_id}:{what}"


def install_texts(*, actor: Actor, now: datetime) -> None:
    """Have the ready-made texts of invitations there; what a company made of them stays."""
    starters.install(actor=actor, now=now, codes={INVITATION, REMINDER})


def url(row: Invitation) -> str:
    """Return the whole address of an invitation's personal link."""
    return f"{settings.PUBLIC_URL}{reverse('portal_surveys:personal', args=[links.token(row.id, row.owner_id)])}"


def urls(invitation_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the personal links of invitations."""
    return {row.id: url(row) for row in Invitation.objects.filter(id__among=set(invitation_ids))}


def _intent(row: Invitation, what: str, template: str, asked: tuple[str, ...]) -> Intent:
    return Intent(
        key=_key(row.id, what),
        customer_id=row.owner_id,
        purpose=ConsentPurpose.SURVEY,
        template=template,
        channels=asked or usual_channels(),
        facts=_facts(row),
        source=f"survey:{row.survey_id}",
        priority=PRIORITY,
        relevant_until=row.expires_at,
    )


def _facts(row: Invitation) -> Mapping[str, Any]:
    questions = sum(len(page.get("questions", ())) for page in row.version.document["pages"])
    return {"survey_url": url(row), "survey_minutes": max(1, round(questions * SECONDS_EACH / 60))}


def usual_channels() -> tuple[str, ...]:
    """Return the channels that a survey goes out by, in order of preference, of those that there are."""
    return tuple(code for code in USUAL if channels.is_known(code))


def _gates(decision: Decision) -> list[str]:
    return [verdict.gate for verdict in decision.verdicts if verdict.result is Result.STOP]
