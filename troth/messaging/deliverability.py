"""How messages arrive: sent, delivered, bounced, reported as spam, by channel and by the domain of the address."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Lower, StrIndex, Substr

from .models import REACHED, Contact, ContactState

S = ContactState
DOMAINS = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of the messages handed over. unknown: nobody can tell; failed: refused at the hand-over."""

    name: str
    sent: int
    delivered: int
    opened: int
    bounced: int
    complained: int
    failed: int
    unknown: int

    def share(self, count: int) -> float:
        """Return a count as a share of what was sent, 0 where nothing was."""
        return count / self.sent if self.sent else 0.0


def by_channel(start: datetime, end: datetime) -> list[Arrival]:
    """Return the figures of each channel, the one that sent most first."""
    return _arrivals(_handed_over(start, end).annotate(name=F("channel")))


def by_domain(start: datetime, end: datetime, *, limit: int = DOMAINS) -> list[Arrival]:
    """Return the figures of the domains to which most e-mails went."""
    mails = _handed_over(start, end).filter(address__contains="@")
    domain = Lower(Substr("address", StrIndex("address", Value("@")) + 1))
    return _arrivals(mails.annotate(name=domain))[:limit]


def _handed_over(start: datetime, end: datetime) -> QuerySet[Contact]:
    states = [*REACHED, S.BOUNCED, S.FAILED, S.UNKNOWN]
    return Contact.objects.filter(created_at__gte=start, created_at__lt=end, state__in=states)


def _arrivals(named: QuerySet[Any]) -> list[Arrival]:
    there = Q(state__in=[S.DELIVERED, S.OPENED, S.CLICKED, S.COMPLAINED])
    rows = (
        named.order_by()
        .values("name")
        .annotate(
            sent=Count("id", filter=~Q(state__in=[S.FAILED, S.UNKNOWN])),
            delivered=Count("id", filter=there),
            opened=Count("id", filter=Q(state__in=[S.OPENED, S.CLICKED])),
            bounced=Count("id", filter=Q(state=S.BOUNCED)),
            complained=Count("id", filter=Q(state=S.COMPLAINED)),
            failed=Count("id", filter=Q(state=S.FAILED)),
            unknown=Count("id", filter=Q(state=S.UNKNOWN)),
        )
        .order_by("-sent", "name")
    )
    return [Arrival(**row) for row in rows]
