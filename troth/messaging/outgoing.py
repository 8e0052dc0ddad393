"""Writing a slice of messages: the template filled with the facts, ready for the channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from . import channels
from .channels import Outgoing
from .intents import Candidate


@dataclass(frozen=True, slots=True)
class Written:
    """A finished message and the version of the template it was written with."""

    message: Outgoing
    template_version: int | None


def write(candidates: Sequence[Candidate], channel: str) -> tuple[list[Written], dict[UUID, str]]:
    """Return the finished messages, and why the others cannot be written."""
    if not channels.is_known(channel):
        return [], {one.contact_id: "channel_unknown" for one in candidates}
    return [Written(_outgoing(one), None) for one in candidates], {}


def _outgoing(one: Candidate) -> Outgoing:
    """Return the message under the key that it keeps for ever: providers that honour one send it once."""
    return Outgoing(
        contact_id=one.contact_id,
        key=str(one.contact_id),
        address=one.address,
        subject=one.intent.template,
        text=one.intent.template,
        language=one.language,
        facts=one.intent.facts,
        customer_id=one.owner_id,
    )
