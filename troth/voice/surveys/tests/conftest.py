"""Fixtures: a company, people, and a published survey with logic."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from troth.access.actors import Actor, system_actor
from troth.customers.models import Customer
from troth.messaging.tests.made_up import publish_texts
from troth.staff.models import Company
from troth.voice.models import Survey
from troth.voice.surveys import services

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
LOW = {"field": "answers.likely", "operator": "at_most", "value": 6}
DOCUMENT: dict[str, Any] = {
    "title": {"en": "How are we doing?", "zh": "我们做得怎么样？"},
    "main": "likely",
    "pages": [
        {
            "code": "p1",
            "questions": [
                {
                    "code": "likely",
                    "type": "nps",
                    "text": {"en": "Would you recommend us?", "zh": "您会推荐我们吗？"},
                    "is_required": True,
                }
            ],
        },
        {
            "code": "p2",
            "show_if": LOW,
            "questions": [{"code": "why", "type": "text", "text": {"en": "What went wrong?", "zh": "哪里没做好？"}}],
        },
        {
            "code": "p3",
            "questions": [
                {"code": "staff", "type": "csat", "text": "How was our staff?", "is_driver": True, "measures": ""},
                {
                    "code": "like",
                    "type": "choices",
                    "text": "What did you like?",
                    "options": [{"code": "taste", "text": "Taste"}, {"code": "place", "text": {"zh": "环境"}}],
                    "has_other": True,
                },
            ],
        },
    ],
}

MakePerson = Callable[..., Customer]


@pytest.fixture(autouse=True)
def texts(request: pytest.FixtureRequest) -> None:
    """The texts of invitations, published: nothing is sent without one."""
    uses = next((name for name in ("transactional_db", "db") if name in request.fixturenames), "")
    if uses or request.node.get_closest_marker("django_db"):
        request.getfixturevalue(uses or "_django_db_helper")
        publish_texts("survey_invitation", "survey_reminder", "t")


@pytest.fixture
def actor() -> Actor:
    return system_actor("test")


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def person(company: Company) -> MakePerson:
    """Return a function that makes a customer."""
    return lambda **fields: Customer.objects.create(created_at=NOW, updated_at=NOW, **fields)


@pytest.fixture
def survey(company: Company, actor: Actor) -> Survey:
    """A published NPS survey: detractors are asked why."""
    made = services.create_survey(actor=actor, now=NOW, kind="nps", name="Recommend", code="rec", document=DOCUMENT)
    services.publish(actor=actor, now=NOW, survey_id=made.id)
    made.refresh_from_db()
    return made
