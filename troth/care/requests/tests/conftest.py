"""Fixtures: a company, a customer, technicians."""

from datetime import UTC, datetime, timedelta

import pytest

from troth.access.actors import system_actor
from troth.care.requests import services
from troth.care.requests.services import NewRequest
from troth.customers.models import Customer
from troth.staff.models import Company, StaffMember

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)  # noon in Shanghai
TOMORROW = NOW + timedelta(days=1)
ACTOR = system_actor("test")


@pytest.fixture
def company(db):
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def ann(company):
    return Customer.objects.create(name="Ann", created_at=NOW, updated_at=NOW)


@pytest.fixture
def li(company):
    return StaffMember.objects.create(code="li", name="Li")


@pytest.fixture
def opened(ann):
    """Return a function that opens a request."""

    def make(key="r-1", **changes):
        fields = {"kind": "repair", "title": "The kettle leaks", "customer_id": ann.id} | changes
        return services.open_request(NewRequest(key=key, **fields), actor=ACTOR, now=NOW)

    return make
