"""What a customer had at a moment of the past: by what was true then, or by what was known then."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime

from troth.console.components import Figure
from troth.ledger import queries as ledger
from troth.ledger.models import PointCurrency
from troth.ledger.queries import LotView

from .purse import Purse
from .purse import figures as purse_figures

RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Then:
    """A moment, in the currency's zone; is_recorded: what was known then, not what was true."""

    moment: datetime
    is_recorded: bool

    @property
    def named(self) -> dict[str, Any]:
        """Return the moment as the ledger's queries name it."""
        return {"recorded" if self.is_recorded else "occurred": self.moment}

    @property
    def field(self) -> str:
        """Return the moment as an input of the browser writes it."""
        return self.moment.strftime("%Y-%m-%dT%H:%M")


def read(query: Mapping[str, str], currency: PointCurrency, now: datetime) -> Then:
    """Return which moment an address names; now where it names none that can be read."""
    zone = ZoneInfo(currency.time_zone)
    try:
        found = parse_datetime(query.get("at", ""))
    except ValueError:
        found = None
    is_meant = found is not None and 1970 <= found.year <= 9000
    moment = found.replace(tzinfo=zone) if found is not None and is_meant else now.astimezone(zone)
    return Then(moment, query.get("by") == RECORDED)


def lots(customer_id: UUID, currency: PointCurrency, then: Then, now: datetime) -> list[LotView]:
    """Return the lots as they stood then, those that were to end soonest first."""
    known = {one.id: one for one in ledger.lots(customer_id, currency.code, now=now, is_open=False)}
    found = [
        replace(known[one.lot.id], remaining=one.remaining, held=one.held, state=one.state, ends_at=one.ends_at)
        for one in ledger.lots_as_of(customer_id, currency.code, **then.named)
    ]
    return sorted(found, key=lambda one: (one.ends_at is None, one.ends_at or one.earned_at, one.earned_at))


def figures(customer_id: UUID, purse: Purse, then: Then) -> list[Figure]:
    """Return what there was, as the figures of the points page."""
    balance = ledger.balance_as_of(customer_id, purse.currency.code, **then.named)
    return purse_figures(replace(purse, balance=balance, endings=[]))[:-1]
