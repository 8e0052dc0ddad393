"""Who brings whom: the trees, the tables behind them, the person they lead to, and what is said where nothing is."""

from decimal import Decimal

import polars as pl
import pytest
from django.urls import reverse

from troth import value
from troth.insights import introductions
from troth.insights.models import Introduction, ReportFrame
from troth.insights.tests.making import NOW, make_company, make_customer, make_outlook
from troth.kit.ids import new_id

from .test_outlook_screens import TODAY, get, option, row_of, store, text_of

pytestmark = pytest.mark.django_db
PROFITS = {"ann": 40, "bo": 100, "cy": 25, "di": 60}
LINKS = {"bo": "ann", "cy": "ann", "di": "bo"}


@pytest.fixture
def company():
    return make_company()


@pytest.fixture
def chain(company):
    """Ann brought Bo and Cy, Bo brought Di; what is credited is told by the library, as in an analysis."""
    people = {name: make_customer(name=f"{name.title()} Stone") for name in PROFITS}
    rows = [{"customer_id": str(people[name]), "profit": float(made)} for name, made in PROFITS.items()]
    links = [{"customer_id": str(people[one]), "referred_by": str(people[by])} for one, by in LINKS.items()]
    found = {row["customer_id"]: row for row in value.influence(pl.DataFrame(rows), pl.DataFrame(links)).to_dicts()}
    for name, owner in people.items():
        told = found[str(owner)]
        make_outlook(
            owner, made_value=Decimal(PROFITS[name]), referred=told["referred"],
            influence_value=Decimal(str(told["influence_value"])),
        )  # fmt: skip
    for one, by in LINKS.items():
        Introduction.objects.create(
            owner_id=people[one], introducer_id=people[by], run_id=new_id(), as_of_date=TODAY, computed_at=NOW
        )
    run = store()
    columns = ["customer_id", "referred", "reach", "influence_value"]
    shown = [[found[str(people[name])][column] for column in columns] for name in ("ann", "bo")]
    facts = {"is_recorded": True, "told": 3, "links": 3, "unknown": 0, "circular": 0, "introducers": 2, "bought": 3}
    total = sum(PROFITS[one] for one in LINKS)
    ReportFrame.objects.create(run=run, name="influence", columns=columns, rows=shown, facts=facts | {"total": total})
    return people


def test_the_trees_show_everybody_once_with_what_they_made_and_what_is_credited(sign_in, chain):
    page = get(sign_in(), "referrals")
    (root,) = option(page, "referral-trees")["series"][0]["data"]
    (ann,) = root["children"]
    assert (ann["name"], [one["name"] for one in ann["children"]]) == ("Ann Stone", ["Bo Stone", "Cy Stone"])
    (di,) = ann["children"][0]["children"]
    assert di["url"] == reverse("customers:customer", args=[chain["di"]])
    assert [label for label, _value, _format in di["tip"]] == ["Made value", "Influence value", "Customers brought"]
    # Ann: Bo's 100 and Cy's 25, and half of Bo's credit for Di; Bo: the other half. By hand, not by the library.
    assert row_of(page, "referral-trees", "Ann Stone") == "Ann Stone ¥40.00 2 ¥155.00"
    assert row_of(page, "referral-trees", "Bo Stone") == "Bo Stone Ann Stone ¥100.00 1 ¥30.00"
    assert row_of(page, "referral-trees", "Di Stone") == "Di Stone Bo Stone ¥60.00 0 ¥0.00"
    assert "Profit of those brought ¥185" in text_of(page)
    assert PROFITS["bo"] + PROFITS["cy"] + PROFITS["di"] == 155 + 30  # every unit is credited once


@pytest.mark.slow
def test_on_a_customers_page_the_tree_begins_with_who_brought_them(sign_in, chain):
    page = sign_in().get(reverse("customers:customer", args=[chain["bo"]])).content.decode()
    (ann,) = option(page, "referral-tree")["series"][0]["data"]
    bo = next(one for one in ann["children"] if one["name"] == "Bo Stone")
    assert bo["itemStyle"] != ann["itemStyle"]  # the page is about Bo
    assert [one["name"] for one in bo["children"]] == ["Di Stone"]


@pytest.mark.slow
def test_who_neither_brought_nor_was_brought_has_no_tree(sign_in, chain):
    alone = make_customer(name="Al One")
    make_outlook(alone)
    assert 'id="referral-tree"' not in sign_in().get(reverse("customers:customer", args=[alone])).content.decode()


def test_a_large_tree_is_cut_and_still_counts_everybody(chain):
    (tree,) = introductions.trees([chain["ann"]], most=2)
    assert tree.shown == 2
    assert tree.referred == 2
    (shallow,) = introductions.trees([chain["ann"]], depth=1)
    assert [branch.branches for branch in shallow.branches] == [[], []]
    assert introductions.firsts([chain["di"], chain["cy"], chain["ann"]]) == [chain["ann"]]


def test_the_figure_leads_to_those_who_brought_others(sign_in, chain):
    browser = sign_in()
    assert "/value/people/?referred=1" in get(browser, "referrals")
    answer = browser.get("/value/people/?referred=1").content.decode()
    assert "brought at least 1" in text_of(answer)


@pytest.mark.parametrize(("language", "said"), [("en", "referred_by"), ("zh-hans", "尚未记录谁带来了谁")])
def test_where_nobody_keeps_it_the_page_says_how_to(sign_in, company, language, said):
    run = store()
    ReportFrame.objects.create(
        run=run, name="influence", columns=["customer_id"], rows=[], facts={"is_recorded": False}
    )
    assert said in text_of(get(sign_in(language=language), "referrals"))


def test_where_nobody_brought_anybody_the_picture_says_so(sign_in, company):
    run = store()
    facts = {"is_recorded": True, "told": 0, "links": 0, "unknown": 0, "circular": 0, "introducers": 0, "bought": 0}
    ReportFrame.objects.create(run=run, name="influence", columns=["customer_id"], rows=[], facts=facts | {"total": 0})
    assert "Nobody has brought anybody yet" in text_of(get(sign_in(), "referrals"))


def test_without_an_analysis_or_the_right_there_is_nothing(sign_in, company):
    assert "No orders yet" in text_of(get(sign_in(), "referrals"))
