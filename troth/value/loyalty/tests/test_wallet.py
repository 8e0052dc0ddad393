import numpy as np
import polars as pl
import pytest

from troth.value.errors import TermsError
from troth.value.loyalty import WalletNorm, share_of_wallet

NORM = WalletNorm("families", mean=5000, deviation=2000)


def shares(*, norms=(NORM,), **columns):
    count = len(columns["spend"])
    frame = pl.DataFrame({"customer_id": list("abcdefgh")[:count], **columns})
    return share_of_wallet(frame, norms).to_dicts()


def drawn(norm, spend, size=1_000_000):
    """Shares by drawing wallets that hold at least the spend."""
    wallets = np.random.default_rng(1).lognormal(norm.log_mean, norm.log_deviation, size)
    return spend / wallets[wallets >= spend]


@pytest.mark.slow
@pytest.mark.parametrize("spend", [500.0, 3000.0, 6000.0])
def test_the_estimate_is_what_drawing_gives(spend):
    (found,) = shares(spend=[spend], segment=["families"])
    expected = drawn(NORM, spend)
    assert found["share"] == pytest.approx(expected.mean(), abs=0.002)
    assert found["low"] == pytest.approx(np.quantile(expected, 0.025), abs=0.003)
    assert found["high"] == pytest.approx(np.quantile(expected, 0.975), abs=0.003)
    assert found["source"] == "estimated"


def test_an_answer_comes_before_the_norm():
    (found,) = shares(spend=[400.0], asked_spend=[1000.0], segment=["families"])
    assert found["source"] == "asked"
    assert found["low"] < 0.4 < found["high"]
    assert found["share"] == pytest.approx(0.412, abs=0.002)


def test_nothing_spent_is_no_share_and_far_more_than_the_norm_nearly_all():
    none, much = shares(spend=[0.0, 5e7], segment=["families"] * 2)
    assert (none["share"], none["low"], none["high"]) == (0, 0, 0)
    assert 0.95 < much["share"] <= much["high"] <= 1
    assert much["low"] < much["share"]


def test_of_whom_nothing_is_known_nothing_is_said():
    (found,) = shares(spend=[10.0], segment=["elsewhere"])
    assert found == {"customer_id": "a", "share": None, "low": None, "high": None, "source": "unknown"}
    (found,) = shares(spend=[10.0], norms=())
    assert found["source"] == "unknown"


@pytest.mark.parametrize(("column", "value"), [("spend", -1.0), ("spend", None), ("asked_spend", 0.0)])
def test_amounts_that_cannot_be_are_refused(column, value):
    columns = {"spend": [5.0], "asked_spend": [10.0]} | {column: [value]}
    with pytest.raises(TermsError, match=column):
        share_of_wallet(pl.DataFrame({"customer_id": ["a"], **columns}, schema_overrides={column: pl.Float64}))


def test_norms_must_be_sound():
    with pytest.raises(TermsError, match="once"):
        share_of_wallet(pl.DataFrame({"customer_id": ["a"], "spend": [1.0]}), [NORM, NORM])
    with pytest.raises(TermsError, match="deviation"):
        WalletNorm("x", mean=10, deviation=0)
