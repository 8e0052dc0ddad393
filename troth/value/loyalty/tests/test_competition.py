"""How strong the competition is: entered before estimated, and nothing where too few said anything."""

import polars as pl
import pytest
from scipy import stats

from troth.value.errors import FactsError, TermsError
from troth.value.loyalty import CompetitionSource, competition


def said(market, *, shares=(), preferences=()):
    rows = [(market, share, None) for share in shares] + [(market, None, one) for one in preferences]
    schema = {"market": pl.String, "wallet_share": pl.Float64, "preference": pl.Float64}
    return pl.DataFrame(rows or [(market, None, None)], schema=schema, orient="row")


def test_it_is_the_mean_share_spent_elsewhere():
    shares = [0.9, 0.5, 0.7, 0.3, 0.6, 0.8, 0.4, 0.6, 0.7, 0.5]
    (found,) = competition(said("north", shares=shares, preferences=[5] * 20))
    mean = sum(shares) / 10
    give = stats.t.ppf(0.975, 9) * (sum((one - mean) ** 2 for one in shares) / 9) ** 0.5 / 10**0.5
    assert (found.market, found.source, found.answers) == ("north", CompetitionSource.WALLET, 10)
    assert (found.level, found.low, found.high) == pytest.approx((1 - mean, 1 - mean - give, 1 - mean + give))


def test_else_whether_they_prefer_us():
    (found,) = competition(said("north", shares=[0.5] * 9, preferences=[1, 5, 3, 3, 5, 1, 3, 3, 2, 4]))
    assert (found.source, found.level) == (CompetitionSource.PREFERENCE, pytest.approx(0.5))
    assert 0 <= found.low < found.level < found.high <= 1


def test_what_was_entered_counts_and_of_few_answers_nothing_is_said():
    both = pl.concat([said("open", shares=[0.2] * 30), said("far", shares=[0.2] * 9)])
    far, opened = competition(both, entered={"open": 0.9, "nowhere": 0.1})
    assert (far.level, far.low, far.source, far.answers) == (None, None, CompetitionSource.UNKNOWN, 0)
    assert (opened.level, opened.low, opened.source) == (0.9, None, CompetitionSource.ENTERED)


def test_all_alike_has_no_interval_to_speak_of():
    (found,) = competition(said("north", shares=[1.0] * 12))
    assert (found.level, found.low, found.high) == (0, 0, 0)


def test_what_cannot_be_is_refused():
    with pytest.raises(TermsError, match="wallet_share"):
        competition(said("north", shares=[1.1]))
    with pytest.raises(TermsError, match="preference"):
        competition(said("north", preferences=[0]))
    with pytest.raises(TermsError, match="competition of north"):
        competition(said("north"), entered={"north": 1.5})
    with pytest.raises(FactsError):
        competition(pl.DataFrame({"x": [1]}))
