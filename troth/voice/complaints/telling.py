"""What the customer is told, through messaging and as a service: promotion is silent meanwhile, this is not."""

from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.kit.ids import new_id
from troth.messaging import services as messaging
from troth.messaging.services import Intent, Outcome
from troth.worklist import services as worklist

from ..models import Case, CaseEntry, Channel, EntryKind
from .links import word_link
from .policies import policy_of
from .record import add_entry
from .texts import DECIDED, LOW_SCORE, MESSAGE, RECEIVED

PURPOSE = "service"
PRIORITY = 90
"""Somebody waits for this: it goes before what nobody asked for."""


def acknowledge(case: Case, *, actor: Actor, now: datetime) -> bool:
    """Tell that we have it, with the number; return whether a message goes out."""
    template = LOW_SCORE if case.channel == Channel.SURVEY else RECEIVED  # who scored did not call it a complaint
    entry = _send(case, template, {}, actor=actor, now=now, act="acknowledgement")
    return entry is not None and entry.data["outcome"] != Outcome.WITHHELD


def write(case: Case, text: str, *, actor: Actor, now: datetime) -> CaseEntry:
    """Send a text of our own; where there is no way to the customer, the record says so."""
    facts = {"text": text}
    return _send(case, MESSAGE, facts, actor=actor, now=now, act="message", text=text) or _unsent(
        case, text, actor, now
    )


def ask_for_word(case: Case, text: str, *, actor: Actor, now: datetime) -> bool:
    """Tell the decision and ask whether it was good; return whether a message goes out."""
    policy = policy_of(case.policy)
    recourse = policy.recourse_zh if case.language.startswith("zh") else policy.recourse
    facts = {"text": text, "case_url": word_link(case), "days": policy.word_days, "recourse": recourse}
    entry = _send(case, DECIDED, facts, actor=actor, now=now, act="decision", text=text)
    if entry is None:
        _unsent(case, text, actor, now)
    return entry is not None and entry.data["outcome"] != Outcome.WITHHELD


def drop_tasks(case: Case, *, actor: Actor, now: datetime) -> None:
    """Cancel what staff still had to do for the case."""
    worklist.cancel_by_source(source_of(case.id), actor=actor, now=now)


def source_of(case_id: UUID) -> str:
    """Return by what messages and tasks say where they come from."""
    return f"case:{case_id}"


def _send(
    case: Case, template: str, facts: dict[str, Any], *, actor: Actor, now: datetime, act: str, text: str = ""
) -> CaseEntry | None:
    if case.customer_id is None:
        return None
    key = f"case:{case.id}:{new_id()}"
    intent = Intent(
        key=key,
        customer_id=case.customer_id,
        purpose=PURPOSE,
        template=template,
        facts={"case_number": case.number, **facts},
        source=source_of(case.id),
        priority=PRIORITY,
    )
    (decision,) = messaging.send([intent], actor=actor, now=now)
    stopped = [verdict.gate for verdict in decision.verdicts if verdict.result == "stop"]
    data = {"outcome": decision.outcome.value, "channel": decision.channel, "stopped_by": stopped}
    return add_entry(case, EntryKind.OUT, actor=actor, now=now, text=text, act=act, data=data, contact_key=key)


def _unsent(case: Case, text: str, actor: Actor, now: datetime) -> CaseEntry:
    data: dict[str, Any] = {"outcome": "nobody", "channel": "", "stopped_by": []}
    return add_entry(case, EntryKind.OUT, actor=actor, now=now, text=text, act="message", data=data)
