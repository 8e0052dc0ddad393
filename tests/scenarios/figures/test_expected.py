"""Index, quarters, value to come and the next action: counted again for each customer, from fits of our own."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import pytest

from troth.access import services as access
from troth.api.tests.conftest import Api
from troth.insights.models import ReportFrame

from . import counting, models, pages
from .conftest import ACTOR, NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

CLOSE = 2e-3  # two searches for the same highest point stop this far from each other, at most


@dataclass(frozen=True)
class Coming:
    """What is expected of everybody, by id."""

    alive: dict[UUID, float]
    value: dict[UUID, float]
    index: dict[UUID, float]
    quarter: dict[UUID, str]
    action: dict[UUID, tuple[str, float]]
    valuable_from: float


@pytest.fixture(scope="module")
def coming(book, everybody) -> Coming:
    """All of it, from the orders alone."""
    buying, _likelihood = models.fitted_buying(everybody)
    spend, margin = models.fitted_spend(everybody), models.margin(everybody)
    alive = {one.id: buying.alive(one) for one in everybody}
    value = {one.id: models.lifetime_value(one, buying, spend, margin) for one in everybody}
    index = {one: models.index_of(parts) for one, parts in models.index_parts(book, everybody).items()}
    edge = sorted(value.values(), reverse=True)[int(len(value) * 0.2) - 1]
    names = {(True, True): "Loyal and valuable", (True, False): "Loyal, not yet valuable",
             (False, True): "Valuable, not loyal", (False, False): "Neither"}  # fmt: skip
    quarter = {one: names[index[one] >= 60, value[one] >= edge] for one in value}
    action = {one.id: models.next_action(one, alive[one.id], value[one.id], quarter[one.id]) for one in everybody}
    return Coming(alive, value, index, quarter, action, edge)


def test_the_models_in_use_are_the_most_likely_ones(analysed, everybody):
    """Parameters of a search of our own, from another start, over likelihoods written from the papers."""
    told = ReportFrame.objects.get(name="model_trials").facts
    assert (told["model"], told["spend_model"]) == ("ParetoNBDModel", "GammaGammaModel")
    buying, likelihood = models.fitted_buying(everybody)
    assert told["log_likelihood"] == pytest.approx(likelihood, abs=1e-4)
    by_hand = sum(buying.log_likelihood(one) for one in everybody)
    assert by_hand == pytest.approx(likelihood, abs=1e-4)
    found = {name: value for name, value, *_rest in told["params"]}
    expected = {"r": buying.r, "alpha": buying.alpha, "s": buying.s, "beta": buying.beta}
    assert found == {name: pytest.approx(value, rel=CLOSE) for name, value in expected.items()}
    spend = [value for _name, value, *_rest in told["spend_params"]]
    assert spend == pytest.approx(models.fitted_spend(everybody), rel=CLOSE)
    assert told["margin"] == pytest.approx(models.margin(everybody), abs=1e-6)


def test_how_the_index_is_spread(read, coming):
    html = read("/value/loyalty/")
    points = list(coming.index.values())
    for low, high, count in pages.rows(html, "loyalty-index"):
        assert int(count) == sum(int(low) <= one < int(high) for one in points), (low, high)
    text = pages.words(html)
    assert f"Loyalty index {np.mean(points):.1f} mean of all; half have {np.median(points):.1f} or more" in text
    assert f"Loyal customers {sum(one >= 60 for one in points)}" in text


def test_the_index_of_one_from_its_parts(read, book, everybody, coming):
    """Of one who has every part that orders, wallet and referrals tell."""
    parts = models.index_parts(book, everybody)
    person = next(
        one for one, known in parts.items() if known.get("Referrals", (0, 0))[1] and "Share of wallet" in known
    )
    html = read(f"/customers/{person}/")
    whole = sum(weight for _points, weight in parts[person].values())
    given = sorted((round(points), weight, points * weight / whole) for points, weight in parts[person].values())
    body = html.split("What the index is made of")[1].split("</table>")[0]
    rows = [[pages.words(cell) for cell in pages.CELL.findall(row)] for row in pages.ROW.findall(body)][1:]
    shown = sorted((int(row[2]), float(row[3]), float(row[4])) for row in rows)
    assert len(shown) == 8
    assert [row[:2] for row in shown] == [row[:2] for row in given]
    assert [row[2] for row in shown] == [pages.near(row[2]) for row in given]
    assert sum(row[2] for row in given) == pytest.approx(coming.index[person])
    assert f"Loyalty index {coming.index[person]:.1f}" in pages.words(html)


def test_the_quarters_of_loyalty_and_value(read, coming, everybody):
    html = read("/value/loyalty/")
    shown = pages.table(html, "loyalty-value")
    made = {one.id: float(one.profit) for one in everybody}
    assert set(shown) == set(coming.quarter.values())
    for label, (count, share, index, profit, value, *_rest) in shown.items():
        people = [one for one, quarter in coming.quarter.items() if quarter == label]
        told = (len(people), len(people) / len(everybody) * 100, np.mean([coming.index[one] for one in people]),
                sum(made[one] for one in people))  # fmt: skip
        pages.assert_shown((count, share, index, profit), told)
        assert pages.number(value) == pytest.approx(sum(coming.value[one] for one in people), rel=CLOSE)
    found = pages.words(html).partition("the best 20% by value, from ")[2]
    assert pages.number(found) == pytest.approx(coming.valuable_from, rel=CLOSE)


def test_the_value_to_come_its_middle_and_its_concentration(read, coming):
    html = read("/value/expected/")
    values = list(coming.value.values())
    text = pages.words(html)
    assert pages.number(text.partition("Value to come a head ")[2]) == pytest.approx(np.mean(values), rel=CLOSE)
    assert pages.number(text.partition("half bring ")[2]) == pytest.approx(np.median(values), rel=CLOSE)
    for step, (count, share) in pages.table(html, "potential-concentration").items():
        least = sorted(values, reverse=True)[max(round(pages.number(step) / 100 * len(values)), 1) - 1]
        assert int(count) == sum(one > least * (1 - 1e-9) for one in values)  # people of one history stand together
        expected = counting.concentration(values, pages.number(step) / 100) * 100
        assert pages.number(share) == pytest.approx(expected, abs=0.2), step
    rows = [(pages.number(label), int(count)) for label, count in pages.rows(html, "potential-spread")]
    edges, counts = [edge for edge, _count in rows], [count for _edge, count in rows]
    assert (edges[0], len(values)) == (0, sum(counts))
    assert 10 <= len(edges) <= 25
    expected = np.histogram(values, [*edges, max(values) + 1])[0]
    off = sum(abs(count - found) for count, found in zip(counts, expected, strict=True))
    assert off <= 6, (counts, expected)  # who stands at an edge may fall to either side of it by our own fit


def test_the_value_to_come_of_each_band(read, coming, everybody):
    bands = counting.bands(everybody)
    for label, cells in pages.table(read("/value/expected/"), "value-layers").items():
        people = [one for one in everybody if bands[one.id] == label.lower()]
        pages.assert_shown(cells[:2], (len(people), sum(one.profit for one in people)))
        value = sum(coming.value[one.id] for one in people)
        assert pages.number(cells[2]) == pytest.approx(value, rel=CLOSE)
        assert pages.number(cells[3]) < value < pages.number(cells[4])
        assert pages.number(cells[-1]) == pytest.approx(
            np.mean([coming.alive[one.id] for one in people]) * 100, abs=0.1
        )


def test_what_to_do_next_and_the_money_at_stake(read, coming):
    shown = pages.table(read("/value/expected/"), "next-actions")
    counts = Counter(action for action, _stake in coming.action.values())
    assert {label: int(cells[0]) for label, cells in shown.items()} == counts
    for label, cells in shown.items():
        stake = sum(money for action, money in coming.action.values() if action == label)
        assert pages.number(cells[1]) == pytest.approx(stake, rel=CLOSE), label


def test_the_api_says_the_same_of_one(analysed, coming, everybody):
    best = max(everybody, key=lambda one: coming.value[one.id])
    _key, text = access.create_api_key(name="test", scopes=["insights.view", "customers.view"], actor=ACTOR, now=NOW)
    told = Api(text).get(f"/customers/{best.id}/scores").json()
    assert told["purchases"] == len(best.days)
    assert (float(told["revenue"]), float(told["profit"])) == (float(best.revenue), float(best.profit))
    expected = told["outlook"]
    assert float(expected["probability_alive"]) == pytest.approx(coming.alive[best.id], abs=CLOSE)
    assert float(expected["potential_value"]) == pytest.approx(coming.value[best.id], rel=CLOSE)
    assert float(expected["loyalty_index"]) == pages.near(coming.index[best.id], 2)
    assert float(expected["stake"]) == pytest.approx(coming.action[best.id][1], rel=CLOSE)
