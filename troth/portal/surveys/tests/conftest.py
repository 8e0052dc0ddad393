"""Fixtures: a company, a customer who reads Chinese, a published survey of every kind of question."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from troth.access.actors import system_actor
from troth.customers.models import Customer
from troth.kit import clock
from troth.staff import services as staff
from troth.voice.models import Invitation, Survey
from troth.voice.surveys import services
from troth.voice.surveys.services import NewInvitation

ACTOR = system_actor("test")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OPTIONS = [{"code": "a", "text": {"en": "Tea", "zh": "茶"}}, {"code": "b", "text": {"en": "Coffee"}}]
DOCUMENT: dict[str, Any] = {
    "title": {"en": "How was it?", "zh": "这次感觉如何？"},
    "thanks": {"en": "We read every answer.", "zh": "每一份答卷我们都会看。"},
    "main": "likely",
    "pages": [
        {"code": "p1", "questions": [
            {"code": "likely", "type": "nps", "is_required": True,
             "text": {"en": "Recommend us?", "zh": "会推荐我们吗？"}},
            {"code": "happy", "type": "csat", "text": {"en": "Happy?", "zh": "满意吗？"}},
        ]},
        {"code": "p2", "show_if": {"field": "answers.likely", "operator": "at_most", "value": 6}, "questions": [
            {"code": "why", "type": "text", "text": {"en": "Why?", "zh": "为什么？"}}
        ]},
        {"code": "p3", "questions": [
            {"code": "drink", "type": "choice", "text": "Drink?", "options": OPTIONS, "has_other": True},
            {"code": "drinks", "type": "choices", "text": "Drinks?", "options": OPTIONS},
            {"code": "order", "type": "ranking", "text": "Order?", "options": OPTIONS},
            {"code": "grid", "type": "matrix", "text": "Rate", "rows": OPTIONS},
            {"code": "kano", "type": "kano", "text": "Delivery within the hour"},
            {"code": "worth", "type": "value", "text": "Compare", "parts": ["product", "money"],
             "rivals": [{"code": "x", "text": "Other shop"}]},
            {"code": "easy", "type": "ces", "text": "Easy?"},
            {"code": "steps", "type": "scale", "text": "How much?", "low": 0, "high": 4},
        ]},
    ],
}  # fmt: skip
WHOLE = {
    "page": "p3", "q.drink": "other", "q.drink.text": "Water", "q.drinks": ["a", "b"], "q.order.a": "2",
    "q.order.b": "1", "q.grid.a": "5", "q.grid.b": "1", "q.kano.with": "like", "q.kano.without": "tolerate",
    "q.worth.us.product": "8", "q.worth.us.money": "6", "q.worth.x.product": "7", "q.easy": "7", "q.steps": "0",
}  # fmt: skip


@pytest.fixture
def survey(db: None) -> Survey:
    staff.set_up_company(actor=ACTOR, now=NOW, name="Test & Co", time_zone="Asia/Shanghai")
    made = services.create_survey(actor=ACTOR, now=NOW, kind="nps", name="How", code="how", document=DOCUMENT)
    services.publish(actor=ACTOR, now=NOW, survey_id=made.id)
    made.refresh_from_db()
    return made


@pytest.fixture
def customer(survey: Survey) -> Customer:
    return Customer.objects.create(created_at=NOW, updated_at=NOW, name="王小明", language="zh-hans")


@pytest.fixture
def invitation(customer: Customer) -> Invitation:
    [invited] = services.invite(
        [NewInvitation("k", customer.id, "how", is_handed_over=False)], actor=ACTOR, now=clock.utc_now()
    )
    assert invited.invitation_id is not None
    return Invitation.objects.get(id=invited.invitation_id)


@pytest.fixture
def url(invitation: Invitation) -> str:
    return f"/p/s/{services.token(invitation.id, invitation.owner_id)}/"


@pytest.fixture
def open_url(survey: Survey) -> str:
    closes = clock.utc_now() + timedelta(days=30)
    changed = services.change_settings(
        actor=ACTOR, now=NOW, survey_id=survey.id, name="How", has_open_link=True, closes_at=closes
    )
    return f"/p/o/{changed.open_token}/"
