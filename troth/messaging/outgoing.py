"""Writing a slice of messages: the template filled with the facts, ready for the channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from . import channels
from .channels import Outgoing
from .intents import Candidate
from .templates import Rendered, ToRender, render_many


@dataclass(frozen=True, slots=True)
class Written:
    """A finished message and the version of the template it was written with."""

    message: Outgoing
    template_version: int


def write(candidates: Sequence[Candidate], channel: str, now: datetime) -> tuple[list[Written], dict[UUID, str]]:
    """Return the finished messages, and why the others cannot be written."""
    if not channels.is_known(channel):
        return [], {one.contact_id: "channel_unknown" for one in candidates}
    asked = [_asked(one, channel) for one in candidates]
    written, broken = [], {}
    for one, text in zip(candidates, render_many(asked, now=now), strict=True):
        if fault := _fault(text):
            broken[one.contact_id] = fault
        else:
            written.append(Written(_outgoing(one, text), text.version))
    return written, broken


def _asked(one: Candidate, channel: str) -> ToRender:
    return ToRender(
        template=one.intent.template,
        customer_id=one.owner_id,
        facts=one.intent.facts,
        language=one.language,
        channel=channel,
        purpose=one.intent.purpose,
        contact_id=one.contact_id,
    )


def _fault(text: Rendered) -> str:
    """Return why a text may not go out: it could not be made, or it has holes."""
    if text.refused:
        return text.refused
    return "facts_missing: " + ", ".join(text.missing) if text.missing else ""


def _outgoing(one: Candidate, text: Rendered) -> Outgoing:
    """Return the message under the key that it keeps for ever: providers that honour one send it once."""
    return Outgoing(
        contact_id=one.contact_id,
        key=str(one.contact_id),
        address=one.address,
        subject=text.subject,
        text=text.text,
        html=text.html,
        headers=text.headers,
        language=text.language,
        facts=one.intent.facts,
        extras=text.extras,
        customer_id=one.owner_id,
    )
