"""Groups by recency, frequency and money, the best, who brought whom, and one person's own figures."""

from collections import defaultdict
from datetime import timedelta
from statistics import median

import numpy as np
import pytest

from . import counting, models, pages
from .book import TODAY

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# By recency, and by the mean of frequency and money with halves up: as README and the page's help state them.
GROUPS = (
    ("Champions", (5, 5), (4, 5)), ("Loyal", (3, 4), (4, 5)), ("Potentially loyal", (4, 5), (2, 3)),
    ("Newcomers", (5, 5), (1, 1)), ("Promising", (4, 4), (1, 1)), ("Need attention", (3, 3), (3, 3)),
    ("About to sleep", (3, 3), (1, 2)), ("Must not lose", (1, 2), (5, 5)), ("At risk", (1, 2), (3, 4)),
    ("Hibernating", (1, 2), (1, 2)),
)  # fmt: skip


@pytest.fixture(scope="module")
def scored(everybody):
    """Everybody with recency, frequency and money as fifths, and the name of the group."""
    columns = (
        counting.fifths([-one.silence for one in everybody]), counting.fifths([len(one.days) for one in everybody]),
        counting.fifths([one.revenue for one in everybody]),
    )  # fmt: skip
    return [(one, r, f, m, group(r, (f + m + 1) // 2)) for one, r, f, m in zip(everybody, *columns, strict=True)]


def group(recency, worth):
    """The first group that holds both."""
    fitting = (name for name, lately, much in GROUPS
               if lately[0] <= recency <= lately[1] and much[0] <= worth <= much[1])  # fmt: skip
    return next(fitting, "Need attention")


def test_the_groups_by_recency_frequency_and_money(read, scored):
    shown = pages.table(read("/value/rfm/"), "rfm-segments")
    assert set(shown) == {name for *_scores, name in scored}
    assert len(shown) >= 9
    for name, cells in shown.items():
        people = [one for one, _r, _f, _m, own in scored if own == name]
        told = (len(people), sum(one.revenue for one in people), sum(one.window_revenue for one in people),
                median(one.silence for one in people), np.mean([len(one.days) for one in people]))  # fmt: skip
        pages.assert_shown(cells, told)


def test_each_cell_of_the_grid_of_recency_and_frequency(read, scored):
    rows = pages.rows(read("/value/rfm/"), "rfm-grid")
    cells = defaultdict(list)
    for one, recency, often, much, _group in scored:
        cells[recency, often].append((one.revenue, much))
    assert {(int(row[0]), int(row[1])) for row in rows} == set(cells)
    assert len(cells) == 25
    for recency, often, *told in rows:
        people = cells[int(recency), int(often)]
        expected = (len(people), sum(money for money, _score in people), np.mean([score for _money, score in people]))
        pages.assert_shown(told, expected)


@pytest.mark.parametrize("measure", ["revenue", "profit"])
def test_the_best_customers_and_what_they_bring(read, everybody, book, measure):
    html = read("/value/best/", by=measure)
    body = html.split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    shown = [[pages.words(cell) for cell in pages.CELL.findall(row)] for row in pages.ROW.findall(body)]
    best = sorted(everybody, key=lambda one: (-getattr(one, measure), str(one.id)))
    whole = sum(getattr(one, measure) for one in everybody)
    bands = counting.bands(everybody)
    places = {one: place for place, one in enumerate(book.customers)}
    assert 20 <= len(shown) <= len(best)
    for number, (one, cells) in enumerate(zip(best, shown, strict=False), 1):
        last = one.days[-1]
        words = [str(number), f"Person {places[one.id]}", f"{last.day} {last:%b %Y}", bands[one.id].title(),
                 one.status.title()]  # fmt: skip
        assert [cells[0], cells[1], *cells[5:8]] == words
        money = getattr(one, measure)
        pages.assert_shown(cells[2:5], (money, money / whole * 100, len(one.days)))


def credited(book, everybody):
    """By introducer: the people brought, with those these brought; and the money credited, half of it handed up."""
    made = {one.id: float(one.profit) for one in everybody}
    reach, credit = defaultdict(set), defaultdict(float)
    for child in book.brought_by:
        chain, above = [], book.brought_by.get(child)
        while above is not None:
            chain.append(above)
            above = book.brought_by.get(above)
        for place, one in enumerate(chain):
            reach[one].add(child)
            is_first = place == len(chain) - 1
            credit[one] += made.get(child, 0.0) * 0.5**place * (1 if is_first else 0.5)
    return reach, credit


def test_who_brings_whom_and_what_is_credited(read, book, everybody):
    html = read("/value/referrals/")
    reach, credit = credited(book, everybody)
    places = {f"Person {place}": one for place, one in enumerate(book.customers)}
    made = {one.id: one.profit for one in everybody}
    brought = models.brought(book, everybody)
    table = html.split("With those they brought</th>")[1].split("</table>")[0]
    rows = [[pages.words(cell) for cell in pages.CELL.findall(row)] for row in pages.ROW.findall(table)]
    rows = [row for row in rows if row and row[0] in places]
    assert {places[row[0]] for row in rows} == set(reach)
    order = [credit[places[row[0]]] for row in rows]
    assert order == sorted(order, reverse=True)
    for name, *cells in rows:
        one = places[name]
        pages.assert_shown(cells, (brought[one], len(reach[one]), credit[one]))
    assert sum(credit.values()) == pytest.approx(float(sum(made[one] for one in book.brought_by)))
    text = pages.words(html)
    pages.assert_shown(
        [text.partition(before)[2].split(" ", 1)[0].rstrip(".") for before in
         ("Customers brought ", "Customers who brought others ", "and brought a profit of ")],
        (len(book.brought_by), len(reach), sum(credit.values())),
    )  # fmt: skip
    tree = pages.rows(html, "referral-trees")
    assert len(tree) >= 20
    for name, by, *cells in tree:
        one = places[name]
        above = book.brought_by.get(one)
        assert (places[by] if by else None) == above
        pages.assert_shown(cells, (made[one], brought.get(one, 0), credit[one]))


def test_one_customer_in_three_layers_of_value(read, book, everybody):
    """Made, to come and brought; the wallet as told; what stands at the top of the page, and why."""
    buying, _likelihood = models.fitted_buying(everybody)
    spend, margin = models.fitted_spend(everybody), models.margin(everybody)
    wallet, (_reach, credit) = models.wallets(book, everybody), credited(book, everybody)
    one = max((one for one in everybody if one.id in wallet and one.id in credit), key=lambda one: one.revenue)
    text = pages.words(read(f"/customers/{one.id}/"))
    coming = models.lifetime_value(one, buying, spend, margin)
    top, _there, layers = text.partition("Still there ")
    for part, figures in (
        (top, {"Revenue so far ": one.revenue, "Profit so far ": one.profit, "Last purchase ": one.silence,
               "usually every ": one.gap}),
        (layers, {"Made value ": one.profit, "Influence value ": credit[one.id],
                  "Share of wallet ": wallet[one.id] * 100}),
    ):  # fmt: skip
        pages.assert_shown([part.partition(before)[2].split(" ", 1)[0] for before in figures], list(figures.values()))
    alive, low, _to, high = layers.split(" ", 4)[:4]
    assert pages.number(alive) == pytest.approx(buying.alive(one) * 100, abs=0.11)
    assert pages.number(low) <= pages.number(alive) <= pages.number(high)
    value, low, _to, high = layers.partition("Value to come ")[2].split(" ", 4)[:4]
    assert pages.number(value) == pytest.approx(coming, rel=2e-3)
    assert pages.number(low) < coming < pages.number(high)
    year = pages.number(layers.partition("Purchases in a year ")[2])
    assert year == pages.near(buying.purchases(one, models.month_ends()[-1]))
    why = pages.words(read(f"/customers/{one.id}/figures/"))
    asleep, lost = (int(max(one.gap, 14 / 3) * times) for times in (3, 6))
    assert f"sleeping after {asleep}, lost after {lost} days" in why
    assert pages.number(why.partition("Mean of a purchase ")[2]) == pages.near(one.repeat_mean, 2)
    assert pages.number(why.partition("Days with purchases ")[2]) == len(one.days)


def test_the_repeat_purchases_of_each_week(read, everybody):
    """What came, week by week from the first purchase of all, and so far; the last week may be cut short."""
    rows = pages.rows(read("/value/models/"), "model-tracking")
    repeats = sorted(day for one in everybody for day in one.days[1:])
    assert rows[-1][0] == f"{TODAY.day} {TODAY:%b %Y}"
    assert len(rows) >= 100
    for back, (until, came, _expected, so_far, _expected_so_far) in enumerate(reversed(rows)):
        end = TODAY - timedelta(days=7 * back)
        assert until == f"{end.day} {end:%b %Y}"
        week = [day for day in repeats if end - timedelta(days=7) < day <= end]
        assert int(came) == len(week)
        assert pages.number(so_far) == sum(day <= end for day in repeats)
