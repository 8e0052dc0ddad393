import polars as pl
import pytest

from troth.value.errors import FactsError, TermsError
from troth.value.loyalty import LadderRules, ladder, moves, quadrant


def rungs(buyers, **more):
    return {name: (rung, reason) for name, rung, reason in ladder(pl.DataFrame(buyers), **more).iter_rows()}


def test_buyers_stand_on_the_upper_rungs():
    found = rungs(
        {
            "customer_id": ["once", "many", "regular", "brings", "asleep", "unknown"],
            "purchases": [1, 5, 9, 9, 9, 9],
            "status": ["new", "active", "active", "active", "sleeping", "active"],
            "share_of_wallet": [0.9, 0.4, 0.7, 0.8, 0.9, None],
            "referrals": [2, 0, 0, 1, 3, 5],
        }
    )
    assert found == {
        "once": ("first_time_buyer", "one_purchase"),
        "many": ("repeat_buyer", "repeats"),
        "regular": ("client", "wallet"),
        "brings": ("advocate", "wallet_and_referrals"),
        "asleep": ("repeat_buyer", "repeats"),
        "unknown": ("at_least_repeat_buyer", "wallet_not_known"),
    }


def test_prospects_stand_below_and_a_buyer_is_none():
    prospects = pl.DataFrame(
        {
            "customer_id": ["fits", "poor", "content", "dark", "half", "buyer"],
            "has_need": [True, True, False, None, True, True],
            "is_able_to_pay": [True, False, True, None, None, True],
        }
    )
    found = rungs({"customer_id": ["buyer"], "purchases": [1], "status": ["new"]}, prospects=prospects)
    assert found == {
        "buyer": ("first_time_buyer", "one_purchase"),
        "fits": ("prospect", "needs_and_can_pay"),
        "poor": ("disqualified_prospect", "not_able_to_pay"),
        "content": ("disqualified_prospect", "no_need"),
        "dark": ("suspect", "need_or_means_not_known"),
        "half": ("suspect", "need_or_means_not_known"),
    }


def test_the_limits_of_the_upper_rungs_can_be_set():
    buyers = {"customer_id": ["a"], "purchases": [3], "status": ["active"], "share_of_wallet": [0.5], "referrals": [1]}
    assert rungs(buyers, rules=LadderRules(client_wallet=0.5))["a"][0] == "advocate"
    assert rungs(buyers, rules=LadderRules(client_wallet=0.5, advocate_referrals=2))["a"][0] == "client"
    with pytest.raises(TermsError):
        LadderRules(client_wallet=0)
    with pytest.raises(TermsError, match="share_of_wallet"):
        rungs({**buyers, "share_of_wallet": [1.5]})


def test_moves_tell_up_from_down():
    before = pl.DataFrame({"customer_id": ["a", "b", "c", "d", "gone"], "rung": [
        "prospect", "client", "at_least_repeat_buyer", "first_time_buyer", "client"]})  # fmt: skip
    after = pl.DataFrame({"customer_id": ["a", "b", "c", "d", "e"], "rung": [
        "first_time_buyer", "repeat_buyer", "repeat_buyer", "first_time_buyer", "suspect"]})  # fmt: skip
    assert moves(before, after).rows() == [
        ("a", "prospect", "first_time_buyer", 1),
        ("b", "client", "repeat_buyer", -1),
        ("c", "at_least_repeat_buyer", "repeat_buyer", 0),
        ("e", None, "suspect", None),
    ]


def test_four_quarters():
    customers = pl.DataFrame(
        {"customer_id": ["a", "b", "c", "d"], "loyalty_index": [80.0, 60, 59.9, 10], "revenue": [100, 10, 90, 5]}
    )
    found = quadrant(customers, valuable_share=0.5)
    assert dict(found.select("customer_id", "quarter").iter_rows()) == {
        "a": "best", "b": "hidden", "c": "wavering", "d": "passing",
    }  # fmt: skip
    assert found["valuable_from"].to_list() == [90] * 4


def test_who_has_as_much_as_the_last_valuable_one_counts_too():
    customers = pl.DataFrame({"customer_id": list("abcde"), "loyalty_index": [90] * 5, "revenue": [50, 40, 40, 40, 1]})
    found = quadrant(customers, valuable_share=0.4)
    assert found["quarter"].to_list() == ["best", "best", "best", "best", "hidden"]


def test_nobody_makes_no_quarter_and_bad_figures_are_refused():
    columns = {"customer_id": pl.String, "loyalty_index": pl.Float64, "revenue": pl.Float64}
    assert quadrant(pl.DataFrame(schema=columns)).is_empty()
    with pytest.raises(TermsError, match="loyalty"):
        quadrant(pl.DataFrame({"customer_id": ["a"], "loyalty_index": [None], "revenue": [1.0]}))
    with pytest.raises(FactsError, match="revenue: column is missing"):
        quadrant(pl.DataFrame({"customer_id": ["a"], "loyalty_index": [1.0]}))
