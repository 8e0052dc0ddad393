"""The time machine on the desk: asked for, watched, stopped, read, compared, taken home as CSV."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from troth.access.permissions import Role
from troth.console.conftest import Browser, SignIn
from troth.console.programmes.rehearsal_compare import _of
from troth.console.programmes.tests.test_screens import ACTOR, FRIDAY, TEXT, bought, do, page, programme, refusal
from troth.insights.models import Band
from troth.programs import services
from troth.programs.models import Programme
from troth.sales import rehearsals
from troth.sales.models import Rehearsal, RehearsalState

__all__ = ["programme"]  # the fixture

DAYS = {"from_date": "2026-03-01", "to_date": "2026-03-31"}


@pytest.fixture
def tripled(programme: Programme) -> Programme:
    """A draft in which every order earns three times as much, and silver asks for less."""
    text = TEXT.replace("points: 1}", "points: 3}").replace("spend: 1000", "spend: 800")
    return services.save_draft(actor=ACTOR, now=FRIDAY, programme_id=programme.id, text=text)


def done(run: Rehearsal) -> Rehearsal:
    """Return a rehearsal after the worker has run it."""
    return rehearsals.run_rehearsal(run, actor=ACTOR, report=lambda _done, _total: None)


def asked(browser: Browser, found: Programme, **data: Any) -> Rehearsal:
    do(browser, "rehearsals", found.id, **DAYS | data)
    return Rehearsal.objects.order_by("-created_at").first() or pytest.fail("no rehearsal")


@pytest.mark.slow
def test_a_rehearsal_is_watched_and_stopped(sign_in: SignIn, tripled: Programme):
    run = asked(sign_in(Role.ANALYST), tripled, name="Triple")
    assert (run.state, run.draft_text) == (RehearsalState.QUEUED, tripled.draft_text)
    browser = sign_in()
    text = page(browser, "rehearsal", tripled.id, run.id)
    assert reverse("programmes:rehearsal_progress", args=[tripled.id, run.id]) in text
    assert "<progress" in page(browser, "rehearsal_progress", tripled.id, run.id) or "job-progress" in text
    do(browser, "rehearsal_cancel", tripled.id, run.id)
    run.refresh_from_db()
    assert run.state == RehearsalState.CANCELLED
    assert "there is no report" in page(browser, "rehearsal", tripled.id, run.id)
    answer = browser.get(reverse("programmes:rehearsal_progress", args=[tripled.id, run.id]))
    assert answer.headers["HX-Refresh"] == "true"
    assert "has no result" in refusal(
        browser.get(reverse("programmes:rehearsal_csv", args=[tripled.id, run.id])), browser
    )


@pytest.mark.slow
def test_the_report_names_cost_people_tiers_and_rules(sign_in: SignIn, tripled: Programme):
    person = bought("900")
    run = done(asked(sign_in(Role.ANALYST), tripled, name="Triple"))
    browser = sign_in()
    text = page(browser, "rehearsal", tripled.id, run.id)
    assert "900 → 2,700" in text  # points of the only buyer
    assert set(re.findall(r'"symbol": "([^"]+)"', text)) == {r"\u00a5"}  # the sign, as everywhere, not the code
    assert reverse("customers:customer", args=[person.id]) in text
    assert "+200.0%" in text
    assert "Basic → Silver" in text
    assert "One per yuan" in text
    chinese = page(sign_in(language="zh-hans"), "rehearsal", tripled.id, run.id)
    assert "多得最多" in chinese
    lines = browser.get(reverse("programmes:rehearsal_csv", args=[tripled.id, run.id])).content.decode("utf-8-sig")
    assert "rule,base,points,2700,900" in lines
    assert f"member,{person.id},points,2700,900" in lines
    review = page(browser, "review", tripled.id)
    assert "1 order of 1 Mar 2026 to 31 Mar 2026" in review
    assert "+200.0%" in review


@pytest.mark.slow
def test_two_rehearsals_stand_beside_each_other(sign_in: SignIn, tripled: Programme):
    bought("900")
    analyst = sign_in(Role.ANALYST)
    first = done(asked(analyst, tripled, name="Triple"))
    services.save_draft(
        actor=ACTOR, now=FRIDAY, programme_id=tripled.id, text=tripled.draft_text.replace("points: 3}", "points: 4}")
    )
    second = done(asked(analyst, tripled, name="Fourfold"))
    browser = sign_in()
    text = page(browser, "rehearsal_compare", tripled.id, a=str(first.id), b=str(second.id))
    assert "2,700" in text
    assert "3,600" in text
    assert "+33.3%" in text
    assert "4 points for every ¥1" in text
    assert "different days" not in text
    assert "Points by rule" in text
    assert "Members by tier at the end" in text
    assert "Compare two of them" in page(browser, "rehearsals", tripled.id)


@pytest.mark.slow
def test_days_that_cannot_be_meant_are_refused(sign_in: SignIn, tripled: Programme):
    browser = sign_in()
    for days, said in (
        ({"from_date": "soon"}, "is no day"),
        ({"from_date": "2026-04-01"}, "lies after the last"),
    ):
        answer = do(browser, "rehearsals", tripled.id, **DAYS | days)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    do(sign_in(Role.AGENT), "rehearsals", tripled.id, **DAYS)
    assert Rehearsal.objects.count() == 0


@pytest.mark.slow
def test_a_rehearsal_of_another_programme_is_not_shown(sign_in: SignIn, tripled: Programme):
    run = asked(sign_in(Role.ANALYST), tripled)
    other = services.create_programme(actor=ACTOR, now=FRIDAY, text=TEXT.replace("programme: club", "programme: other"))
    answer = sign_in().get(reverse("programmes:rehearsal", args=[other.id, run.id]))
    assert answer.status_code == 404


@pytest.mark.slow
def test_handing_in_a_draft_has_its_cost_worked_out(sign_in: SignIn, tripled: Programme):
    analyst, reviewer = sign_in(Role.ANALYST), sign_in(Role.CONTROLLER)
    before = page(analyst, "review", tripled.id)
    assert "has not been rehearsed" in before
    assert "Who may review it: controller en." in before
    do(analyst, "submit", tripled.id)
    run = Rehearsal.objects.get()
    assert (run.draft_text, (run.to_date - run.from_date).days) == (tripled.draft_text, 27)
    assert "lived through again under this draft" in page(reviewer, "cost", tripled.id)
    assert 'hx-trigger="every 2s"' in page(reviewer, "cost", tripled.id)
    done(run)
    text = page(reviewer, "cost", tripled.id)
    assert "hx-trigger" not in text
    assert "Cost of the points" in text
    do(reviewer, "review_rehearse", tripled.id)
    assert Rehearsal.objects.count() == 2
    do(sign_in(Role.AGENT), "review_rehearse", tripled.id)
    assert Rehearsal.objects.count() == 2


def test_value_bands_are_compared_from_the_best_to_the_least():
    def amounts(*names):
        return {name: Decimal(1) for name in names}

    found = _of(amounts("new", "", "gold"), amounts("diamond", "gold", "ordinary"), str, order=Band.values)
    assert [one.label for one in found] == ["diamond", "gold", "ordinary", "new", ""]
