"""Fixtures: a company, a published survey with answers, a manager at the desk."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from troth.access.actors import Actor, system_actor
from troth.access.models import User
from troth.access.permissions import Role
from troth.customers.models import Customer
from troth.kit.clock import utc_now
from troth.staff import services as staff
from troth.voice.models import AnswerSheet, Survey
from troth.voice.surveys import services
from troth.voice.surveys.starters import STARTERS

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def actor(db: None) -> Actor:
    staff.set_up_company(actor=system_actor("test"), now=NOW, name="Test & Co", time_zone="Asia/Shanghai")
    return system_actor("test")


@pytest.fixture
def survey(actor: Actor) -> Survey:
    begun = STARTERS["nps"]
    made = services.create_survey(
        actor=actor, now=NOW, kind=begun.kind, name="Recommend", name_zh="推荐", document=begun.document
    )
    services.publish(actor=actor, now=NOW, survey_id=made.id)
    made.refresh_from_db()
    return made


@pytest.fixture
def sheet(survey: Survey, actor: Actor) -> AnswerSheet:
    """What a detractor said."""
    customer = Customer.objects.create(created_at=NOW, updated_at=NOW, name="王小明", language="zh-hans")
    answers: dict[str, Any] = {"recommend": 3, "wrong": "I wish you had <b>oat milk</b>", "parts": {"service": 2}}
    return services.record_answers(
        actor=actor, now=utc_now(), survey_code=survey.code, answers=answers, customer_id=customer.id, language="en"
    )


def client_of(role: Role) -> Client:
    """Return a client of somebody with the role."""
    user = User.objects.create(email=f"{role}@example.com", role=role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(actor: Actor) -> Client:
    return client_of(Role.MANAGER)
