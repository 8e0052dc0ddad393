"""Invitations and reminders handed to the send decision, and the texts they go out with."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from troth.access.actors import Actor
from troth.customers.models import ConsentPurpose
from troth.messaging import channels
from troth.messaging import services as messaging
from troth.messaging.services import Decision, Intent, Outcome, Result

from ..models import Invitation
from . import links

if TYPE_CHECKING:
    from .inviting import NewInvitation

INVITATION = "survey-invitation"
REMINDER = "survey-reminder"
PRIORITY = 40
USUAL = ("wechat", "email", "sms", "inbox")


def hand_over(
    asked: Iterable[tuple[Invitation, "NewInvitation"]], *, actor: Actor, now: datetime
) -> dict[str, dict[str, Any]]:
    """Have invitations sent; return by key those that the send decision withholds, each with its gates as a reason."""
    pairs = {row.key: (row, new) for row, new in asked if new.is_handed_over}
    intents = [_intent(row, "invite", new.template or INVITATION, new.channels) for row, new in pairs.values()]
    decided = messaging.send(intents, actor=actor, now=now) if intents else []
    return {
        key: {"code": "withheld", "values": {"gates": _gates(decision)}}
        for key, decision in zip(pairs, decided, strict=True)
        if decision.outcome is Outcome.WITHHELD
    }


def remind(rows: Iterable[Invitation], *, actor: Actor, now: datetime) -> None:
    """Have reminders sent, each invitation's once."""
    intents = [_intent(row, "remind", REMINDER, ()) for row in rows]
    if intents:
        messaging.send(intents, actor=actor, now=now)


def url(row: Invitation) -> str:
    """Return the whole address of an invitation's personal link."""
    return f"{settings.PUBLIC_URL}{reverse('portal_surveys:personal', args=[links.token(row.id, row.owner_id)])}"


def _intent(row: Invitation, what: str, template: str, asked: tuple[str, ...]) -> Intent:
    return Intent(
        key=f"survey:{row.id}:{what}",
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
    survey = row.survey
    name = survey.name_zh if row.language.lower().startswith("zh") and survey.name_zh else survey.name
    return {"survey": name, "survey_url": url(row)}


def usual_channels() -> tuple[str, ...]:
    """Return the channels that a survey goes out by, in order of preference, of those that there are."""
    return tuple(code for code in USUAL if channels.is_known(code))


def _gates(decision: Decision) -> list[str]:
    return [verdict.gate for verdict in decision.verdicts if verdict.result is Result.STOP]
