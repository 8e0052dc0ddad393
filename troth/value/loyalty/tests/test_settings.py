"""What a company sets about loyalty, and what it may not."""

from decimal import Decimal

import pytest

from troth.value.errors import TermsError
from troth.value.loyalty import CATALOGUE, LoyaltyTerms, TypeRules


def test_without_settings_the_catalogue_counts():
    terms = LoyaltyTerms()
    assert terms.catalogue == CATALOGUE
    assert (terms.ladder_rules.client_wallet, terms.ladder_rules.advocate_referrals) == (0.7, 1)
    assert terms.norms == ()
    assert terms.type_rules == TypeRules()


def test_weights_and_norm_are_taken_over():
    terms = LoyaltyTerms(
        weights={"trust": Decimal("3.5"), "days_to_choose": Decimal(0)}, client_wallet=Decimal("0.5"),
        wallet_mean=Decimal(8000), wallet_deviation=Decimal(6000),
    )  # fmt: skip
    weights = {one.code: one.weight for one in terms.catalogue}
    assert (weights["trust"], weights["days_to_choose"], weights["satisfaction"]) == (3.5, 0, 2)
    assert [(one.mean, one.deviation) for one in terms.norms] == [(8000, 6000)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": {"charm": Decimal(1)}},
        {"weights": {"trust": Decimal(-1)}},
        {"client_wallet": Decimal(2)},
        {"advocate_referrals": 0},
        {"market_by": "region"},
        {"market_by": "attribute:"},
        {"competition": {"North": Decimal("1.1")}},
        {"satisfied_from": Decimal(0)},
        {"incentive_from": Decimal("1.01")},
        {"inertia_below": Decimal(-1)},
        {"behaviour_from": Decimal(101)},
        {"wallet_mean": Decimal(8000)},
        {"wallet_mean": Decimal(0), "wallet_deviation": Decimal(1)},
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(TermsError):
        LoyaltyTerms(**wrong)
