"""The calculators: worked cases to the figure, refusals by field, own figures where an analysis has them."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.http import QueryDict

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.console.calculators import attrition, lifetime, referral, retention
from troth.console.calculators.answer import Money
from troth.console.calculators.asking import Origin, ask
from troth.console.calculators.own import Own
from troth.console.value.report import Report
from troth.customers.models import AttributeDefinition, CustomerAttribute
from troth.insights import services
from troth.insights.models import AnalysisRun
from troth.insights.queries import Table
from troth.insights.tests.making import NOW, make_customer, make_order
from troth.voice.models import RecoveryReport

YUAN = Money("CNY")
PAGES = ("", "attrition/", "referral/", "lifetime/", "rules/")
TODAY = date(2026, 3, 1)
RETENTION = {
    "customers": "1000", "profit": "100", "retention": "80", "more": "5", "discount": "10", "acquisition": "150",
}  # fmt: skip


def cleaned(form):
    assert form.is_valid(), form.errors
    return form.cleaned_data


def column(answer, place):
    return [row[place].value for row in answer.charts[0].table.rows]


# --- retention


def test_retention_says_what_a_customer_is_worth_and_what_five_points_earn():
    found = retention.answer(cleaned(retention.RetentionForm(RETENTION)), YUAN)

    # value = 100 ÷ (1 − 0.8 ÷ 1.1) = 366.67; at 85 %: 100 ÷ (1 − 0.85 ÷ 1.1) = 440
    assert found.sentences[0] == (
        "A customer is worth ¥366.67, this year's profit included; losing one costs ¥266.67. Keeping 5 points more"
        " raises the value by 20.0%: ¥73.33 a customer, ¥73.3k over all 1,000."
    )
    assert found.sentences[1] == "Winning one for ¥150.00 has paid after 1.7 years; at most ¥366.67 may be spent."
    assert [figure.value for figure in found.figures] == ["¥367", "¥267", "5.0", "¥73.3k"]
    assert column(found, 0) == [0.7, 0.75, 0.8, 0.85, 0.9]
    assert column(found, 1) == [275.0, 314.2857, 366.6667, 440.0, 550.0]
    assert found.charts[0].option["series"][0]["data"] == [275.0, 314.29, 366.67, 440.0, 550.0]


def test_an_acquisition_dearer_than_the_customer_never_pays():
    found = retention.answer(cleaned(retention.RetentionForm(RETENTION | {"acquisition": "367"})), YUAN)

    assert found.sentences[1] == "Winning one for ¥367.00 never pays: it is more than a customer is worth."


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"retention": "98"}, "more"),
        ({"retention": "95", "discount": "0"}, "discount"),
        ({"retention": "101"}, "retention"),
        ({"retention": "x"}, "retention"),
        ({"profit": "0"}, "profit"),
        ({"profit": "NaN"}, "profit"),
        ({"profit": "1e40"}, "profit"),
        ({"customers": "1.5"}, "customers"),
        ({"customers": ""}, "customers"),
        ({"more": "0"}, "more"),
        ({"acquisition": "-1"}, "acquisition"),
    ],
)
def test_retention_refuses_by_field(given, field):
    form = retention.RetentionForm(RETENTION | given)

    assert list(form.errors) == [field]


# --- attrition


def test_the_five_band_case_ends_in_its_published_shares():
    found = attrition.answer(cleaned(attrition.AttritionForm(attrition.example())), YUAN, is_measure=True)

    assert column(found, 4) == [15.0, 50.0, 100.0, 235.0, 100.0]
    assert [round(share, 3) for share in column(found, 6)] == [0.131, 0.123, 0.097, 0.045, 0.008]
    assert [round(many, 1) for many in column(found, 8)] == [1.0, 3.6, 9.4, 50.0, 125.0]
    assert found.sentences[0].startswith("5 points more attrition hurt most in the band Diamond: 15 customers, 15.1%")
    assert [attrition._people(count) for count in (1.25, 3.0, 99.96, 1234.5)] == ["1.3", "3", "100.0", "1,235"]
    assert found.sentences[1].endswith("costs as much as losing 125 of the band New.")
    assert found.figures == []


def test_own_bands_lose_by_their_own_churn():
    given = {"more": "5", "name_1": "A", "customers_1": "100", "profit_1": "10", "churn_1": "20",
             "name_3": "B", "customers_3": "50", "profit_3": "2", "churn_3": "10"}  # fmt: skip
    found = attrition.answer(cleaned(attrition.AttritionForm(given)), YUAN)

    # lost now: 100 × 0.2 × 10 + 50 × 0.1 × 2 = 210; besides: 5 × 10 = 50 and 2.5 × 2 = 5
    assert column(found, 5) == [50.0, 5.0]
    assert column(found, 6) == [round(50 / 260, 6), round(5 / 215, 6)]
    assert column(found, 7) == [round(50 / 210, 6), round(5 / 210, 6)]
    assert [figure.value for figure in found.figures] == ["150", "¥210", "¥50"]


def test_without_a_loss_now_there_is_a_table_and_no_share():
    given = {"more": "5", "name_1": "A", "customers_1": "100", "profit_1": "10"}
    found = attrition.answer(cleaned(attrition.AttritionForm(given)), YUAN)

    assert found.charts[0].option is None
    assert "is not known while nothing is lost" in found.sentences[0]


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({}, ["name_1"]),
        ({"name_2": "A"}, ["customers_2", "profit_2"]),
        ({"customers_1": "5", "profit_1": "3"}, ["name_1"]),
        ({"name_1": "A", "customers_1": "-5", "profit_1": "3"}, ["customers_1"]),
        ({"name_1": "A", "customers_1": "5", "profit_1": "3", "churn_1": "101"}, ["churn_1"]),
        (
            {"name_1": "A", "customers_1": "5", "profit_1": "3", "name_2": "A", "customers_2": "5", "profit_2": "3"},
            ["name_2"],
        ),
    ],
)
def test_attrition_refuses_by_field(given, fields):
    assert list(attrition.AttritionForm({"more": "5"} | given).errors) == fields


# --- referral


def test_the_doubling_case():
    found = referral.answer(cleaned(referral.ReferralForm(referral.EXAMPLE)))

    assert column(found, 2) == [1.0, 2.0, 4.0, 8.0]
    assert column(found, 3) == [1.0, 3.0, 7.0, 15.0]
    assert column(found, 1) == [0.0, 4.0, 8.0, 16.0]
    assert found.sentences == [
        "Each round brings 2 times the new customers of the one before: the last of 4 rounds brings 8, and 15"
        " customers there are in all.",
        "It grows while each introduces more than 2 people, or more than 25% of them buy.",
    ]


@pytest.mark.parametrize(
    ("introductions", "conversion", "first", "second"),
    [
        ("2", "50", "Each round brings as many", "more than 2 people"),
        ("1", "50", "The chain breaks: each round brings only 0.5 times", "more than 2 people"),
        ("0.5", "10", "The chain breaks", "no conversion alone is enough"),
        ("0", "50", "The chain breaks", "Nobody comes this way"),
        ("4", "0", "The chain breaks", "Nobody comes this way"),
    ],
)
def test_what_a_chain_needs_is_said(introductions, conversion, first, second):
    given = referral.EXAMPLE | {"introductions": introductions, "conversion": conversion}
    found = referral.answer(cleaned(referral.ReferralForm(given)))

    assert found.sentences[0].startswith(first)
    assert second in found.sentences[1]


def test_referral_refuses_by_field():
    given = {"introductions": "-1", "conversion": "120", "start": "0", "rounds": "13"}

    assert list(referral.ReferralForm(given).errors) == ["introductions", "conversion", "start", "rounds"]


# --- lifetime value


def test_the_design_studio_ends_in_12_800():
    found = lifetime.answer(cleaned(lifetime.LifetimeForm(lifetime.example())), YUAN)

    assert found.sentences == [
        "Brought in ¥14,050.00, of which ¥8,100.00 by those this customer referred; winning cost ¥850.00, serving"
        " ¥400.00. That leaves a lifetime value of ¥12,800.00.",
        "The first period alone lost ¥50.00: who stops counting there misses the rest.",
    ]
    assert found.figures[0].value == "¥12,800.00"
    assert [row[0] for row in found.charts[0].table.rows] == [1, 2, 3, 4, 5]


def test_periods_are_read_up_to_the_last_that_has_a_figure():
    data = cleaned(lifetime.LifetimeForm({"own_1": "10", "own_3": "5", "service_3": "1"}))

    assert data["own"] == [Decimal(10), Decimal(0), Decimal(5)]
    assert data["service"] == [Decimal(0), Decimal(0), Decimal(1)]


@pytest.mark.parametrize(
    ("given", "field"), [({}, "own_1"), ({"own_1": "5", "service_1": "-1"}, "service_1"), ({"own_2": "x"}, "own_2")]
)
def test_lifetime_refuses_by_field(given, field):
    assert list(lifetime.LifetimeForm(given).errors) == [field]


# --- what is asked


def test_the_address_wins_over_own_figures_and_these_over_the_example():
    own, example = {"customers": "1"}, {"customers": "2"}

    def origin(query, **more):
        return ask(retention.RetentionForm, QueryDict(query), **more).origin

    assert origin("customers=3", own=own, example=example) == Origin.GIVEN
    assert origin("utm=3", own=own, example=example) == Origin.OWN
    assert origin("example", own=own, example=example) == Origin.EXAMPLE
    assert origin("", example=example) == Origin.EXAMPLE
    assert origin("") == Origin.NONE


@pytest.mark.parametrize(
    ("retention_share", "shown", "more"), [(0.5, "50", "5"), (0.953887, "95.4", "4.6"), (1.0, "99.9", "0.1")]
)
def test_own_figures_are_never_refused(retention_share, shown, more):
    row = {"customers": 12, "profit": 570.640489, "retention": retention_share}
    tables = {"retention": Table([row], {}), "pyramid": Table([], {})}
    given = Own(Report(AnalysisRun(currency="CNY"), tables), YUAN).retention_form()

    assert (given["profit"], given["retention"], given["more"]) == ("570.64", shown, more)
    assert retention.RetentionForm(given).is_valid()


# --- pages


@pytest.fixture
def lake(tmp_path, settings, company):
    settings.LAKE_DIR = tmp_path
    company.as_of_date = TODAY
    company.save()


def text(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_without_an_analysis_say_what_is_needed(sign_in, language):
    browser = sign_in(language=language)

    for name in PAGES:
        assert browser.get(f"/value/what-if/{name}").status_code == 200


@pytest.mark.django_db
def test_a_clerk_may_not_open_them(sign_in):
    browser = sign_in(Role.CLERK)

    assert {browser.get(f"/value/what-if/{name}").status_code for name in PAGES} == {403}


@pytest.mark.django_db
def test_a_refused_field_is_named_on_the_page_and_nothing_is_worked_out(sign_in):
    page = sign_in().get("/value/what-if/?customers=10&profit=5&retention=300&more=5&discount=10")

    assert page.status_code == 200
    assert "Retention, % : Ensure this value is less than or equal to 100." in text(page)
    assert "data-chart=" not in page.content.decode()


@pytest.mark.django_db
def test_figures_in_the_address_are_worked_out_and_stay_in_the_form(sign_in):
    page = sign_in().get("/value/what-if/?customers=1000&profit=100&retention=80&more=5&discount=10&acquisition=")

    assert "A customer is worth ¥366.67" in text(page)
    assert 'value="80"' in page.content.decode()


@pytest.mark.slow
@pytest.mark.django_db
def test_own_figures_fill_the_forms_and_stand_beside_the_rules(sign_in, lake):
    for number in range(40):
        customer = make_customer()
        make_order(customer, TODAY - timedelta(days=729 if number == 0 else 500), "100", cost="60")
        if number % 4:
            make_order(customer, TODAY - timedelta(days=20), "50", cost="30")
    services.analyse(actor=system_actor("test"), now=NOW)
    browser = sign_in()

    page = browser.get("/value/what-if/")
    assert "Your own figures: 40 customers bought from 2 Mar 2024 to 1 Mar 2025" in text(page)
    assert 'name="retention" value="75"' in page.content.decode()
    assert 'name="profit" value="40"' in page.content.decode()
    # 40 ÷ (1 − 0.75 ÷ 1.1) = 125.71; five points: × 0.05 ÷ (1.1 − 0.8) = 16.7 %
    assert "A customer is worth ¥125.71" in text(page)
    assert "raises the value by 16.7%" in text(page)
    assert "Five points more earn ¥20.95 a customer; 95% interval" in text(page)

    rules = text(browser.get("/value/what-if/rules/"))
    assert "Five points more retention raise the value of a customer by 16.7%; 95% interval" in rules
    assert "The best 20% of your customers bring" in rules
    assert rules.count("Not known on your own data yet.") == 3

    well = {"outcome": "well", "people": 40, "came_back": 0.625, "came_back_low": 0.4703, "came_back_high": 0.7578}
    badly = {"outcome": "badly", "people": 10, "came_back": 0.1, "came_back_low": 0.0179, "came_back_high": 0.4042}
    RecoveryReport.objects.create(
        as_of_date=TODAY, created_at=NOW, result={"rows": [badly, well], "window_days": 90, "currency": "CNY"}
    )
    rules = text(browser.get("/value/what-if/rules/"))
    told = "resolved well, 62.5% came back within 90 days; 95% interval 47.0% to 75.8%."
    assert f"Of those who said that it was {told}" in rules
    assert "40 customers whose complaint is at least 90 days old, as of 1 Mar 2026." in rules
    assert rules.count("Not known on your own data yet.") == 2

    bands = browser.get("/value/what-if/attrition/")
    assert "Your own bands, as in the pyramid of 1 Mar 2026." in text(bands)
    assert 'name="churn_1" value="25"' in bands.content.decode()


@pytest.mark.slow
@pytest.mark.django_db
def test_the_own_chain_of_referrals_fills_its_form(sign_in, lake):
    """Four of ten were introduced, and one more who has not bought: 5 ÷ 10 introductions, 80 % of them buy."""
    buyers = [make_customer() for _ in range(10)]
    for customer in buyers:
        make_order(customer, TODAY - timedelta(days=40), "100")
    definition = AttributeDefinition.objects.create(code="referred_by", label="Brought by", attribute_type="text")
    for brought, by in zip([*buyers[:4], make_customer()], buyers[5:], strict=True):
        CustomerAttribute.objects.create(owner_id=brought, definition=definition, updated_at=NOW, text_value=str(by))
    services.analyse(actor=system_actor("test"), now=NOW)

    browser = sign_in()
    page = browser.get("/value/what-if/referral/")
    for name, given in (("introductions", "0.5"), ("conversion", "80"), ("start", "10"), ("rounds", "4")):
        assert f'name="{name}" value="{given}"' in page.content.decode()
    # 0.5 × 0.8 = 0.4 a round: 10, 4, 1.6, 0.64.
    told = "The chain breaks: each round brings only 0.4 times the new customers of the one before, and after 4 rounds"
    assert f"{told} there are 16 customers." in text(page)
    assert "5 people were introduced by your 10 customers, and 4 of them have bought." in text(page)
    assert "The worked case" in text(page)
    everyone = browser.get("/value/what-if/referral/?introductions=0.5&conversion=100&start=10&rounds=4")
    assert "To grow, each must introduce more than 1 person; no conversion alone is enough." in text(everyone)


@pytest.mark.slow
@pytest.mark.django_db
def test_without_introductions_the_worked_case_says_how_to_count_them(sign_in, lake):
    make_order(make_customer(), TODAY - timedelta(days=40), "100")
    services.analyse(actor=system_actor("test"), now=NOW)
    page = text(sign_in().get("/value/what-if/referral/"))
    assert "Your own factor is not known yet: keep the customer attribute “Brought by” (referred_by)" in page
    assert "Each round brings 2 times" in page
