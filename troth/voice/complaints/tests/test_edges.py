"""Deadlines to the second, and the rules a case was opened under to its end."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from troth.customers.models import Customer
from troth.messaging import services as messaging
from troth.messaging.services import Intent
from troth.voice.complaints import closing, services, watching
from troth.voice.complaints.errors import PolicyRefusedError, RemedyRefusedError
from troth.voice.complaints.services import NewRemedy
from troth.voice.complaints.starters import POLICY, ensure_starters
from troth.voice.models import Case, CaseClock, CasePolicyVersion, CaseRemedy
from troth.worklist.services import save_team

from .conftest import ACTOR, HOUR, NOON, again, complaint, decided, user

pytestmark = pytest.mark.slow

MINUTE = 60
SECOND = timedelta(seconds=1)


def tuesday(hour: int, minute: int = 0) -> datetime:
    """Return a time of Tuesday in Shanghai, the day after `NOON`."""
    return datetime(2026, 11, 17, hour - 8, minute, tzinfo=UTC)


def clock(case: Case, kind: str) -> Any:
    return CaseClock.objects.get(case_id=case.id, clock_kind=kind)


@pytest.fixture
def tightened(ann: Customer) -> Any:
    """A case of high severity, opened before everything about complaints was made stricter."""
    case = complaint(ann)
    tight = {
        **POLICY,
        "low": {"acknowledge": 1, "answer": 2, "resolve": 3},
        "escalation": [],
        "limits": {**POLICY["limits"], "refund_alone": {"CNY": "1"}, "refund_most": {"CNY": "2"}},
        "word_days": 1,
    }
    services.publish_policy(actor=ACTOR, now=NOON + SECOND, document=tight)
    assert CasePolicyVersion.objects.count() == 2
    return case


def test_another_severity_brings_the_deadlines_of_the_cases_own_rules(tightened: Any, bob: Customer):
    """lesson: a changed SLA rewrites statistics."""
    given: dict[str, Any] = {"actor": ACTOR, "category": "product-defect", "severity": "low"}
    services.assess_case(now=NOON + HOUR, case_id=tightened.id, **given)
    assert clock(tightened, "resolve").target_seconds == 80 * 60 * MINUTE
    newer = complaint(bob, now=NOON + HOUR)
    services.assess_case(now=NOON + 2 * HOUR, case_id=newer.id, **given)
    assert clock(newer, "resolve").target_seconds == 3 * MINUTE


def test_escalation_limits_and_the_days_for_the_word_are_those_of_the_cases_own_rules(tightened: Any, bob: Customer):
    assert clock(tightened, "answer").escalate_at == tuesday(10, 24)
    services.acknowledge_case(actor=ACTOR, now=NOON, case_id=tightened.id)
    assert watching.escalate_due(actor=ACTOR, now=tuesday(10, 24)) == 1
    newer = complaint(bob, now=NOON + HOUR)
    assert clock(newer, "answer").escalate_at is None
    refund = NewRemedy(key="r1", kind="refund", amount=Decimal(50), currency="CNY")
    remedy = services.give_remedy(actor=ACTOR, now=tuesday(11), case_id=tightened.id, new=refund)
    assert remedy.remedy_state == "given"
    with pytest.raises(RemedyRefusedError):
        services.give_remedy(actor=ACTOR, now=tuesday(11), case_id=newer.id, new=refund)
    for case, days in ((tightened, 7), (newer, 1)):
        decided(case, now=tuesday(11))
        assert closing.word_until(again(case)) == tuesday(11) + timedelta(days=days)


@pytest.mark.parametrize(
    ("moment", "used", "is_met"),
    [
        (tuesday(11, 59), 8 * 60 * MINUTE - MINUTE, True),
        (tuesday(12), 8 * 60 * MINUTE, True),
        (tuesday(12, 59), 8 * 60 * MINUTE, True),  # lunch
        (tuesday(13) + SECOND, 8 * 60 * MINUTE + 1, False),
    ],
)
def test_a_deadline_is_met_to_its_last_second(ann: Customer, moment: datetime, used: int, is_met: bool):
    """lesson: SLA ignores business hours, lunch: five hours of Monday's afternoon and three of Tuesday's morning."""
    case = complaint(ann)
    assert clock(case, "answer").due_at == tuesday(12)
    services.write_to_customer(actor=ACTOR, now=moment, case_id=case.id, text="We look into it.")
    stopped = clock(case, "answer")
    assert (stopped.used_seconds, stopped.is_met) == (used, is_met)


def test_each_step_of_escalation_comes_at_its_share_of_the_time(ann: Customer):
    case = complaint(ann)
    services.acknowledge_case(actor=ACTOR, now=NOON, case_id=case.id)
    # Of eight hours from 13:00 on Monday, 80 % are over on Tuesday at 10:24 and 120 % at 14:36.
    for moment, due in ((tuesday(10, 24), 1), (tuesday(14, 36), 1)):
        assert watching.escalate_due(actor=ACTOR, now=moment - SECOND) == 0
        assert watching.escalate_due(actor=ACTOR, now=moment) == due
    assert clock(case, "answer").escalate_at is None


def test_offers_and_surveys_fall_silent_and_a_message_about_an_order_beside_them_does_not(ann: Customer, bob: Customer):
    case = complaint(ann)
    intents = [
        Intent(f"{person.id}-{purpose}", person.id, purpose, "anything", ("sink",))
        for person in (ann, bob)
        for purpose in ("marketing", "survey", "service")
    ]

    def said() -> list[str]:
        found = [one.verdicts for one in messaging.decide(intents, now=NOON)]
        return [one.result.value for verdicts in found for one in verdicts if one.gate == "open_complaint"]

    assert said() == ["stop", "stop", "pass", "pass", "pass", "pass"]
    services.reject_case(actor=ACTOR, now=NOON + HOUR, case_id=case.id, note="Praise.")
    assert said() == ["pass"] * 6


def test_what_waits_for_a_second_person_counts_towards_what_two_may_give(ann: Customer):
    """Two that wait side by side would else both be approved, and be more than two people may give."""
    case = complaint(ann)
    one, two = user("one"), user("two")

    def ask(key: str, amount: int) -> Any:
        new = NewRemedy(key=key, kind="refund", amount=Decimal(amount), currency="CNY")
        return services.give_remedy(actor=one, now=NOON, case_id=case.id, new=new)

    first = ask("a", 3000)
    assert first.remedy_state == "waiting"
    with pytest.raises(RemedyRefusedError):
        ask("b", 2001)
    assert CaseRemedy.objects.count() == 1
    services.decline_remedy(actor=two, now=NOON, remedy_id=first.id)
    assert ask("b", 2001).remedy_state == "waiting", "what was turned down counts no more"
    assert ask("c", 2999).remedy_state == "waiting", "5,000 in all"


@pytest.mark.parametrize(
    ("category", "severity", "team"),
    [
        ("product-defect", "", "goods"),  # a rule for a category fits those below it
        ("product", "", "goods"),
        ("delivery-late", "", "drivers"),
        ("delivery-wrong", "", "urgent"),  # high of itself: the first rule that fits
        ("delivery-late", "high", "urgent"),
        ("other", "", "care"),
    ],
)
def test_a_case_goes_to_the_team_of_the_first_rule_that_fits(ann: Customer, category: str, severity: str, team: str):
    rules = [
        {"category": "product", "team": "goods"},
        {"severity": "high", "team": "urgent"},
        {"category": "delivery", "channel": "phone", "team": "drivers"},
        {"category": "delivery", "team": "never"},
    ]
    ensure_starters(actor=ACTOR, now=NOON)
    for code in ("goods", "urgent", "drivers", "never"):
        save_team(actor=ACTOR, now=NOON, code=code, name=code.title())
    services.publish_policy(actor=ACTOR, now=NOON, document={**POLICY, "rules": rules})
    assert complaint(ann, category=category, severity=severity).team == team


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("default_team", "nobody"),
        ("rules", [{"severity": "high", "team": "nobody"}]),
        ("escalation", [{"at_percent": 80, "team": "nobody"}]),
        ("low_scores", {**POLICY["low_scores"], "team": "nobody"}),
    ],
)
def test_a_team_that_is_not_there_gets_nothing_to_do(db: None, field: str, value: Any):
    ensure_starters(actor=ACTOR, now=NOON)
    with pytest.raises(PolicyRefusedError) as refused:
        services.publish_policy(actor=ACTOR, now=NOON, document={**POLICY, field: value})
    assert (refused.value.fields["field"], refused.value.fields["value"]) == (field, "nobody")
    assert CasePolicyVersion.objects.count() == 1
