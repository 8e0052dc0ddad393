"""The next product, from recorded orders to what screens and API read."""

from datetime import timedelta

import pytest

from troth.access.actors import system_actor
from troth.activity.models import OrderLine
from troth.customers import services as customers
from troth.insights import queries, services
from troth.insights.errors import ScoreNotFoundError
from troth.insights.models import ProductSuggestion
from troth.jobs.models import Job

from .making import NOW, make_company, make_customer, make_order

pytestmark = pytest.mark.django_db

ACTOR = system_actor("test")
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def lake(tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def company():
    return make_company(as_of_date=TODAY)


def shop(pairs, count):
    """Each buys the first of a pair, and later its second, half of them in the last weeks; two have not come to it."""
    people = []
    for number in range(count):
        first, second = pairs[number % len(pairs)]
        person = make_customer()
        people.append(person)
        buy(person, first, days_ago=100)
        if number < count - 2:
            buy(person, second, days_ago=10 if number < count // 2 else 60)
    return people


TEA, MILK = ("tea", "cups"), ("milk", "bread")
MANY = [*((f"p{number}", f"q{number}") for number in range(6)), MILK, TEA]


def buy(person, product, *, days_ago):
    order = make_order(person, TODAY - timedelta(days=days_ago), "20", categories=(product,))
    OrderLine.objects.filter(order_id=order.id).update(sku=f"sku-{product}", name=product.title())


def test_before_an_analysis_there_is_nothing_to_tell_from():
    with pytest.raises(ScoreNotFoundError):
        services.suggest(actor=ACTOR, now=NOW)
    assert queries.suggestion_report() is None


@pytest.mark.slow
def test_suggests_what_goes_with_the_customers_own_or_what_most_buy():
    people = shop([MILK, TEA], 48)
    services.analyse(actor=ACTOR, now=NOW)
    assert services.suggest(actor=ACTOR, now=NOW) == 48
    report = queries.suggestion_report()
    assert report is not None
    # Twenty-four bought something new in the last weeks: fewer than the thirty it takes to tell the ways apart.
    assert (report.facts["reason"], report.facts["method"], report.facts["level"]) == (
        "too_few_to_tell",
        "popular",
        "sku",
    )
    drinker = queries.suggestion(people[-1])
    assert drinker is not None
    assert {one["product"] for one in drinker.products} == {"sku-cups", "sku-bread", "sku-milk"}
    assert {one["name"] for one in drinker.products} == {"Cups", "Bread", "Milk"}


@pytest.mark.slow
def test_with_enough_customers_what_goes_together_is_told_with_its_reason():
    people = shop(MANY, 400)
    services.analyse(actor=ACTOR, now=NOW)
    services.suggest(actor=ACTOR, now=NOW)
    report = queries.suggestion_report()
    assert report is not None
    assert report.facts["reason"] == "beats_popular"
    tea, milk = queries.suggestion(people[-1]), queries.suggestion(people[-2])
    assert tea is not None
    assert milk is not None
    assert tea.products[0] == {"product": "sku-cups", "name": "Cups", "because": "sku-tea", "because_name": "Tea"}
    assert milk.products[0] == {"product": "sku-bread", "name": "Bread", "because": "sku-milk", "because_name": "Milk"}


@pytest.mark.slow
def test_where_nothing_can_be_told_old_suggestions_go_and_the_report_says_why():
    (ann,) = [make_customer()]
    make_order(ann, TODAY - timedelta(days=5), "20")
    run = services.analyse(actor=ACTOR, now=NOW)
    ProductSuggestion.objects.create(
        owner_id=ann, run_id=run.id, as_of_date=TODAY, computed_at=NOW, products=[{"product": "old"}]
    )
    assert services.suggest(actor=ACTOR, now=NOW) == 0
    report = queries.suggestion_report()
    assert report is not None
    assert report.facts == {"problem": "too_few"}
    assert not ProductSuggestion.objects.exists()


@pytest.mark.slow
def test_erased_people_get_no_suggestion():
    people = shop([MILK, TEA], 48)
    customers.erase_customer(customer_id=people[0], actor=ACTOR, now=NOW)
    services.analyse(actor=ACTOR, now=NOW)
    assert services.suggest(actor=ACTOR, now=NOW) == 47
    assert queries.suggestion(people[0]) is None


def test_asking_twice_is_asking_once():
    services.request_followups(actor=ACTOR, now=NOW)
    services.request_followups(actor=ACTOR, now=NOW)
    assert Job.objects.filter(name=services.SUGGEST_JOB).count() == 1
    assert Job.objects.filter(name=services.CHURN_JOB).count() == 1
