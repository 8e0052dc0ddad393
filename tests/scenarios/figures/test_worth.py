"""What keeping and losing is worth, segments side by side, the report's sentences, and the people behind figures."""

import re
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from troth.console.report import page as report
from troth.segments import refreshing
from troth.segments import services as segments

from . import counting, models, pages
from .book import TODAY
from .conftest import ACTOR, NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

YEAR = timedelta(days=counting.YEAR)
DISCOUNT = 1.1


@pytest.fixture(scope="module")
def stayed(ledger):
    """Profit of each who bought in the year before last, and whether he bought again in the last one."""
    middle = TODAY - YEAR
    # Judged by what is known today: what was given back since is no purchase of then either.
    bought = {one.id: one.days for one in counting.people(ledger)}
    money = counting.sums(ledger, middle - YEAR, middle)
    rows = [
        (float(money[str(one)][1]), any(day > middle for day in days))
        for one, days in bought.items() if any(middle - YEAR < day <= middle for day in days)
    ]  # fmt: skip
    return np.array(rows).T


def test_what_keeping_more_customers_earns(read, stayed):
    html = read("/value/what-if/")
    profit, again = stayed
    given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html))
    assert int(given["customers"]) == len(profit)
    assert float(given["profit"]) == pages.near(profit.mean(), 2)
    assert float(given["retention"]) == pages.near(again.mean() * 100)
    text = pages.words(html)
    # The form holds a share of one decimal, from which the answer follows.
    kept, earned = float(given["retention"]) / 100, float(given["profit"])
    worth, more = (sum(earned * (share / DISCOUNT) ** year for year in range(2000)) for share in (kept, kept + 0.05))
    for before, figure, places in (
        ("A customer is worth ", worth, 2), ("losing one costs ", worth - earned, 2),
        ("raises the value by ", (more / worth - 1) * 100, 1), (f"{(more / worth - 1) * 100:.1f}%: ", more - worth, 2),
        ("Expected years ", 1 / (1 - kept), 1),
    ):  # fmt: skip
        assert pages.number(text.partition(before)[2]) == pages.near(figure, places), before
    gain, low, high = found(r"Five points more earn (\S+) a customer; 95% interval (\S+) to ([^. ]+\.\d+)", text)
    exact = gained(profit.mean(), again.mean())
    assert pages.number(gain) == pages.near(exact, 2)
    # The interval against people drawn anew, ten thousand times.
    draws = np.random.default_rng(1).integers(0, len(profit), (10_000, len(profit)))
    ends = np.quantile(gained(profit[draws].mean(axis=1), again[draws].mean(axis=1)), [0.025, 0.975])
    assert [pages.number(low), pages.number(high)] == pytest.approx(ends, rel=0.12)


def gained(profit, kept):
    """What five points more of retention earn: profit for ever, of those who stay, with and without them."""
    return profit * DISCOUNT / (DISCOUNT - kept - 0.05) - profit * DISCOUNT / (DISCOUNT - kept)


def found(pattern, text):
    """The groups of what must be there."""
    match = re.search(pattern, text)
    assert match, pattern
    return match.groups()


def test_the_attrition_table(read, everybody, stayed):
    html = read("/value/what-if/attrition/")
    bands, churn = counting.bands(everybody), round((1 - stayed[1].mean()) * 100, 1) / 100
    rows = []
    for label in ("Diamond", "Gold", "Silver", "Ordinary", "New"):
        people = [one for one in everybody if bands[one.id] == label.lower()]
        head = round(sum(one.window_profit for one in people) / len(people), 2)
        rows.append((label, len(people), float(head)))
    lost = sum(count * churn * head for _label, count, head in rows)
    shown = pages.table(html, "attrition")
    for label, count, head in rows:
        added = count * 0.05 * head
        told = (count, head, count * churn, count * 0.05, added, added / (lost + added) * 100, added / lost * 100,
                rows[0][2] / head)  # fmt: skip
        pages.assert_shown(shown[label], told)


def test_segments_side_by_side(read, everybody, book):
    """Who is asleep or lost, and the best by revenue, each counted among the people of the book."""
    chosen = {
        "Silent": ({"field": "score.status", "operator": "any_of", "value": ["sleeping", "lost"]},
                   lambda one: one.status in ("sleeping", "lost")),
        "Big": ({"field": "score.revenue", "operator": "at_least", "value": "1000"}, lambda one: one.revenue >= 1000),
    }  # fmt: skip
    asked = []
    for name, (condition, _holds) in chosen.items():
        segment = segments.create_segment(actor=ACTOR, now=NOW, name=name, definition=condition)
        segments.publish(actor=ACTOR, now=NOW, segment_id=segment.id)
        refreshing.refresh_members(actor=ACTOR, now=NOW, segment_id=segment.id)
        asked.append(str(segment.id))
    html = read("/segments/compare/", segment=asked)
    body = html.split(">Measure<", 1)[1].split("</table>")[0]
    heads = [pages.words(one) for one in re.findall(r"<th[^>]*>(.*?)</th>", body.split("<tbody>")[0])]
    cells = [[pages.words(cell) for cell in pages.CELL.findall(row)] for row in pages.ROW.findall(body)]
    shown = {row[0]: row[1:] for row in cells if len(row) > 1}
    index = {one: models.index_of(parts) for one, parts in models.index_parts(book, everybody).items()}
    whole = sum(one.window_revenue for one in everybody)
    for place, head in enumerate(heads):
        people = [one for one in everybody if chosen[head][1](one)] if head in chosen else everybody
        revenue = sum((one.window_revenue for one in people), Decimal(0))
        profit = sum((one.window_profit for one in people), Decimal(0))
        active = sum(one.status not in ("sleeping", "lost") for one in people)
        expected = {
            "Customers with purchases": len(people), "Still active": active / len(people) * 100,
            "Revenue of the last year": revenue, "Share of all revenue": revenue / whole * 100,
            "Revenue a head": revenue / len(people), "Profit a head": profit / len(people),
            "Days with a purchase, mean": np.mean([len(one.days) for one in people]),
            "Days of silence, mean": np.mean([one.silence for one in people]),
            "Loyalty index, mean": np.mean([index[one.id] for one in people]),
        }  # fmt: skip
        pages.assert_shown([shown[label][place] for label in expected], expected.values())


def test_the_sentences_of_the_report(analysed, everybody, ledger):
    text = pages.words(report.html(("en",)))
    bands = counting.bands(everybody)
    inside = [one for one in everybody if bands[one.id] != "inactive"]
    best = [one for one in inside if bands[one.id] == "diamond"]
    shares = [len(best) / len(inside)] + [
        float(sum(getattr(one, name) for one in best) / sum(getattr(one, name) for one in inside))
        for name in ("window_revenue", "window_profit")
    ]
    people, revenue, profit = (f"{share * 100:.1f}%" for share in shares)
    assert f"The {people} in the diamond band bring {revenue} of revenue and {profit} of profit." in text
    before = {one.id: one.status for one in counting.people(ledger, TODAY - timedelta(days=counting.MONTH))}
    is_silent, buying_still = ("sleeping", "lost"), ("new", "repeat", "active")

    def went(old, new):
        return sum(before.get(one.id) in old and one.status in new for one in everybody)

    asleep, lost = went(buying_still, ["sleeping"]), went(buying_still, ["lost"])
    assert f"In 30 days {asleep} active customers fell asleep and {lost} were lost." in text
    new, back = went([None], buying_still), went(is_silent, buying_still)
    assert f"In the same time {new} came for the first time and {back} came back after a silence." in text
    buying, _likelihood = models.fitted_buying(everybody)
    spend, margin = models.fitted_spend(everybody), models.margin(everybody)
    coming = sum(models.lifetime_value(one, buying, spend, margin) for one in everybody)
    pattern = r"a profit of (\S+) is expected .*? \(between (\S+) and ([^)]+)\)"
    told, low, high = (pages.number(one) for one in found(pattern, text))
    assert told == pytest.approx(coming, rel=2e-3)
    assert low < coming < high
    recency, often, much = (
        counting.fifths([-one.silence for one in everybody]), counting.fifths([len(one.days) for one in everybody]),
        counting.fifths([one.revenue for one in everybody]),
    )  # fmt: skip
    dear = sum(r <= 2 and (f + m + 1) // 2 == 5 for r, f, m in zip(recency, often, much, strict=True))
    assert f"{dear} of the customers who bought most and often have been silent" in text


@pytest.mark.parametrize(
    ("path", "cards"),
    [
        ("/value/pyramid/", ["pyramid"]),
        ("/value/lifecycle/", ["life-cycle", "waterfall", "status-flow", "ladder", "ladder-flow"]),
        ("/value/loyalty/", ["loyalty-index", "loyalty-types", "loyalty-value"]),
        ("/value/expected/", ["next-actions", "value-layers", "potential-spread", "potential-concentration"]),
        ("/value/cohorts/", ["cohorts-retention"]),
        ("/value/concentration/", ["pareto"]),
    ],
)
def test_a_figure_leads_to_as_many_people_as_it_says(read, path, cards):
    html = read(path)
    for card in cards:
        counts = [(text.lstrip("−"), url) for text, url in pages.links(html, card) if re.fullmatch(r"−?\d+", text)]
        assert counts, card
        for text, url in counts[:12]:
            assert found(r"([\d,]+) customers?\b", pages.words(read(url).split("<main")[1])) == (text,), (card, url)
