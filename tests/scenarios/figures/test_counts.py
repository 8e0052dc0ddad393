"""Bands, life cycle, ladder, cohorts, coming back, concentration: what the screens show is what the book says."""

from collections import Counter
from datetime import timedelta

import pytest

from . import counting, models, pages
from .book import TODAY

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_each_band_of_the_pyramid_and_its_shares(read, everybody):
    shown = pages.table(read("/value/pyramid/"), "pyramid")
    bands = counting.bands(everybody)
    inside = [one for one in everybody if bands[one.id] != "inactive"]
    revenue, profit = (sum(getattr(one, name) for one in inside) for name in ("window_revenue", "window_profit"))
    assert set(shown) == {"Diamond", "Gold", "Silver", "Ordinary", "New"}
    for label, cells in shown.items():
        people = [one for one in inside if bands[one.id] == label.lower()]
        brought, earned = (sum(getattr(one, name) for one in people) for name in ("window_revenue", "window_profit"))
        assert people, label
        told = (len(people), len(people) / len(inside) * 100, brought, brought / revenue * 100, earned,
                earned / profit * 100, brought / len(people), earned / len(people))  # fmt: skip
        pages.assert_shown(cells, told)


def test_everybody_stands_where_their_own_rhythm_says(read, everybody, ledger):
    shown = read("/value/lifecycle/")
    now = Counter(one.status.title() for one in everybody)
    before = {one.id: one.status for one in counting.people(ledger, TODAY - timedelta(days=counting.MONTH))}
    money = sum(one.revenue for one in everybody)
    cards = pages.table(shown, "life-cycle")
    assert set(cards) == set(now) == {"New", "Repeat", "Active", "Sleeping", "Lost"}
    for label, cells in cards.items():
        brought = sum(one.revenue for one in everybody if one.status == label.lower())
        pages.assert_shown(cells, (now[label], now[label] / len(everybody) * 100, brought, brought / money * 100))
    flows = Counter((before.get(one.id, "not yet here").capitalize(), one.status.title()) for one in everybody)
    assert {(old, new): int(count) for old, new, count in pages.rows(shown, "status-flow")} == flows
    is_active = {"New", "Repeat", "Active"}
    steps = pages.table(shown, "waterfall")
    silent = {"Sleeping", "Lost"}

    def went(old: set[str], new: set[str]) -> int:
        return sum(count for (start, end), count in flows.items() if start in old and end in new)

    assert {name: pages.number(cells[0]) for name, cells in steps.items()} == {
        "Active a month ago": went(is_active, is_active | silent), "New": went({"Not yet here"}, is_active),
        "Came back": went(silent, is_active), "Fell asleep": -went(is_active, {"Sleeping"}),
        "Lost": -went(is_active, {"Lost"}), "Active now": went(is_active | silent | {"Not yet here"}, is_active),
    }  # fmt: skip


def test_the_rungs_of_the_ladder_now_and_a_month_ago(read, book, everybody, ledger):
    shown = read("/value/lifecycle/")
    wallet = models.wallets(book, everybody)
    earlier = counting.people(ledger, TODAY - timedelta(days=counting.MONTH))
    now, before = models.rungs(book, everybody, wallet), models.rungs(book, earlier, wallet)
    assert {label: int(cells[0]) for label, cells in pages.table(shown, "ladder").items()} == Counter(now.values())
    assert set(now.values()) >= {"Advocate", "Client", "Repeat buyer"}
    moved = Counter((before.get(one, "Not yet known"), rung) for one, rung in now.items())
    assert {(old, new): int(count) for old, new, count in pages.rows(shown, "ladder-flow")} == moved


def test_how_soon_new_customers_come_back(read, everybody):
    shown = pages.table(read("/value/lifecycle/"), "coming-back")
    assert set(shown) >= {"7", "30", "90", "365", "730"}
    for days, (share, low, high, watched) in shown.items():
        assert pages.number(share) == pages.near(counting.come_back(everybody, int(days)) * 100)
        assert pages.number(low) <= pages.number(share) <= pages.number(high)
        lengths = [(one.days[1] - one.days[0]).days if one.x else one.age for one in everybody]
        assert int(watched) == sum(length >= int(days) and length > 0 for length in lengths)


def test_every_cell_of_the_cohorts(read, ledger):
    html = read("/value/cohorts/")
    found = counting.cohorts(ledger)
    newest = list(found.items())[-12:]
    for card, is_money in (("cohorts-retention", False), ("cohorts-revenue-to-date", True)):
        shown = pages.rows(html, card)
        assert len(shown) == 12
        for (month, cells), (label, size, *row) in zip(newest, shown, strict=True):
            assert label == f"{month:%b %y}"
            people = cells[0][0]
            assert int(size) == people
            assert [bool(text) for text in row] == [index in cells for index in range(len(row))]
            for (count, money), text in zip(cells.values(), row, strict=False):
                expected = float(money) / people if is_money else count / people * 100
                assert pages.number(text) == pytest.approx(expected, abs=0.51), (label, text)


def test_how_concentrated_the_revenue_is(read, everybody):
    html = read("/value/concentration/")
    amounts = [float(one.revenue) for one in everybody]
    for step, (count, share) in pages.table(html, "pareto").items():
        assert int(count) == pytest.approx(pages.number(step) / 100 * len(everybody), abs=0.51)
        expected = counting.concentration(amounts, pages.number(step) / 100) * 100
        # The curve is drawn through a hundred points, so a share between two of them lies a trifle below it.
        assert pages.number(share) == pytest.approx(expected, abs=0.15)
    best = counting.concentration(amounts, 0.2)
    assert f"The best 20% of customers bring {best * 100:.1f}% of revenue" in pages.words(html)


def test_revenue_and_profit_of_each_whole_month(read, ledger):
    """Money stands in the month in which it moved, returns and costs to serve too."""
    shown = pages.rows(read("/value/lifecycle/"), "months")
    assert len(shown) >= 6
    last = TODAY.replace(day=1)
    for cells in reversed(shown):
        first = (last - timedelta(days=1)).replace(day=1)
        assert cells[0] == f"{first:%b %y}"
        moved = counting.sums(ledger, first - timedelta(days=1), last - timedelta(days=1)).values()
        told = [sum(one[place] for one in moved) for place in (0, 1)]
        pages.assert_shown(cells[-2:], told)
        last = first
