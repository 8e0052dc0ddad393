"""Whom the intents are meant for: each with what the gates need to know of the person, found for all at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from troth.customers import queries as customers
from troth.kit import clock
from troth.staff import queries as staff

from .checking import content_hash
from .errors import RecipientUnknownError
from .intents import Candidate, Intent
from .policies import Terms
from .reach import Ways, reach_of

LONGEST_RELEVANCE = timedelta(days=60)
DEFAULT_ZONE = "Asia/Shanghai"


def candidates_of(intents: Sequence[tuple[UUID, Intent, datetime]], terms: Terms) -> tuple[list[Candidate], Ways]:
    """Return a candidate for each contact's id, intent and moment of making, in their order, and the ways they have.

    Raises:
        RecipientUnknownError: a customer does not exist.
    """
    zones = Zones()
    ways = Ways({intent.template for _id, intent, _at in intents}, fallback=zones.language, is_demo=zones.is_demo)
    wanted = {code for _id, intent, _at in intents for code in intent.channels or ways.usual}
    kinds = {reach_of(code).address_kind for code in wanted} - {""}
    people = customers.contactables(
        {intent.customer_id for _id, intent, _at in intents},
        purposes={intent.purpose for _id, intent, _at in intents},
        kinds=kinds,
    )
    found = []
    for contact_id, intent, created_at in intents:
        person = people.get(intent.customer_id)
        if person is None:
            raise RecipientUnknownError(intent.key, intent.customer_id)
        found.append(
            Candidate(
                contact_id=contact_id,
                intent=intent,
                owner_id=person.records[0],
                records=person.records,
                language=person.language or zones.language,
                zone=zones.of(person),
                birth_date=person.birth_date,
                is_erased=person.is_erased,
                addresses=person.addresses,
                consents=person.consents,
                content_hash=content_hash(intent),
                created_at=created_at,
                relevant_until=_relevant_until(intent, created_at, terms),
                channels=intent.channels or ways.usual,
            )
        )
    return found, ways


def _relevant_until(intent: Intent, created_at: datetime, terms: Terms) -> datetime:
    if intent.relevant_until is None:
        return created_at + timedelta(days=terms.longest_delay_days)
    return min(intent.relevant_until, created_at + LONGEST_RELEVANCE)


class Zones:
    """Tells a person's time zone: their own, else that of the store of who looks after them, else the company's."""

    def __init__(self) -> None:
        company = staff.company_or_none()
        self.language = company.language if company else "en"
        self.is_demo = company is not None and company.is_demo
        self._company = company.time_zone if company else DEFAULT_ZONE
        self._by_staff: Mapping[UUID, str] | None = None

    def of(self, person: customers.Contactable) -> str:
        """Return the name of a zone that exists."""
        if person.time_zone and person.time_zone in clock.time_zones():
            return person.time_zone
        if person.staff_owner_id is not None:
            if self._by_staff is None:
                self._by_staff = staff.zones_of_people()
            return self._by_staff.get(person.staff_owner_id, self._company)
        return self._company
