"""Who has not bought yet, on screen: rungs below the buyers on the ladder, their list, and the page of one of them."""

import pytest

from troth.access.permissions import Role
from troth.customers.models import AttributeDefinition, CustomerAttribute
from troth.insights.models import ReportFrame
from troth.insights.prospect_models import Prospect
from troth.insights.tests.making import NOW, make_customer
from troth.kit.ids import new_id

from .test_outlook_screens import TODAY, get, option, row_of, store, text_of

pytestmark = pytest.mark.django_db


def measured(*rows):
    run = store()
    ReportFrame.objects.filter(run=run, name="ladder").update(
        rows=[["first_time_buyer", 3, 0.75, "30.0000", 0.6], ["at_least_repeat_buyer", 1, 0.25, "20.0000", 0.4]]
    )
    ReportFrame.objects.create(run=run, name="prospects", columns=["rung", "source", "customers"], rows=list(rows))


def stands(owner, rung, reason, source="form"):
    Prospect.objects.create(
        owner_id=owner, run_id=new_id(), as_of_date=TODAY, computed_at=NOW, rung=rung, reason=reason, source=source,
        known_date=TODAY,
    )  # fmt: skip


def test_the_ladder_begins_with_those_who_have_not_bought_and_they_have_no_share_of_buyers(sign_in, company):
    measured(["suspect", "form", 5], ["suspect", "", 2], ["prospect", "api", 4])
    page = get(sign_in(), "loyalty")
    assert row_of(page, "ladder", "Suspect") == "Suspect 7 – – –"
    assert row_of(page, "ladder", "First-time buyer") == "First-time buyer 3 75.0% ¥30.00 60.0%"
    assert "/value/prospects/?rung=prospect" in page
    assert sorted(option(page, "ladder")["yAxis"]["data"]) == sorted(
        ["Suspect", "Prospect", "First-time buyer", "At least repeat buyer"]
    )


def test_without_them_the_ladder_is_that_of_the_buyers(sign_in, company):
    measured()
    assert "Suspect" not in text_of(get(sign_in(), "loyalty").split('id="ladder"')[1])


def moved(**tables):
    run = store()
    ReportFrame.objects.filter(run=run, name__in=["ladder_flow", "waterfall"]).delete()
    for name, rows in tables.items():
        ReportFrame.objects.create(run=run, name=name, columns=["before", "rung", "customers"], rows=rows)
    days = {"start": "2026-01-30", "end": "2026-03-01"}
    ReportFrame.objects.create(run=run, name="waterfall", columns=["step", "customers"], rows=[], facts=days)


def test_the_moves_of_a_month_name_the_rungs_below_the_first_purchase(sign_in, company):
    below = [["suspect", "prospect", 4], ["", "suspect", 6], ["prospect", "first_time_buyer", 1]]
    bought = [["", "first_time_buyer", 3], ["first_time_buyer", "at_least_repeat_buyer", 2]]
    moved(ladder_flow=bought, prospect_flow=below)
    page = get(sign_in(), "lifecycle")
    table = text_of(page.split('id="ladder-flow"')[1])
    for row in (
        "Suspect Prospect 4", "Not yet known Suspect 6", "Prospect First-time buyer 1",
        "First-time buyer At least repeat buyer 2",
    ):  # fmt: skip
        assert row in table
    assert "Not yet a buyer" not in table
    flows = {(one["source"], one["target"]): one["url"] for one in option(page, "ladder-flow")["series"][0]["links"]}
    assert flows["before-suspect", "now-prospect"] == "/value/prospects/?rung=prospect"
    assert "rung_before=no_buyer" in flows["before-prospect", "now-first_time_buyer"]


def test_without_prospects_the_moves_begin_with_who_had_not_bought(sign_in, company):
    moved(ladder_flow=[["", "first_time_buyer", 3]])
    table = text_of(get(sign_in(), "lifecycle").split('id="ladder-flow"')[1])
    assert "Not yet a buyer First-time buyer 3" in table


def test_they_are_listed_by_rung_with_the_reason(sign_in, company):
    measured(["suspect", "form", 1], ["prospect", "api", 1])
    ann, bo = make_customer(name="Ann Stone"), make_customer(name="Bo Reed")
    stands(ann, "suspect", "need_or_means_not_known")
    stands(bo, "prospect", "needs_and_can_pay", "api")
    browser = sign_in()
    everybody = text_of(get(browser, "prospects"))
    assert "Ann Stone Suspect Whether they need it and can pay is not known. form" in everybody
    assert "Bo Reed Prospect Needs it and can pay for it. api" in everybody
    some = text_of(browser.get("/value/prospects/?rung=prospect").content.decode())
    assert "Bo Reed" in some
    assert "Ann Stone" not in some
    assert "Nobody stands here" in browser.get("/value/prospects/?rung=disqualified_prospect").content.decode()


def test_before_the_first_analysis_the_list_says_so(sign_in, company):
    assert "Not analysed yet" in text_of(get(sign_in(), "prospects"))


def test_the_list_needs_both_permissions(sign_in, company):
    assert sign_in(Role.CLERK).get("/value/prospects/").status_code == 403


def test_ones_page_tells_the_rung_and_what_to_ask(sign_in, company):
    ann = make_customer(name="Ann Stone")
    browser = sign_in()
    text = text_of(browser.get(f"/customers/{ann}/").content.decode())
    assert "Not a buyer yet Suspect Whether they need it and can pay is not known. Ask on the next contact" in text
    for code in ("has_need", "able_to_pay"):
        kept = AttributeDefinition.objects.create(code=code, label=code, attribute_type="boolean")
        CustomerAttribute.objects.create(
            owner_id=ann, definition=kept, updated_at=NOW, boolean_value=code == "has_need"
        )
    text = text_of(browser.get(f"/customers/{ann}/").content.decode())
    assert "Not a buyer yet Disqualified prospect Cannot pay for it." in text
    assert "Ask on the next contact" not in text
