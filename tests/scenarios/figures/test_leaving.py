"""Who may leave: how each way of telling it did on a past evening, and which one is in use."""

import numpy as np
import pytest

from . import leaving, pages

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
MODEL, RHYTHM, ALIKE = "Learned from everything known", "Silence against the own rhythm", "Everybody alike"


@pytest.fixture(scope="module")
def told(book):
    return leaving.slices(book)


@pytest.fixture(scope="module")
def came(told):
    return leaving.labels(told.test)


@pytest.fixture(scope="module")
def chances(told):
    """The chances of those tried on, by each way."""
    share = leaving.labels(told.straighten).mean()
    return {
        MODEL: leaving.taught(told.learn, told.straighten, leaving.FEATURES)(told.test),
        RHYTHM: leaving.taught(told.learn, told.straighten, [leaving.SILENCE])(told.test),
        ALIKE: np.full(len(told.test), share),
    }


def gain(chances, came, way):
    """By how much the squared error of the model is below that of another way, with its interval."""
    apart = (chances[way] - came) ** 2 - (chances[MODEL] - came) ** 2
    half = 1.96 * apart.std(ddof=1) / np.sqrt(len(apart))
    return apart.mean(), apart.mean() - half, apart.mean() + half


def assert_interval(cell, expected, *, places):
    """A cell says "0.786 (0.707 to 0.865)"."""
    found = cell.replace("(", "").replace(")", "").replace("to ", "").split()
    assert [pages.number(one) for one in found] == [pages.near(one, places) for one in expected], cell


def test_every_way_and_its_measures(read, told, chances, came):
    html = read("/value/models/")
    shown = pages.table(html, "churn-trials")
    assert set(shown) == set(chances)
    for way, chance in chances.items():
        count, left, auc, precision, brier, lift, miss, better = shown[way]
        assert (int(count), int(left)) == (len(told.test), came.sum())
        measured = leaving.measures(chance, came)
        for cell, name, places in (
            (auc, "auc", 3),
            (precision, "precision", 3),
            (brier, "brier", 4),
            (lift, "lift", 1),
        ):
            assert_interval(cell, measured[name], places=places)
        expected = sum(
            many * abs(foretold - share) for _t, many, foretold, share, *_ends in leaving.tenths(chance, came)
        )
        pages.assert_shown([miss], [expected / len(came) * 100])
        if way == MODEL:
            assert better == "–"
        else:
            assert_interval(better, gain(chances, came, way), places=4)
    text = pages.words(html)
    day = told.days[0]
    assert f"at most {told.ahead} days: foretold on {day.day} {day:%b %Y} by what was known until then" in text


def test_the_plain_way_that_wins_is_in_use_and_said(read, chances, came):
    """The model's score is lower, but not surely: so silence tells it, in the words and figures of the contest."""
    mean, low, high = gain(chances, came, RHYTHM)
    assert low < 0 < mean < high
    assert mean < gain(chances, came, ALIKE)[0]
    model, plain = (leaving.measures(chances[way], came) for way in (MODEL, RHYTHM))
    found = pages.words(read("/value/models/")).partition(
        f"“{RHYTHM}” is in use: the learned model is not surely truer. Brier score "
    )[2]
    first, _against, second = found.split()[:3]
    between = found.partition("the interval of the difference, ")[2].split()
    areas = found.partition("; AUC ")[2].split()
    pages.assert_shown(
        [first, second.rstrip(","), between[0], between[2].rstrip(","), areas[0], areas[2].rstrip(".")],
        [model["brier"][0], plain["brier"][0], low, high, model["auc"][0], plain["auc"][0]],
    )  # fmt: skip


def test_whether_its_chances_came_true(read, chances, came):
    rows = pages.rows(read("/value/models/"), "churn-calibration")
    expected = leaving.tenths(chances[RHYTHM], came)
    assert len(rows) == len(expected) == 10
    for cells, (tenth, count, *shares) in zip(rows, expected, strict=True):
        assert [int(cells[0]), int(cells[1])] == [tenth, count]
        pages.assert_shown(cells[2:], [share * 100 for share in shares])


def test_whether_customers_have_changed(read, told):
    """Today's against all who were learned from in the end; chances against those that straightened them."""
    shown = pages.table(read("/value/models/"), "churn-drift")
    learned = told.learn + told.straighten
    before, now = leaving.values(learned), leaving.values(told.now)
    found = {name: leaving.stability(before[:, place], now[:, place]) for place, name in enumerate(leaving.FEATURES)}
    chance = leaving.taught(learned, told.test, [leaving.SILENCE])
    found["The chance itself"] = leaving.stability(chance(told.test), chance(told.now))
    assert set(found) == {name for name in shown if "to be there" not in name}
    for name, figure in found.items():
        state = "shifted" if figure >= 0.25 else "to be watched" if figure >= 0.1 else "steady"
        assert shown[name][1] == state, name
        pages.assert_shown(shown[name][:1], [figure])
