"""Drafts, review by another person, versions, and what a draft changes in words."""

from datetime import timedelta

import pytest
from django.utils import translation

from troth.access.actors import system_actor
from troth.events.models import Event
from troth.ledger import services as ledger
from troth.ledger.services import CurrencyRules
from troth.programs import effect_words, queries, services, words
from troth.programs.document.reading import read_document
from troth.programs.errors import (
    DocumentInvalidError,
    DraftChangedError,
    EffectiveTooEarlyError,
    OwnReviewError,
    ProgrammeRefusedError,
    ProgrammeStateError,
)
from troth.programs.models import DraftState, Programme, ProgrammeVersion
from troth.programs.outcomes import Reason, RuleOutcome
from troth.programs.tests.conftest import LADDER, NOW
from troth.programs.tests.making import BASE, HEAD

pytestmark = pytest.mark.django_db

WRITER, REVIEWER = system_actor("writer"), system_actor("reviewer")
TEXT = HEAD + BASE


@pytest.fixture
def draft(company) -> Programme:
    ledger.create_currency(actor=WRITER, now=NOW, code="points", rules=CurrencyRules(name="Points"))
    return services.create_programme(actor=WRITER, now=NOW, text=TEXT)


def approved(programme: Programme) -> Programme:
    services.submit_draft(actor=WRITER, now=NOW, programme_id=programme.id)
    return services.review_draft(actor=REVIEWER, now=NOW, programme_id=programme.id, is_approved=True)


def test_from_a_draft_to_a_version_in_force(draft):
    approved(draft)
    later = NOW + timedelta(days=1)
    version = services.publish(actor=WRITER, now=NOW, programme_id=draft.id, effective_at=later, note="the first")
    assert (version.number, version.written_by, version.reviewed_by) == (1, "system:writer", "system:reviewer")
    timeline = queries.versions_in_force()
    assert timeline.at(NOW) == []
    assert [(one.number, one.programme_code) for one in timeline.at(later)] == [(1, "club")]
    draft.refresh_from_db()
    assert (draft.draft_text, draft.draft_state, draft.version_number) == ("", DraftState.NONE, 1)
    assert [event.name for event in Event.objects.filter(name__startswith="programs.").order_by("id")] == [
        "programs.programme.created",
        "programs.draft.submitted",
        "programs.draft.approved",
        "programs.version.published",
    ]


@pytest.mark.parametrize(
    ("before", "after", "field", "told"),
    [
        ("points: 1", "points: 1, currency: pints", "currency", "There is no point currency “pints” yet"),
        ("points: 1", "points: 1, currency: old", "currency", "The point currency “old” is no longer given out"),
        ("{type: points_per_amount, points: 1}", "{type: coupon, campaign: spring}", "campaign",
         "There is no coupon campaign “spring” yet"),
    ],
)  # fmt: skip
def test_what_names_something_that_is_not_there_is_not_published(draft, before, after, field, told):
    ledger.create_currency(actor=WRITER, now=NOW, code="old", rules=CurrencyRules(name="Old", is_active=False))
    services.save_draft(actor=WRITER, now=NOW, programme_id=draft.id, text=TEXT.replace(before, after))
    approved(draft)
    with pytest.raises(ProgrammeRefusedError, match=told) as refused:
        services.publish(actor=WRITER, now=NOW, programme_id=draft.id)
    assert refused.value.fields["field"] == field
    draft.refresh_from_db()
    assert (draft.draft_state, draft.version_number, ProgrammeVersion.objects.count()) == (DraftState.APPROVED, 0, 0)


def test_nobody_reviews_what_they_wrote_or_submitted(draft):
    services.submit_draft(actor=system_actor("helper"), now=NOW, programme_id=draft.id)
    for actor in (WRITER, system_actor("helper")):
        with pytest.raises(OwnReviewError):
            services.review_draft(actor=actor, now=NOW, programme_id=draft.id, is_approved=True)
    draft.refresh_from_db()
    assert draft.draft_state == DraftState.SUBMITTED


def test_nothing_is_published_without_approval(draft):
    with pytest.raises(ProgrammeStateError):
        services.publish(actor=WRITER, now=NOW, programme_id=draft.id)
    services.submit_draft(actor=WRITER, now=NOW, programme_id=draft.id)
    services.review_draft(actor=REVIEWER, now=NOW, programme_id=draft.id, is_approved=False, note="too generous")
    with pytest.raises(ProgrammeStateError):
        services.publish(actor=WRITER, now=NOW, programme_id=draft.id)
    assert ProgrammeVersion.objects.count() == 0


def test_a_change_after_the_approval_needs_another_review(draft):
    approved(draft)
    services.save_draft(actor=WRITER, now=NOW, programme_id=draft.id, text=TEXT + "\n")
    with pytest.raises(ProgrammeStateError):
        services.publish(actor=WRITER, now=NOW, programme_id=draft.id)


def test_a_draft_may_be_wrong_but_is_not_submitted_so(draft):
    services.save_draft(actor=WRITER, now=NOW, programme_id=draft.id, text="programme: club\n")
    with pytest.raises(DocumentInvalidError):
        services.submit_draft(actor=WRITER, now=NOW, programme_id=draft.id)


def test_the_code_of_a_programme_never_changes_and_is_its_own(draft):
    services.save_draft(actor=WRITER, now=NOW, programme_id=draft.id, text=TEXT.replace("club", "other", 1))
    with pytest.raises(ProgrammeRefusedError, match="never changes"):
        services.submit_draft(actor=WRITER, now=NOW, programme_id=draft.id)
    with pytest.raises(ProgrammeRefusedError, match="already"):
        services.create_programme(actor=WRITER, now=NOW, text=TEXT)


def test_what_another_saved_meanwhile_is_not_overwritten(draft):
    services.save_draft(actor=REVIEWER, now=NOW, programme_id=draft.id, text=TEXT, expected_revision=1)
    with pytest.raises(DraftChangedError):
        services.save_draft(actor=WRITER, now=NOW, programme_id=draft.id, text="mine", expected_revision=1)
    draft.refresh_from_db()
    assert draft.draft_text == TEXT


def test_versions_roll_forward_only(draft):
    approved(draft)
    with pytest.raises(EffectiveTooEarlyError):
        services.publish(actor=WRITER, now=NOW, programme_id=draft.id, effective_at=NOW - timedelta(seconds=1))
    services.publish(actor=WRITER, now=NOW, programme_id=draft.id, effective_at=NOW + timedelta(days=2))
    services.save_draft(actor=WRITER, now=NOW, programme_id=draft.id, text=TEXT + LADDER)
    approved(draft)
    with pytest.raises(EffectiveTooEarlyError):
        services.publish(actor=WRITER, now=NOW, programme_id=draft.id, effective_at=NOW + timedelta(days=1))
    services.publish(actor=WRITER, now=NOW, programme_id=draft.id, effective_at=NOW + timedelta(days=3))
    timeline = queries.versions_in_force()
    at = [NOW + timedelta(days=day) for day in (1, 2, 3)]
    assert [[one.number for one in timeline.at(moment)] for moment in at] == [[], [1], [2]]


def test_an_archived_programme_earns_nothing_from_then_on(draft):
    approved(draft)
    services.publish(actor=WRITER, now=NOW, programme_id=draft.id)
    services.archive_programme(actor=WRITER, now=NOW + timedelta(days=1), programme_id=draft.id)
    timeline = queries.versions_in_force()
    assert [one.number for one in timeline.at(NOW)] == [1]
    assert timeline.at(NOW + timedelta(days=1)) == []
    with pytest.raises(ProgrammeStateError):
        services.save_draft(actor=WRITER, now=NOW, programme_id=draft.id, text=TEXT)


# --- in words

NEW = """rules:
  - code: base
    name: Base
    effect: {type: points_per_amount, points: 2, amount: 10}
    caps: [{per: member, period: day, points: 500}]
  - code: weekend
    name: {en: Weekend double, zh: 周末双倍}
    when: {field: time.weekday, operator: any_of, value: [saturday, sunday]}
    effect: {type: multiplier, factor: 2}
"""


def test_what_a_draft_changes_is_said_in_words(company):
    old, new = read_document(TEXT + LADDER), read_document(HEAD + NEW + LADDER.replace("spend: 100}", "spend: 200}"))
    assert [one.sentence for one in words.changes(old, new)] == [
        "Rule “Base”, Effect: “1 point for every ¥1 (rounded down for the order)” becomes"
        " “2 points for every ¥10 (rounded down for the order)”",
        "Rule “Base”, Caps: “at most 500 points per member and day” was added",
        "Rule “Weekend double” is new: 2 times the points; Weekday is one of Saturday or Sunday",
        "Tier “Silver”, To reach: “spend of ¥100” becomes “spend of ¥200”",
    ]
    assert words.changes(old, old) == []
    assert [one.sentence for one in words.changes(read_document(HEAD + NEW), read_document(TEXT))][-1] == (
        "Rule “Weekend double” has gone: 2 times the points; Weekday is one of Saturday or Sunday"
    )


def test_the_same_in_chinese(company):
    old, new = read_document(TEXT), read_document(HEAD + NEW)
    with translation.override("zh-hans"):
        assert [one.sentence for one in words.changes(old, new)] == [
            "规则“Base”的效果：“每 ¥1 得 1 积分（按订单向下取整）”改为“每 ¥10 得 2 积分（按订单向下取整）”",
            "规则“Base”的上限：新增“每位会员每天最多 500 积分”",
            "新增规则“周末双倍”：2 倍积分；星期是星期六或星期日",
        ]


@pytest.mark.parametrize(("goal", "said", "chinese"), [
    ("counts: times, goal: 8, period: month", "8 times within a month", "每月 8 次"),
    ("counts: amount, goal: 30, period: week", "spend ¥30 within a week", "每周消费 ¥30"),
    ("counts: items, goal: 3, period: quarter", "buy 3 pieces within a quarter", "每季度购买 3 件"),
    ("counts: items, goal: 3", "buy 3 pieces", "购买 3 件"),
])  # fmt: skip
def test_what_a_challenge_asks_for_in_both_languages(goal, said, chinese):
    challenge = f"{{code: more, name: {{en: More, zh: 更多}}, {goal}, reward: {{type: fixed, points: 5}}}}"
    document = read_document(f"{TEXT}challenges: [{challenge}]\n")
    with translation.override("en"):
        assert effect_words.goal(document.challenges[0], document) == said
    with translation.override("zh-hans"):
        assert effect_words.goal(document.challenges[0], document) == chinese


@pytest.mark.parametrize(("values", "said"), [
    ({"reached": 3, "goal": 4, "counts": "streak"}, "3 of 4"),
    ({"reached": 4, "goal": 4, "counts": "streak"}, "4 of 4"),
    ({"reached": 10, "goal": 4, "counts": "streak"}, "10 of 12"),
])  # fmt: skip
def test_what_repeats_is_told_up_to_its_next_time(values, said):
    speaker = words.Speaker(read_document(TEXT))
    assert speaker.outcome(RuleOutcome("base", Reason.NOT_YET, 0, values)) == said


def test_money_that_a_condition_found_is_told_as_money():
    condition = {"field": "order.net_amount", "operator": "at_least", "value": "100"}
    outcome = RuleOutcome("base", Reason.CONDITION, 0, {"condition": condition, "value": "1.9900"})
    said = words.Speaker(read_document(TEXT)).outcome(outcome)
    assert said == "not met: Order amount is at least ¥100 (it was: ¥1.99)"
