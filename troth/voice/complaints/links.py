"""The address at which a customer says whether a complaint was handled well: signed, so that nobody makes one up."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from troth.messaging import links

from ..models import Case

PURPOSE = "complaint-word"
PAGE = "portal_complaints:word"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which question a link answers."""

    case_id: UUID
    round_no: int


def word_token(case: Case) -> str:
    """Return the signed part of the address; it stands for the present round only."""
    return links.signed(PURPOSE, case.id, data={"round": case.round_no})


def word_link(case: Case) -> str:
    """Return the whole address."""
    return links.address(PAGE, word_token(case))


def read_word_token(token: str, now: datetime) -> Asked:
    """Return what a token stands for.

    Raises:
        LinkRefusedError: it was changed, or is none of ours.
    """
    opened = links.opened(PURPOSE, token, now=now)
    return Asked(opened.owner_id, int(opened.data["round"]))
