"""What other rules of sending would have done: the last weeks' messages judged again by their hours and caps."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from .deciding import Judged
from .delivering import intent_of
from .intents import Candidate, Outcome
from .models import Contact
from .policies import Terms
from .policy_versions import check
from .recipients import candidates_of
from .timing import Earlier, Openings, place, rank_of

DAYS = 30
MOST = 3_000


@dataclass(frozen=True, slots=True)
class PolicyEffect:
    """How many of the last messages would have gone at once, later, or not at all because it was too late.

    looked_at: how many were judged again; days: how far back they reach.
    """

    looked_at: int
    days: int
    at_once: int
    later: int
    too_late: int


def preview_policy(terms: Terms, *, now: datetime) -> PolicyEffect:
    """Return what hours and caps of the terms would have done to the messages of the last weeks, in their order.

    What other gates said is left out, so that two sets of terms compare.

    Raises:
        PolicyRefusedError: a rule cannot be kept.
    """
    check(terms)
    newest = Contact.objects.filter(created_at__gte=now - timedelta(days=DAYS)).order_by("-created_at", "-id")[:MOST]
    contacts = list(newest)[::-1]
    candidates, _ways = candidates_of([(one.id, intent_of(one), one.created_at) for one in contacts], terms)
    counts = _replayed(candidates, terms)
    days = (now - contacts[0].created_at).days + 1 if contacts else 0
    return PolicyEffect(
        looked_at=len(candidates),
        days=days,
        at_once=counts[Outcome.QUEUED],
        later=counts[Outcome.DELAYED],
        too_late=counts[Outcome.WITHHELD],
    )


def _replayed(candidates: Sequence[Candidate], terms: Terms) -> Counter[Outcome]:
    counts: Counter[Outcome] = Counter()
    earlier: dict[UUID, list[Earlier]] = defaultdict(list)
    openings = Openings()
    for one in candidates:
        at = one.created_at
        judged = Judged(one, place(one, at, at, terms, earlier[one.owner_id], openings))
        counts[judged.outcome] += 1
        if judged.outcome is not Outcome.WITHHELD:
            rank = rank_of(one.intent.priority, one.contact_id)
            goes_at = judged.starts_at(at)
            earlier[one.owner_id].append(
                Earlier(one.contact_id, one.intent.purpose, one.content_hash, goes_at, False, rank)
            )
    return counts
