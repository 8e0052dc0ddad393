"""Fixtures for the tests of every area: a company, and browsers signed in as a role."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import translation

from troth.access.actors import system_actor
from troth.access.models import User
from troth.access.permissions import Role
from troth.staff import services as staff
from troth.staff.models import Company

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Browser(Client):
    """A test client of somebody who is signed in."""

    user: User


SignIn = Callable[..., Browser]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English, whatever language the last one's request left behind."""
    with translation.override("en"):
        yield


@pytest.fixture
def company(db: None) -> Company:
    """A company in Shanghai that counts in yuan."""
    return staff.set_up_company(actor=system_actor("test"), now=NOW, name="Test & Co", time_zone="Asia/Shanghai")


@pytest.fixture
def sign_in(company: Company) -> SignIn:
    """Return a function that gives a browser signed in as a role; `browser.user` is the person."""

    def signed_in(role: Role = Role.ADMIN, *, language: str = "en") -> Browser:
        user = User.objects.create_user(
            f"{role}-{language}@example.org", name=f"{role} {language}", role=role, language=language
        )
        browser = Browser()
        browser.force_login(user)
        browser.user = user
        return browser

    return signed_in
