"""Fixtures: a company in Shanghai, people, cases. `NOON` is a Monday in an ordinary week."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from troth.access.actors import Actor, system_actor
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.customers.services import NewIdentity
from troth.staff.models import Company, StaffMember, Store
from troth.voice.complaints import services
from troth.voice.complaints.services import NewCase
from troth.voice.models import Case, CaseEntry

NOON = datetime(2026, 11, 16, 4, tzinfo=UTC)  # Monday, 12:00 in Shanghai: lunch
ACTOR = system_actor("test")
HOUR = timedelta(hours=1)
PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff\xff\x7f\x00\t\xfb\x03\xfd*\x86\xe3\x8a\x00\x00\x00\x00IEND\xaeB`\x82"
)

_numbers = count(1)


def user(name: str) -> Actor:
    """Return somebody who may do everything."""
    return Actor("user", name, name, ACTOR.permissions)


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai", country="CN", language="en")


@pytest.fixture
def person(company: Company) -> Callable[..., Customer]:
    """Return a function that adds a customer with an e-mail address."""

    def make(name: str, **fields: Any) -> Customer:
        identities = [NewIdentity("email", f"{name.lower()}@example.com")]
        return customers.create_customer(actor=ACTOR, now=NOON, identities=identities, name=name, **fields)

    return make


@pytest.fixture
def ann(person: Callable[..., Customer]) -> Customer:
    return person("Ann")


@pytest.fixture
def bob(person: Callable[..., Customer]) -> Customer:
    return person("Bob")


@pytest.fixture
def store(company: Company) -> Store:
    return Store.objects.create(code="s1", name="Nanjing Road")


@pytest.fixture
def colleague(company: Company) -> StaffMember:
    return StaffMember.objects.create(code="007", name="Colleague")


def complaint(customer: Customer | None = None, *, now: datetime = NOON, **changes: Any) -> Any:
    """Open a case."""
    values: dict[str, Any] = {
        "key": f"t-{next(_numbers)}",
        "channel": "phone",
        "text": "The ring came broken.",
        "category": "product-defect",
        "customer_id": customer.id if customer else None,
    }
    return services.open_case(NewCase(**(values | changes)), actor=ACTOR, now=now)


def decided(case: Case, *, now: datetime, cause: str = "quality", **changes: Any) -> Any:
    """Decide a case."""
    values = {"verdict": "upheld", "text": "You were right; a new one is on its way."} | changes
    return services.resolve_case(actor=ACTOR, now=now, case_id=case.id, cause=cause, **values)


def acts(case: Case) -> list[str]:
    """Return the acts of a case's record, in order."""
    return list(CaseEntry.objects.filter(case_id=case.id).order_by("created_at", "id").values_list("act", flat=True))


def again(case: Case) -> Any:
    """Return the case as it is stored now."""
    return Case.objects.select_related("category", "cause", "policy", "calendar").get(id=case.id)
