"""Satisfaction and competition, market by market, and the value net of points: told again from answers and orders."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from uuid import UUID

import numpy as np
import polars as pl
import pytest
from django.db import transaction
from django.test import override_settings
from scipy import optimize, stats

from troth.customers.models import AttributeDefinition, CustomerAttribute
from troth.insights import attitudes, services
from troth.kit.ids import new_id
from troth.ledger import operations as ops
from troth.ledger import services as ledger
from troth.ledger.currencies import CurrencyRules
from troth.ledger.operations import Outcome, Owner, Reason

from . import counting, models, pages
from .book import TODAY
from .conftest import ACTOR, NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
CONTENT_FROM = 75
CORNERS = ("Satisfied, stays", "Satisfied, leaves", "Dissatisfied, stays", "Dissatisfied, leaves")
EARNED = datetime(2026, 1, 10, 4, tzinfo=UTC)
UNIT_COST = Decimal("0.03")


@dataclass(frozen=True)
class Said:
    """One who was asked: where he lives, 1 to 5, and whether he still buys."""

    id: UUID
    market: str
    mark: int
    stays: bool
    revenue: Decimal

    @property
    def points(self) -> int:
        return (self.mark - 1) * 25


@pytest.fixture(scope="module")
def lives(everybody) -> dict[UUID, str]:
    chance = random.Random(4)
    return {one.id: chance.choice(("North", "North", "South")) for one in everybody}


@pytest.fixture(scope="module")
def answers(everybody, lives) -> list[Said]:
    """In the north who is content stays; in the south all marks are alike."""
    chance = random.Random(5)
    found = []
    for one in everybody:
        stays = one.status in ("new", "repeat", "active")
        marks = (4, 5, 5, 3) if stays else (1, 2, 2, 3)
        mark = chance.choice(marks if lives[one.id] == "North" else (1, 2, 3, 4, 5))
        if chance.random() < 0.8:
            found.append(Said(one.id, lives[one.id], mark, stays, one.window_revenue))
    return found


@pytest.fixture(scope="module")
def points(everybody) -> dict[UUID, tuple[int, int]]:
    """Points earned and taken by every second customer."""
    return {one.id: (500 + 7 * place, 100 * (place % 3)) for place, one in enumerate(everybody) if place % 2}


@pytest.fixture(scope="module")
def asked(analysed, answers, lives, points, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """The same company once more, after a survey and a year of points; taken back afterwards."""
    folder = tmp_path_factory.mktemp("asked")
    told = pl.DataFrame(
        [(str(one.id), "satisfaction", float(one.mark), "surveys", TODAY - timedelta(days=9), 1.0) for one in answers],
        schema=attitudes.schema(), orient="row",
    )  # fmt: skip
    source = attitudes.MeasurementSource("figures", lambda _as_of: told)
    kept = dict(attitudes._sources)
    with django_db_blocker.unblock(), override_settings(LAKE_DIR=folder / "lake"), transaction.atomic():
        town = AttributeDefinition.objects.create(code="town", label="Town", attribute_type="text")
        CustomerAttribute.objects.bulk_create(
            CustomerAttribute(owner_id=one, definition=town, updated_at=NOW, text_value=market)
            for one, market in lives.items()
        )
        ledger.create_currency(actor=ACTOR, now=EARNED, code="points", rules=CurrencyRules(name="Points"))
        for owner, (earned, taken) in points.items():
            post("Earn", owner, earned, unit_cost=UNIT_COST, cost_currency="CNY")
            if taken:
                post("Spend", owner, taken)
        changed = {"market_by": "attribute:town", "competition": {"South": "0.2"}}
        services.change_settings(loyalty=changed, actor=ACTOR, now=NOW)
        attitudes.register(source)
        try:
            services.analyse(actor=ACTOR, now=NOW)
            yield
        finally:
            attitudes._sources.clear()
            attitudes._sources.update(kept)
        transaction.set_rollback(True)


def post(kind, owner, amount, **more):
    named = {"key": str(new_id()), "owner": Owner("customer", owner), "currency": "points", "reason": Reason("test")}
    (answer,) = ledger.post(
        [getattr(ops, kind)(**named, occurred_at=EARNED, amount=amount, **more)], actor=ACTOR, now=EARNED
    )
    assert answer.outcome is Outcome.POSTED, answer.error


def chance(point, at):
    floor, ceiling, steepness, knee = point
    return floor + (ceiling - floor) / (1 + np.exp(-steepness * (np.asarray(at, float) - knee)))


def likelihood(point, people):
    told = np.clip(chance(point, [one.points for one in people]), 1e-12, 1 - 1e-12)
    stays = np.array([one.stays for one in people])
    return float(np.log(np.where(stays, told, 1 - told)).sum())


def curve(people, *, knee=(0, 100)):
    """The most likely curve, with a knee between two points, from many starts; and its likelihood."""
    low, high = knee
    bounds = [(0, 1), (0, 1), (1e-3, 1), knee]
    starts = product((0.1, 0.5), (0.7, 0.95), (0.05, 0.3, 0.9), np.linspace(low, high, 9 if high - low > 1 else 2))
    tries = [optimize.minimize(lambda point: -likelihood(point, people), start, bounds=bounds, method="L-BFGS-B")
             for start in starts]  # fmt: skip
    best = min(tries, key=lambda one: one.fun)
    return best.x, -float(best.fun)


def level(people):
    """The likelihood of one chance for all."""
    share = np.mean([one.stays for one in people])
    return float(sum(np.log(share if one.stays else 1 - share) for one in people))


def of(answers, market):
    return [one for one in answers if one.market == market]


def corner(one):
    return CORNERS[2 * (one.points < CONTENT_FROM) + (not one.stays)]


def test_how_many_were_asked_and_stay_at_each_satisfaction(read, asked, answers):
    for market in ("North", "South"):
        html = read("/value/markets/", market=market)
        people = of(answers, market)
        shown = pages.table(html, "market-near")
        assert [int(at) for at in shown] == sorted({one.points for one in people})
        for at, (count, stay, share, low, high) in shown.items():
            here = [one.stays for one in people if one.points == int(at)]
            assert (int(count), int(stay)) == (len(here), sum(here))
            ends = stats.binomtest(sum(here), len(here)).proportion_ci(method="wilson")
            pages.assert_shown((share, low, high), [part * 100 for part in (np.mean(here), ends.low, ends.high)])
        dots = pages.option(html, "market-near")["series"][-1]["data"]
        drawn = {5 * place: dot["value"] for place, dot in enumerate(dots) if dot["value"] is not None}
        assert drawn == {int(at): pytest.approx(int(row[1]) / int(row[0])) for at, row in shown.items()}


def test_the_curve_of_a_market_where_staying_follows_satisfaction(read, asked, answers):
    people = of(answers, "North")
    best, highest = curve(people)
    assert stats.chi2.sf(2 * (highest - level(people)), 3) < 0.05
    html = read("/value/markets/", market="North")
    (line, _dots) = pages.option(html, "market-near")["series"]
    asked_at = sorted({one.points for one in people})
    drawn = [line["data"][at // 5] for at in asked_at]
    assert drawn == [pytest.approx(part, abs=2e-3) for part in chance(best, asked_at)]
    found = pages.words(html).partition("most steeply at ")[2].split()
    knee, low, high = (pages.number(found[place].rstrip(").")) for place in (0, 3, 5))
    assert curve(people, knee=(knee - 0.5, knee + 0.5))[1] == pytest.approx(highest, abs=1e-3)
    allowed = highest - stats.chi2.ppf(0.95, 1) / 2
    for edge, step in ((low, -2), (high, 2)):  # half a point is a step of the search, and whole points are shown
        if 0 < edge < 100:
            within, beyond = (curve(people, knee=(edge + side, edge + side))[1] for side in (-step, step))
            assert within > allowed > beyond


def test_where_all_marks_stay_alike_the_curve_is_flat(read, asked, answers):
    people = of(answers, "South")
    assert stats.chi2.sf(2 * (curve(people)[1] - level(people)), 3) > 0.05
    html = read("/value/markets/", market="South")
    share = np.mean([one.stays for one in people])
    assert set(pages.option(html, "market-near")["series"][0]["data"]) == {round(share, 4)}
    assert f"{share:.0%} stay at any satisfaction" in pages.words(html)
    assert pages.table(html, "market-curves")["South"][4] == "flat"


def test_the_corners_and_the_competition_of_each_market(read, asked, answers, lives, book, everybody):
    html = read("/value/markets/")
    shown = pages.table(html, "market-curves")
    wallets = models.wallets(book, everybody)
    elsewhere = [1 - share for one, share in wallets.items() if lives[one] == "North"]
    ends = stats.t.interval(0.95, len(elsewhere) - 1, np.mean(elsewhere), stats.sem(elsewhere))
    said = [round(part * 100) for part in (np.mean(elsewhere), *ends)]
    assert shown["North"][0] == "{}% ({}%–{}%): what {} customers spend elsewhere".format(*said, len(elsewhere))
    assert shown["South"][0] == "20%, entered"
    for market, row in shown.items():
        people = of(answers, market)
        content = np.mean([one.points >= CONTENT_FROM for one in people]) * 100
        stay = np.mean([one.stays for one in people]) * 100
        pages.assert_shown(row[1:4], (len(people), content, stay))
        assert [int(cell) for cell in row[5:]] == [sum(corner(one) == name for one in people) for name in CORNERS]
        text = pages.words(read("/value/markets/", market=market))
        for name in CORNERS:
            here = [one for one in people if corner(one) == name]
            revenue = sum(one.revenue for one in here)
            told = text.partition(
                f"{name} {len(here)} {len(here) / len(people) * 100:.0f}% of the answers · revenue of "
            )
            amount = told[2].split()[0]
            unit = 1000 if amount.endswith("k") else 1
            assert abs(pages.number(amount) * unit - float(revenue)) <= unit / 2, (market, name)


def test_every_dot_corner_and_count_leads_to_those_who_stand_there(read, asked, answers):
    for market in ("North", "South"):
        html = read("/value/markets/", market=market)
        people = of(answers, market)
        for dot in pages.option(html, "market-near")["series"][-1]["data"]:
            if url := dot.get("url"):
                at = int(url.partition("satisfaction=")[2])
                assert found(read(url)) == sum(one.points == at for one in people)
        counted = [sum(corner(one) == name for one in people) for name in CORNERS]
        linked = [(text, url) for text, url in pages.links(html, "market-curves") if f"market={market}&" in url]
        assert [int(text) for text, _url in linked] == [count for count in counted if count]
        for text, url in linked:
            assert found(read(url)) == int(text)


def found(html):
    """How many people a list says that it holds."""
    told = html.split('class="narrowed"', 1)[1].split("</ul>", 1)[0]
    return int(pages.number(pages.words(told.rsplit("<li>", 1)[1])))


def test_the_value_to_come_net_of_points(read, asked, points, everybody):
    """Points for each yuan × cost of a point × the share that does not expire, off the margin of who collects them."""
    html = read("/value/expected/")
    sold = sum(one.window_revenue for one in everybody if one.id in points)
    share = round(sum(earned for earned, _taken in points.values()) / float(sold) * float(UNIT_COST), 4)
    text = pages.words(html)
    assert f"{share:.2%} of revenue for who collects points, 0.00% for the others, by the last 365 days." in text
    buying, _likelihood = models.fitted_buying(everybody)
    spend, margin = models.fitted_spend(everybody), models.margin(everybody)
    bands = counting.bands(everybody)
    for label, cells in pages.table(html, "value-layers").items():
        expected = sum(
            models.lifetime_value(one, buying, spend, margin) * (1 - (share / margin if one.id in points else 0))
            for one in everybody if bands[one.id] == label.lower()
        )  # fmt: skip
        assert pages.number(cells[5]) == pytest.approx(expected, rel=2e-3), label
