"""Which product comes next: what the ways of telling it found of the last weeks, counted again from the lines."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import numpy as np
import pytest
from django.db import transaction
from django.test import override_settings

from troth.activity.models import Order, OrderLine
from troth.insights import services
from troth.insights.models import ProductSuggestion

from . import pages
from .book import TODAY
from .conftest import ACTOR, NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
CUT = TODAY - timedelta(days=28)
QUARTER = timedelta(days=91)
SHOWN, LEAST_BUYERS = 10, 20
POPULAR, TOGETHER, FACTORS = "What most buy", "What goes with one's own", "Factors of taste (ALS)"


@pytest.fixture(scope="module")
def bought(book) -> list[tuple[UUID, str, date, int]]:
    """Customer, product, day and order: four tastes of twelve products each, and one product in four at random."""
    chance = random.Random(9)
    shelf = [f"p{number:02}" for number in range(48)]
    tastes = {one: chance.randrange(4) for one in book.customers}
    return [
        (one.customer, product, one.day, one.number)
        for one in book.orders
        for product in sorted(
            {
                shelf[chance.randrange(48)]
                if chance.random() < 0.25
                else shelf[tastes[one.customer] * 12 + int(chance.random() ** 2 * 12)]
                for _draw in range(3)
            }
        )
    ]


@pytest.fixture(scope="module")
def sold(analysed, bought, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """The same company with these products on its lines, analysed once more; taken back afterwards."""
    folder = tmp_path_factory.mktemp("sold")
    with django_db_blocker.unblock(), override_settings(LAKE_DIR=folder / "lake"), transaction.atomic():
        orders = dict(Order.objects.values_list("external_id", "id"))
        OrderLine.objects.all().delete()
        OrderLine.objects.bulk_create(
            OrderLine(owner_id=customer, order_id=orders[str(number)], line_no=place, sku=product, category="tea",
                      quantity=1, unit_price=0, net_amount=0)
            for place, (customer, product, _day, number) in enumerate(bought, 1)
        )  # fmt: skip
        services.analyse(actor=ACTOR, now=NOW)
        services.suggest(actor=ACTOR, now=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def trial(bought):
    """Who had bought what by the cut; the products with enough buyers; buyers of the last quarter; what came anew."""
    past, buyers, lately, after = defaultdict(set), defaultdict(set), defaultdict(set), defaultdict(set)
    for customer, product, day, _number in bought:
        if day <= CUT:
            past[customer].add(product)
            buyers[product].add(customer)
            if day > CUT - QUARTER:
                lately[product].add(customer)
    shelf = sorted(product for product, people in buyers.items() if len(people) >= LEAST_BUYERS)
    for customer, product, day, _number in bought:
        if day > CUT and product in shelf and past[customer] & set(shelf) and product not in past[customer]:
            after[customer].add(product)
    return past, {product: buyers[product] for product in shelf}, {one: len(lately[one]) for one in shelf}, after


def recalls(trial, score):
    """Of each customer: of what came anew, how much stood among the ten of the highest score not bought before."""
    past, buyers, _lately, after = trial
    found = {}
    for customer, new in after.items():
        others = [product for product in buyers if product not in past[customer]]
        best = sorted(others, key=lambda product: (-np.float32(score(customer, product)), product))[:SHOWN]
        found[customer] = len(new & set(best)) / len(new)
    return found


def popular(trial):
    _past, buyers, lately, _after = trial
    return recalls(trial, lambda _customer, product: lately[product] + len(buyers[product]) * 1e-6)


def together(trial):
    """Buyers in common ÷ expected (asymmetric cosine of 0.7), halved at ten in common, times what sells now."""
    past, buyers, lately, _after = trial

    def speaks(own, product):
        common = len(buyers[own] & buyers[product])
        expected = len(buyers[own]) ** 0.7 * len(buyers[product]) ** 0.3
        return common / expected * common / (common + 10) * (lately[product] + 1) / (len(buyers[product]) + 1)

    weights = {(own, product): speaks(own, product) for own in buyers for product in buyers if own != product}
    return recalls(
        trial, lambda customer, product: sum(weights[own, product] for own in past[customer] if own in buyers)
    )


def interval(values):
    half = 1.96 * np.std(values, ddof=1) / np.sqrt(len(values))
    return [100 * part for part in (np.mean(values), np.mean(values) - half, np.mean(values) + half)]


def test_what_each_way_found_of_what_was_bought_anew(read, sold, trial):
    shown = pages.table(read("/value/models/"), "next-products")
    assert set(shown) == {POPULAR, TOGETHER, FACTORS}
    by_popular, by_own = popular(trial), together(trial)
    assert len(by_popular) >= 60
    for label, found in ((POPULAR, by_popular), (TOGETHER, by_own)):
        count, *shares = shown[label][:4]
        assert int(count) == len(found)
        pages.assert_shown(shares, interval(list(found.values())))
    more = interval([by_own[one] - by_popular[one] for one in by_popular])
    between = shown[TOGETHER][5].split(" to ")
    pages.assert_shown([shown[TOGETHER][4].lstrip("+"), *(end.lstrip("+") for end in between)], more)
    assert shown[POPULAR][4:] == ["–", "–"]


def test_the_way_in_use_is_the_best_of_those_surely_better(read, sold, trial):
    html = read("/value/models/")
    shown = pages.table(html, "next-products")
    surely = {label: pages.number(cells[1]) for label, cells in shown.items()
              if cells[5] != "–" and pages.number(cells[5].lstrip("+")) > 0}  # fmt: skip
    assert TOGETHER in surely
    best = max(surely, key=lambda label: surely[label])
    assert f"In use: “{best}”. It surely finds more than showing everybody what most buy." in pages.words(html)


def test_nobody_is_shown_what_he_has(sold, bought, db):
    """Of today, with all that was bought; three to each."""
    mine = defaultdict(set)
    for customer, product, _day, _number in bought:
        mine[customer].add(product)
    shown = {one.owner_id: [part["product"] for part in one.products] for one in ProductSuggestion.objects.all()}
    assert set(shown) == set(mine)
    for customer, products in shown.items():
        assert len(set(products)) == 3
        assert not mine[customer] & set(products)
