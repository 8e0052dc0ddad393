"""The segment screens: list, editor, live count, review, members, versions."""

import json
from typing import Any

import pytest
from django.urls import reverse

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.console.conftest import NOW, SignIn
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.jobs.models import Job
from troth.segments import queries, refreshing, services
from troth.segments.errors import SegmentTooSlowError
from troth.segments.models import Segment, SegmentVersion

ACTOR = system_actor("test")
SHANGHAI: dict[str, Any] = {"field": "address.city", "operator": "is", "value": "Shanghai"}


@pytest.fixture
def wang(company: Any) -> Customer:
    return customers.create_customer(actor=ACTOR, now=NOW, name="王小明", city="Shanghai")


@pytest.fixture
def segment(wang: Customer) -> Segment:
    """A published segment with one member."""
    made = services.create_segment(actor=ACTOR, now=NOW, name="In Shanghai", name_zh="上海客户", definition=SHANGHAI)
    services.publish(actor=ACTOR, now=NOW, segment_id=made.id)
    refreshing.refresh_members(actor=ACTOR, now=NOW, segment_id=made.id)
    return queries.segment(made.id)


def page(browser: Any, name: str, *args: Any, **data: Any) -> str:
    answer = browser.get(reverse(f"segments:{name}", args=args), data)
    assert answer.status_code == 200
    return str(answer.content.decode())


def count(browser: Any, definition: Any) -> str:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    answer = browser.post(reverse("segments:preview"), {"definition": text}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.slow
def test_the_list_says_what_a_segment_means_and_how_many_are_in_it(sign_in: SignIn, segment: Segment):
    text = page(sign_in(), "index")
    assert "In Shanghai" in text
    assert "City is “Shanghai”" in text
    assert reverse("segments:members", args=[segment.id]) in text
    assert "Birthday next month" in text
    chinese = page(sign_in(language="zh-hans"), "index")
    assert "上海客户" in chinese
    assert "城市是“Shanghai”" in chinese


@pytest.mark.slow
def test_an_empty_list_offers_ready_made_ones(sign_in: SignIn):
    browser = sign_in()
    text = page(browser, "index")
    assert "No segments yet" in text
    assert "?start=first-buyers" in text
    filled = page(browser, "new", start="first-buyers")
    assert "First-time buyers of the last 30 days" in filled
    assert "近 30 天首购客户" in filled
    assert '"orders.first_date"' in filled


@pytest.mark.slow
def test_the_live_count_shows_people_and_what_is_missing(sign_in: SignIn, wang: Customer):
    browser = sign_in()
    text = count(browser, SHANGHAI)
    assert "<b>1</b>" in text
    assert "王小明" in text
    wrong = count(browser, {"all": [SHANGHAI, {"field": "address.city", "operator": "is"}]})
    assert "City: give a text that is not empty" in wrong
    assert '["all[1].value"]' in wrong
    for nonsense in ("", "{", "[" * 5000, '{"all": "x"}', "x" * 300_000):
        assert "Not complete yet" in count(browser, nonsense)
    assert "Nobody fits at the moment" in count(browser, SHANGHAI | {"value": "Nowhere"})


@pytest.mark.slow
def test_names_are_masked_for_those_who_may_not_see_them(sign_in: SignIn, segment: Segment):
    analyst = sign_in(Role.ANALYST)
    pages = [page(analyst, name, segment.id) for name in ("members", "detail")]
    for text in (count(analyst, {"all": []}), *pages):
        assert "王••" in text
        assert "王小明" not in text


@pytest.mark.slow
def test_who_may_not_see_personal_data_may_not_ask_by_them(sign_in: SignIn, segment: Segment):
    analyst = sign_in(Role.ANALYST)
    text = count(analyst, SHANGHAI)
    assert "“City” (address.city) is personal data" in text
    assert "王" not in text
    assert '"address.city"' not in page(analyst, "new")
    assert '"address.country"' in page(analyst, "new")
    suggested = analyst.get(reverse("segments:suggest"), {"field": "address.city", "q": ""}).json()
    assert suggested == {"values": []}


def test_a_count_that_takes_too_long_says_what_to_do(sign_in: SignIn, wang: Customer, monkeypatch: pytest.MonkeyPatch):
    def slow(*_args: Any, **_more: Any) -> None:
        raise SegmentTooSlowError(10)

    monkeypatch.setattr(queries, "preview", slow)
    assert "Counting was stopped after 10 seconds" in count(sign_in(), SHANGHAI)


@pytest.mark.slow
def test_a_segment_is_made_reviewed_and_published(sign_in: SignIn, wang: Customer):
    browser = sign_in(Role.MANAGER)
    data = {"name": "Shanghai", "definition": json.dumps(SHANGHAI), "next": "review"}
    answer = browser.post(reverse("segments:new"), data)
    made = Segment.objects.get()
    assert answer.headers["Location"] == reverse("segments:review", args=[made.id])
    assert made.owner_id == browser.user.id
    text = page(browser, "review", made.id)
    assert "After publishing" in text
    assert "<dd>1</dd>" in text
    answer = browser.post(reverse("segments:review", args=[made.id]), {"note": "first", "revision": made.revision})
    assert answer.headers["Location"] == reverse("segments:detail", args=[made.id])
    assert SegmentVersion.objects.get().note == "first"
    assert "The members will be worked out" in page(browser, "detail", made.id)
    status = browser.get(reverse("segments:status", args=[made.id]))
    assert "HX-Refresh" not in status.headers
    Job.objects.all().delete()
    assert browser.get(reverse("segments:status", args=[made.id])).headers["HX-Refresh"] == "true"


@pytest.mark.slow
def test_a_refused_form_keeps_what_was_entered(sign_in: SignIn, segment: Segment):
    browser = sign_in()
    data = {"name": "In Shanghai", "description": "mine", "definition": json.dumps(SHANGHAI)}
    answer = browser.post(reverse("segments:new"), data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a segment named “In Shanghai” already" in text
    assert 'value="mine"' in text
    assert '"address.city"' in text
    assert Segment.objects.count() == 1


@pytest.mark.slow
def test_a_draft_opened_before_another_saved_it_is_refused(sign_in: SignIn, segment: Segment):
    browser = sign_in()
    data = {"name": "In Shanghai", "definition": json.dumps({"all": []}), "revision": segment.revision - 1}
    answer = browser.post(reverse("segments:edit", args=[segment.id]), data)
    assert answer.status_code == 422
    assert "Somebody saved this segment" in answer.content.decode()
    assert queries.segment(segment.id).draft is None


@pytest.mark.slow
def test_versions_tell_what_changed(sign_in: SignIn, segment: Segment):
    beijing = SHANGHAI | {"value": "Beijing"}
    services.save_draft(actor=ACTOR, now=NOW, segment_id=segment.id, definition=beijing)
    browser = sign_in()
    review = page(browser, "review", segment.id)
    assert "City is “Shanghai”" in review
    assert "City is “Beijing”" in review
    services.publish(actor=ACTOR, now=NOW, segment_id=segment.id, note="Moved")
    text = page(browser, "versions", segment.id)
    assert text.index("Version 2") < text.index("Moved") < text.index("Removed:") < text.index("Version 1")


@pytest.mark.slow
def test_archiving_and_taking_into_use_again(sign_in: SignIn, segment: Segment):
    browser = sign_in()
    browser.post(reverse("segments:archive", args=[segment.id]))
    assert "No segments yet" in page(browser, "index")
    assert "In Shanghai" in page(browser, "index", show="archived")
    assert "This segment is archived" in page(browser, "detail", segment.id)
    browser.post(reverse("segments:restore", args=[segment.id]))
    assert queries.segment(segment.id).archived_at is None


def test_suggestions_are_values_that_occur(sign_in: SignIn, wang: Customer):
    browser = sign_in()

    def suggested(**query: str) -> Any:
        return browser.get(reverse("segments:suggest"), query).json()["values"]

    assert suggested(field="address.city", q="sha") == ["Shanghai"]
    assert suggested(field="goods.spend", param="brands", q="") == []
    assert suggested(field="no.such") == []


@pytest.mark.slow
def test_who_may_only_look_finds_no_way_to_change(sign_in: SignIn, segment: Segment):
    agent = sign_in(Role.AGENT)
    text = page(agent, "detail", segment.id)
    assert "Archive" not in text
    for name, args in (("new", []), ("edit", [segment.id]), ("review", [segment.id])):
        assert agent.get(reverse(f"segments:{name}", args=args)).status_code == 403
    for name in ("archive", "refresh", "discard", "restore"):
        assert agent.post(reverse(f"segments:{name}", args=[segment.id])).status_code == 403
    assert sign_in(Role.CLERK).get(reverse("segments:index")).status_code == 403


def test_the_palette_finds_segments_in_either_language(sign_in: SignIn, segment: Segment):
    for query in ("shang", "上海客"):
        text = sign_in(language="en" if query == "shang" else "zh-hans").get(reverse("console:search"), {"q": query})
        assert reverse("segments:detail", args=[segment.id]) in text.content.decode()


@pytest.mark.slow
def test_why_somebody_is_in_or_not_is_told_with_their_own_values(sign_in: SignIn, segment: Segment, wang: Customer):
    other = customers.create_customer(actor=ACTOR, now=NOW, name="李静", city="Beijing")
    browser = sign_in()
    text = page(browser, "why", segment.id, wang.id)
    assert "Why 王小明 is in “In Shanghai”" in text
    assert "here: “Shanghai”" in text
    assert 'aria-label="is met"' in text
    text = page(browser, "why", segment.id, other.id)
    assert "Why 李静 is not in “In Shanghai”" in text
    assert "here: “Beijing”" in text
    assert 'aria-label="is not met"' in text
    assert reverse("segments:why", args=[segment.id, wang.id]) in page(browser, "members", segment.id)
    card = browser.get(f"/customers/{other.id}/").content.decode()
    assert f'<option value="{segment.id}">In Shanghai</option>' in card
    chosen = browser.get(reverse("segments:choose", args=[other.id]), {"segment": str(segment.id)})
    assert chosen.headers["Location"] == reverse("segments:why", args=[segment.id, other.id])


@pytest.mark.slow
def test_the_customer_s_page_opens_the_reasons_in_place(sign_in: SignIn, segment: Segment, wang: Customer):
    browser = sign_in()
    url = reverse("segments:why", args=[segment.id, wang.id])
    assert (
        f'hx-get="{url}" hx-trigger="toggle from:closest details once"'
        in browser.get(reverse("customers:customer", args=[wang.id])).content.decode()
    )

    lines = browser.get(url, headers={"HX-Request": "true"}).content.decode()

    assert "City is “Shanghai”" in lines
    assert "here: “Shanghai”" in lines
    assert "<html" not in lines


def test_why_does_not_tell_what_is_masked(sign_in: SignIn, segment: Segment, wang: Customer):
    text = page(sign_in(Role.ANALYST), "why", segment.id, wang.id)
    assert "here: “Shanghai”" not in text
    assert "王小明" not in text


def test_why_says_where_the_stored_members_are_older(sign_in: SignIn, segment: Segment, wang: Customer):
    customers.update_customer(actor=ACTOR, now=NOW, customer_id=wang.id, city="Beijing")
    assert "The next renewal takes the customer out." in page(sign_in(), "why", segment.id, wang.id)
