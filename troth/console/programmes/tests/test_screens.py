"""The programme screens: list, draft with errors at the line, live example, review, versions, the ladder."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import translation

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.activity.orders import NewLine, NewOrder
from troth.console.conftest import Browser, SignIn
from troth.console.programmes.list_views import code_from
from troth.console.programmes.starters import STARTERS, starter
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.ledger import services as ledger
from troth.ledger.currencies import CurrencyRules
from troth.programs import nearness, queries, services
from troth.programs.document.reading import read_document
from troth.programs.models import DraftState, Programme, TierGrant
from troth.sales import services as sales

ACTOR = system_actor("test")
START = datetime(2026, 1, 1, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 6, 4, tzinfo=UTC)
TEXT = """programme: club
name: {en: Club, zh: 会员俱乐部}
currency: CNY
unit_costs: {points: 0.01}
rules:
  - code: base
    name: {en: One per yuan, zh: 一元一分}
    effect: {type: points_per_amount, points: 1}
  - code: weekend
    name: {en: Weekend ×2, zh: 周末双倍}
    when: {field: time.weekday, operator: any_of, value: [saturday, sunday]}
    effect: {type: multiplier, factor: 2}
tiers:
  ladder:
    - {code: basic, name: {en: Basic, zh: 普卡}}
    - {code: silver, name: {en: Silver, zh: 银卡}, reach: {spend: 1000}}
"""
LINE = {"line_category": "", "line_sku": "", "line_brand": "", "line_amount": "126", "line_quantity": "1"}


@pytest.fixture
def programme(company: Any) -> Programme:
    """A published programme in a point currency."""
    rules = CurrencyRules(name="Points", time_zone="Asia/Shanghai")
    ledger.create_currency(actor=ACTOR, now=START, code="points", rules=rules)
    row = services.establish(actor=ACTOR, now=START, text=TEXT, effective_at=START, reviewed_by="system:other")
    return row.programme


def bought(amount: str, number: str = "R1") -> Customer:
    """Return a customer who bought for so much on a Friday."""
    person = customers.create_customer(actor=ACTOR, now=START, name="王小明")
    line = NewLine(1, Decimal(1), Decimal(amount), Decimal(amount), category="Dairy")
    order = NewOrder("till", number, person.id, FRIDAY, "CNY", (line,))
    [sold] = sales.record_orders([order], actor=ACTOR, now=FRIDAY + timedelta(seconds=1))
    assert sold.error is None
    return person


def page(browser: Browser, name: str, *args: Any, **data: Any) -> str:
    answer = browser.get(reverse(f"programmes:{name}", args=args), data)
    assert answer.status_code == 200
    return str(answer.content.decode())


def asked(browser: Browser, name: str, programme_id: UUID, **data: Any) -> str:
    answer = browser.post(reverse(f"programmes:{name}", args=[programme_id]), data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return str(answer.content.decode())


def do(browser: Browser, view: str, /, *args: Any, **data: Any) -> Any:
    return browser.post(reverse(f"programmes:{view}", args=args), data)


# --- the list and a new one


@pytest.mark.parametrize("code", [one.code for one in STARTERS])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_ready_made_programme_is_right_in_any_currency(company: Any, code: str, language: str):
    with translation.override(language):
        text = starter(code).text(
            programme="my-club", name='The "Club"', name_zh="会员", currency="USD", points="stars"
        )
    document = read_document(text)
    assert (document.programme, document.name.en, document.name.zh) == ("my-club", 'The "Club"', "会员")
    assert (document.currency, document.points, list(document.unit_costs)) == ("USD", "stars", ["stars"])


def test_the_empty_list_offers_ready_made_ones(sign_in: SignIn):
    text = page(sign_in(), "index")
    assert "No programme yet" in text
    assert "?start=prestige" in text


def test_the_list_shows_what_is_in_force(sign_in: SignIn, programme: Programme):
    bought("126")
    text = page(sign_in(language="zh-hans"), "index")
    assert "会员俱乐部" in text
    assert "第 1 版" in text
    assert f'{reverse("programmes:tier_people", args=[programme.id])}">1</a>' in text


@pytest.mark.slow
def test_a_new_programme_begins_as_a_draft(sign_in: SignIn, company: Any):
    browser = sign_in()
    answer = do(browser, "new", start="visits", name="Coffee Friends", name_zh="咖啡会", points="points")
    made = Programme.objects.get()
    assert answer.headers["Location"] == reverse("programmes:edit", args=[made.id])
    assert (made.code, made.draft_state, made.version_number) == ("coffee-friends", DraftState.EDITING, 0)
    again = do(browser, "new", start="visits", name="Coffee Friends", points="points")
    assert again.status_code == 422
    assert "There is a programme “coffee-friends” already" in again.content.decode()
    assert Programme.objects.count() == 1


@pytest.mark.parametrize(("name", "code"), [("My Club!", "my-club"), ("会员", "programme"), ("--", "programme")])
def test_a_code_is_made_from_the_name(name: str, code: str):
    assert code_from(name) == code


# --- the draft


@pytest.mark.slow
def test_errors_are_named_at_their_line(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    text = asked(browser, "check", programme.id, text=TEXT.replace("points: 1}", "points: many}"))
    assert 'data-line="8"' in text
    assert "rules[0].effect.points" in text
    assert '<script id="problem-lines" type="application/json">[8]</script>' in text
    right = asked(browser, "check", programme.id, text=TEXT.replace("factor: 2}", "factor: 3}"))
    assert "No errors" in right
    assert "3 times the points" in right
    for nonsense in ("", "{", "- 1", "a: [" * 40, "x" * 600_000):
        assert "error" in asked(browser, "check", programme.id, text=nonsense)


@pytest.mark.slow
def test_a_draft_is_kept_also_while_it_is_wrong(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    do(browser, "edit", programme.id, text="rules: [\r\n", revision=str(programme.revision), next="")
    programme.refresh_from_db()
    assert (programme.draft_text, programme.draft_state) == ("rules: [\n", DraftState.EDITING)
    assert "rules: [" in page(browser, "edit", programme.id)
    assert "cannot be read yet" not in page(browser, "detail", programme.id)  # version 1 is in force


def test_what_another_saved_is_not_overwritten(sign_in: SignIn, programme: Programme):
    services.save_draft(actor=ACTOR, now=START, programme_id=programme.id, text=TEXT)
    answer = do(sign_in(), "edit", programme.id, text="mine", revision=str(programme.revision))
    assert answer.status_code == 409
    assert "mine</textarea>" in answer.content.decode()
    programme.refresh_from_db()
    assert programme.draft_text == TEXT


@pytest.mark.slow
def test_who_may_only_look_saves_nothing(sign_in: SignIn, programme: Programme):
    agent = sign_in(Role.AGENT)
    assert "readonly" in page(agent, "edit", programme.id)
    do(agent, "edit", programme.id, text="mine", revision=str(programme.revision))
    programme.refresh_from_db()
    assert programme.draft_text == ""
    assert do(agent, "submit", programme.id).status_code == 403


# --- the live example


@pytest.mark.slow
def test_a_basket_says_what_it_earns_and_why_not_more(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    weekday = LINE | {"text": TEXT, "at": "2026-11-20T12:00"}
    text = asked(browser, "example", programme.id, **weekday)
    assert "This basket earns <b>126</b>" in text
    assert "Weekend ×2" in text.split("Did not fire")[1]
    saturday = asked(browser, "example", programme.id, **weekday | {"at": "2026-11-21T12:00"})
    assert "This basket earns <b>252</b>" in saturday
    assert "Costs ¥2.52, 2.0% of the basket" in saturday
    tripled = TEXT.replace("factor: 2}", "factor: 3}")
    other = asked(browser, "example", programme.id, **weekday | {"at": "2026-11-21T12:00", "text": tripled})
    assert "<b>378</b>" in other
    assert "Version 1, in force now: 252" in other
    chinese = asked(sign_in(language="zh-hans"), "example", programme.id, **weekday)
    assert "此购物篮可得 <b>126</b>" in chinese


@pytest.mark.slow
@pytest.mark.parametrize(("number", "earned"), [("1", 226), ("2", 126), ("3", 126)])
def test_a_made_up_member_is_at_the_order_of_that_number(sign_in: SignIn, programme: Programme, number, earned):
    rule = "  - {code: hello, name: {en: Hello, zh: 入会礼}, nth: {at: 1}, effect: {type: fixed, points: 100}}\n"
    text = TEXT.replace("tiers:", f"{rule}tiers:")
    shown = asked(sign_in(), "example", programme.id, **LINE, text=text, at="2026-11-20T12:00", order_number=number)
    assert f"This basket earns <b>{earned}</b>" in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"line_amount": "much"}, "Line 1: amount: “much” is no number"),
        ({"line_amount": "NaN"}, "is no number"),
        ({"line_amount": "1e30"}, "is no number"),
        ({"line_quantity": "0"}, "give a quantity above 0"),
        ({"at": "yesterday"}, "is no day and time"),
        ({"order_number": "-1"}, "is no whole number"),
        ({"text": "rules: ["}, "The text has errors"),
    ],
)
def test_an_example_that_cannot_be_meant_says_so(sign_in: SignIn, programme: Programme, wrong: Any, said: str):
    given = LINE | {"text": TEXT, "at": "2026-11-20T12:00"} | wrong
    assert said in asked(sign_in(), "example", programme.id, **given)


@pytest.mark.slow
def test_a_real_order_is_tried_as_the_member_stood_before_it(sign_in: SignIn, programme: Programme):
    person = bought("1200")
    browser = sign_in()
    hits = page(browser, "orders", programme.id, q="R1")
    assert "王小明" in hits
    assert "R1" in page(browser, "orders", programme.id, q="王小明")
    assert "No order is called" in page(browser, "orders", programme.id, q="R2")
    order_id = hits.split('"pick": "')[1].split('"')[0]
    silver = TEXT.replace("any_of, value: [saturday, sunday]", "any_of, value: [friday]").replace(
        "time.weekday, operator: any_of, value: [friday]", "member.tier, operator: any_of, value: [silver]"
    )
    text = asked(browser, "example", programme.id, text=silver, pick=order_id)
    assert "This basket earns <b>1,200</b>" in text  # silver only since this very order
    assert f'value="{order_id}"' in text
    assert reverse("customers:customer", args=[person.id]) in text


# --- review and versions


@pytest.mark.slow
def test_one_writes_another_reviews_then_it_is_published(sign_in: SignIn, programme: Programme):
    bought("900")
    writer, reviewer = sign_in(Role.ANALYST), sign_in(Role.CONTROLLER)
    easier = TEXT.replace("spend: 1000", "spend: 800")
    do(writer, "edit", programme.id, text=easier, revision=str(programme.revision))
    assert "What changes against version 1" in page(writer, "review", programme.id)
    effect = page(writer, "effect", programme.id)
    assert "Basic → Silver" in effect
    assert "王••" in effect
    do(writer, "submit", programme.id)
    assert "another person has to review it" in page(writer, "review", programme.id)
    assert do(writer, "decide", programme.id, decision="approve").status_code == 403
    assert "Say what should change" in refusal(do(reviewer, "decide", programme.id, decision="reject"), reviewer)
    do(reviewer, "decide", programme.id, decision="approve")
    do(reviewer, "publish", programme.id, when="now", note="Silver for more people")
    programme.refresh_from_db()
    assert (programme.version_number, programme.draft_state) == (2, DraftState.NONE)
    text = page(writer, "versions", programme.id)
    assert "Silver for more people" in text
    assert "spend of ¥800" in text
    assert "spend: 800" in page(writer, "version", programme.id, 2)


def refusal(answer: Any, browser: Browser) -> str:
    """Return the note of a refusal, on the page one is sent back to."""
    if answer.status_code < 400 and "Location" in answer.headers:
        answer = browser.get(answer.headers["Location"])
    return str(answer.content.decode())


def test_publishing_into_the_past_is_refused(sign_in: SignIn, programme: Programme):
    admin = sign_in()
    services.save_draft(actor=ACTOR, now=START, programme_id=programme.id, text=TEXT)
    services.submit_draft(actor=ACTOR, now=START, programme_id=programme.id)
    services.review_draft(actor=admin.user.actor, now=START, programme_id=programme.id, is_approved=True)
    answer = do(admin, "publish", programme.id, when="later", effective_at="2020-01-01T00:00")
    assert "cannot come into force" in refusal(answer, admin)
    assert "is no day and time" in refusal(do(admin, "publish", programme.id, when="later"), admin)
    programme.refresh_from_db()
    assert programme.version_number == 1


@pytest.mark.slow
def test_a_draft_is_discarded_and_a_programme_ended(sign_in: SignIn, programme: Programme):
    admin = sign_in()
    services.save_draft(actor=ACTOR, now=START, programme_id=programme.id, text="x")
    there = page(admin, "edit", programme.id)  # no way through the review: nothing of it can be read
    assert 'data-bs-target="#discard"' in there
    assert f'action="{reverse("programmes:discard", args=[programme.id])}"' in there
    do(admin, "discard", programme.id)
    programme.refresh_from_db()
    assert programme.draft_state == DraftState.NONE
    do(admin, "archive", programme.id)
    assert "会员俱乐部" in page(sign_in(language="zh-hans"), "index", show="archived")
    assert "it earns nothing any more" in page(admin, "detail", programme.id)


# --- the ladder


@pytest.mark.slow
def test_who_is_near_is_found_and_what_is_missing_said(sign_in: SignIn, programme: Programme):
    near = bought("900")
    bought("100", "R2")
    top = bought("1500", "R3")
    version = queries.version_at(programme.id, FRIDAY + timedelta(days=1))
    assert version is not None
    found = nearness.near_next(version, FRIDAY + timedelta(days=1), limit=10)
    assert [(one.owner_id, one.share) for one in found] == [(near.id, Decimal("0.9"))]
    review = nearness.up_for_review(programme.id, (FRIDAY + timedelta(days=400)).date())
    assert [row.owner_id for row in review] == [top.id]
    assert [row.owner_id for row in nearness.members(programme.id, "silver")] == [top.id]


@pytest.mark.slow
def test_who_is_near_is_the_same_however_many_owners_are_looked_at_at_once(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
):
    members = [bought("900"), *(bought(str(850 + number), f"R{number}") for number in range(2, 7))]
    version, now = queries.version_at(programme.id, FRIDAY + timedelta(days=1)), FRIDAY + timedelta(days=1)
    assert version is not None
    at_once = nearness.near_next(version, now, limit=10)
    monkeypatch.setattr(nearness, "OWNERS", 2)
    seen: list[int] = []
    assert nearness.near_next(version, now, limit=10, report=seen.append) == at_once
    assert (at_once[0].owner_id, len(at_once), seen) == (members[0].id, 6, [2, 4, 6])
    monkeypatch.setattr(nearness, "CANDIDATES", 3)
    assert nearness.near_next(version, now, limit=10) == at_once[:3]


@pytest.mark.slow
def test_of_many_members_the_list_of_who_is_near_is_kept(
    sign_in: SignIn, programme: Programme, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
):
    near, now = bought("900"), FRIDAY + timedelta(days=1)
    monkeypatch.setattr(nearness, "LIVE_UP_TO", 0)
    monkeypatch.setattr("troth.staff.models.Company.moment", lambda _company, _now: now)
    browser = sign_in()
    assert "has not been made yet" in page(browser, "tiers", programme.id)
    assert "too many members" in page(browser, "effect", saved(programme).id)
    with django_capture_on_commit_callbacks(execute=True):
        do(browser, "find_near", programme.id)
    run(Job.objects.get(name=nearness.JOB).id)
    text = page(browser, "tiers", programme.id)
    assert "where they stand is of now" in text
    assert "王小明" in text.split("Near the next tier")[1].split("Up for review")[0]
    version = queries.version_at(programme.id, now)
    assert version is not None
    assert [one.owner_id for one in nearness.near_list(version, now, limit=5).found] == [near.id]
    bought_more = [
        NewOrder("till", "R9", near.id, FRIDAY, "CNY", (NewLine(1, Decimal(1), Decimal(200), Decimal(200)),))
    ]
    sales.record_orders(bought_more, actor=ACTOR, now=now)
    assert nearness.near_list(version, now, limit=5).found == []  # reached it since the list was made


def saved(programme: Programme) -> Programme:
    """Return the programme with a draft."""
    return services.save_draft(actor=ACTOR, now=FRIDAY, programme_id=programme.id, text=TEXT)


@pytest.mark.slow
def test_the_ladder_leads_to_people_and_a_tier_is_granted(sign_in: SignIn, programme: Programme):
    person = bought("900")
    browser = sign_in()
    assert "Who holds which tier" in page(browser, "tiers", programme.id)
    listed = page(browser, "tier_people", programme.id, tier="basic")
    assert "王小明" in listed
    assert "Nobody here" in page(browser, "tier_people", programme.id, tier="silver")
    soon = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    do(browser, "grant", programme.id, person.id, tier="silver", until=soon, kind="match", reason="Other Club")
    grant = TierGrant.objects.get()
    assert (grant.tier, grant.grant_kind, grant.reason) == ("silver", "match", "Other Club")
    text = page(browser, "tier_member", programme.id, person.id)
    assert "Other Club" in text
    assert "granted by hand" in text
    assert "王小明" in page(browser, "tier_people", programme.id, tier="silver")
    do(browser, "revoke", programme.id, person.id)
    assert queries.memberships([person.id]).get().tier == "basic"
    assert "is no day" in refusal(do(browser, "grant", programme.id, person.id, tier="silver", until="soon"), browser)
    assert do(sign_in(Role.ANALYST), "grant", programme.id, person.id, tier="silver", until=soon).status_code == 403
    assert TierGrant.objects.count() == 1


def test_a_newcomer_is_led_to_the_currency_and_to_a_second_person(sign_in: SignIn, company: Any):
    admin = sign_in(Role.ADMIN)
    admin.post(reverse("programmes:new"), {"start": "club", "name": "Club", "code": "club", "points": "points"})
    url = reverse("programmes:review", args=[Programme.objects.get().id])
    html = admin.get(url).content.decode()
    assert f'href="{reverse("points:new_currency")}"' in html
    assert f'href="{reverse("staff:invite")}"' in html
    sign_in(Role.CONTROLLER)
    rules = CurrencyRules(name="Points", time_zone="Asia/Shanghai")
    ledger.create_currency(actor=ACTOR, now=START, code="points", rules=rules)
    html = admin.get(url).content.decode()
    assert f'href="{reverse("points:new_currency")}"' not in html
    assert f'href="{reverse("staff:invite")}"' not in html
