import polars as pl
import pytest

from troth.value import ActionRules, next_actions
from troth.value.errors import FactsError, TermsError

USUAL = {
    "status": "active", "purchases": 9, "quarter": "passing", "probability_alive": 0.9, "potential_value": 90.0,
}  # fmt: skip


def suggested(rules=None, **change):
    customer = {"customer_id": "a", **USUAL, **change}
    (found,) = next_actions(pl.DataFrame([customer]), rules=rules).to_dicts()
    return found


@pytest.mark.parametrize(
    ("change", "action", "reason"),
    [
        ({"has_open_complaint": True, "status": "lost"}, "repair", "open_complaint"),
        ({"satisfaction": 2.0, "quarter": "best"}, "repair", "low_satisfaction"),
        ({"satisfaction": 2.5}, "next_product", "may_buy_more"),
        ({"status": "lost", "probability_alive": 0.1}, "win_back", "lost_and_worth_it"),
        ({"status": "lost", "potential_value": -3.0}, "let_go", "lost_and_not_worth_it"),
        ({"status": "sleeping"}, "hold", "sleeping"),
        ({"status": "sleeping", "potential_value": 0.0}, "next_product", "may_buy_more"),
        ({"probability_alive": 0.49}, "hold", "may_be_gone"),
        ({"quarter": "best", "attitude": 60.0}, "invite", "loyal_and_fond"),
        ({"quarter": "best", "attitude": 59.0}, "thank", "loyal_and_valuable"),
        ({"quarter": "best"}, "thank", "loyal_and_valuable"),
        ({"purchases": 1, "status": "new"}, "thank", "first_purchase"),
        ({"quarter": "wavering"}, "ask", "valuable_not_loyal"),
        ({"quarter": "hidden"}, "next_product", "may_buy_more"),
    ],
)
def test_the_first_rule_that_fits_counts(change, action, reason):
    found = suggested(**change)
    assert (found["action"], found["reason"]) == (action, reason)


def test_what_is_at_risk_is_what_would_come_less_what_is_expected():
    found = suggested(status="lost", probability_alive=0.1, potential_value=20.0)
    assert (found["stake"], found["stake_kind"]) == (pytest.approx(180), "at_risk")
    hopeless = suggested(status="lost", probability_alive=1e-9, potential_value=2e-7)
    assert (hopeless["action"], hopeless["stake"]) == ("win_back", pytest.approx(200))
    assert suggested(status="lost", probability_alive=0.0, potential_value=0.0)["action"] == "let_go"
    assert suggested()["stake_kind"] == "expected"
    assert suggested()["stake"] == 90
    repair = suggested(has_open_complaint=True)
    assert (repair["stake"], repair["stake_kind"]) == (90, "at_risk")


def test_little_at_stake_is_not_worth_the_cost():
    rules = ActionRules(worth_from=200)
    assert suggested(rules, status="lost", probability_alive=0.1, potential_value=20.0)["action"] == "let_go"
    assert suggested(rules, status="lost", probability_alive=0.1, potential_value=30.0)["action"] == "win_back"


def test_bad_figures_are_refused():
    with pytest.raises(TermsError, match="probability_alive"):
        suggested(probability_alive=1.1)
    with pytest.raises(TermsError, match="potential_value"):
        suggested(potential_value=float("nan"))
    with pytest.raises(FactsError, match="quarter: column is missing"):
        next_actions(pl.DataFrame([{"customer_id": "a", **USUAL}]).drop("quarter"))
    with pytest.raises(TermsError, match="alive_below"):
        ActionRules(alive_below=2)
