import json
from datetime import date

import polars as pl
import pytest

from troth.value.errors import FactsError, TermsError
from troth.value.loyalty import TypeRules, loyalty_index, loyalty_types

from .test_index import measured

DAY = date(2026, 6, 30)
BUYS, IDLES = ("share_of_wallet", 0.9), ("share_of_wallet", 0.1)
FOND, COLD = ("satisfaction", 5), ("satisfaction", 2)


def typed(*answers, signs=None, rules=None):
    index = loyalty_index(measured(*[("a", *answer) for answer in answers]), as_of=DAY)
    frame = None if signs is None else pl.DataFrame({"customer_id": ["a"], **{k: [v] for k, v in signs.items()}})
    (found,) = loyalty_types(index, frame, rules=rules).to_dicts()
    return found


@pytest.mark.parametrize(
    ("answers", "kind"),
    [((BUYS, FOND), "true"), ((IDLES, FOND), "latent"), ((BUYS, COLD), "spurious"), ((IDLES, COLD), "none")],
)
def test_attitude_and_behaviour_make_the_four_types(answers, kind):
    found = typed(*answers)
    assert (found["type"], found["is_assumed"]) == (kind, False)


def test_the_reasons_name_both_sides_with_their_points():
    assert json.loads(typed(BUYS, COLD, signs={"discount_share": 0.4})["reasons"]) == [
        {"code": "type.behaviour_high", "points": 90.0, "from": 60.0},
        {"code": "type.attitude_low", "points": 25.0, "from": 60.0},
        {"code": "type.hold_price", "share": 0.4},
    ]


@pytest.mark.parametrize(
    ("signs", "hold"),
    [
        ({"is_protected_market": True, "incentive_share": 0.9}, "monopoly"),
        ({"is_staff_or_family": True, "incentive_share": 0.9}, "kinship"),
        ({"incentive_share": 0.5, "discount_share": 0.9}, "incentive"),
        ({"discount_share": 0.3}, "price"),
        ({"main_store_share": 1.0, "main_store_purchases": 3}, "convenience"),
        ({"main_store_share": 1.0, "main_store_purchases": 2}, None),
        ({"says_convenient": True, "discount_share": 0.2}, "convenience"),
        ({"says_convenient": False}, None),
        ({}, None),
    ],
)
def test_the_spuriously_loyal_are_held_by_the_first_sign_seen(signs, hold):
    found = typed(BUYS, COLD, signs=signs)
    assert (found["type"], found["hold"]) == ("spurious", hold)
    code = f"type.hold_{hold}" if hold else "type.hold_not_known"
    assert json.loads(found["reasons"])[-1]["code"] == code


def test_little_breadth_is_inertia():
    index = loyalty_index(
        measured(*[(name, "categories", value) for name, value in zip("abcdef", range(6), strict=True)],
                 ("a", "share_of_wallet", 1), ("a", "referrals", 4), ("a", *COLD)), as_of=DAY)  # fmt: skip
    found = loyalty_types(index).row(by_predicate=pl.col("customer_id") == "a", named=True)
    assert (found["type"], found["hold"]) == ("spurious", "inertia")
    assert json.loads(found["reasons"])[-1] == {"code": "type.hold_inertia", "points": 8.333}


def test_the_truly_loyal_are_held_by_trust_or_by_value():
    assert typed(BUYS, FOND, ("trust", 5))["hold"] == "trust"
    assert typed(BUYS, FOND, ("trust", 3))["hold"] == "super_value"


def test_one_store_alone_is_no_hold_of_whom_nobody_asked_but_ones_own_words_are():
    store = {"main_store_share": 1.0, "main_store_purchases": 30}
    assert (typed(BUYS, signs=store)["type"], typed(BUYS, signs=store)["hold"]) == ("true", None)
    said = typed(BUYS, signs=store | {"says_convenient": True})
    assert (said["type"], said["hold"], said["is_assumed"]) == ("spurious", "convenience", True)
    assert json.loads(said["reasons"])[-1] == {"code": "type.hold_convenience", "said": True}


def test_without_an_attitude_the_type_is_assumed_and_says_so():
    held = typed(BUYS, signs={"incentive_share": 0.8})
    free = typed(BUYS)
    idle = typed(IDLES)
    assert [(one["type"], one["hold"], one["is_assumed"]) for one in (held, free, idle)] == [
        ("spurious", "incentive", True),
        ("true", None, True),
        ("none", None, True),
    ]
    assert [one["code"] for one in json.loads(free["reasons"])] == [
        "type.behaviour_high",
        "type.attitude_not_asked",
        "type.no_hold_seen",
    ]
    assert max(one["confidence"] for one in (held, free, idle)) <= TypeRules().assumed_confidence


def test_one_who_was_only_asked_has_little_behaviour():
    found = typed(FOND)
    assert (found["type"], found["confidence"]) == ("latent", 0)
    assert json.loads(found["reasons"])[0] == {"code": "type.behaviour_low", "points": None, "from": 60.0}


def test_rules_move_the_limits():
    assert typed(("share_of_wallet", 0.5), FOND, rules=TypeRules(behaviour_from=50))["type"] == "true"
    with pytest.raises(TermsError, match="behaviour_from"):
        TypeRules(behaviour_from=101)


@pytest.mark.parametrize(
    ("signs", "error"),
    [
        (pl.DataFrame({"who": ["a"]}), FactsError),
        (pl.DataFrame({"customer_id": ["a", "a"]}), TermsError),
        (pl.DataFrame({"customer_id": ["a"], "discount_share": [1.2]}), TermsError),
    ],
)
def test_bad_signs_are_refused(signs, error):
    index = loyalty_index(measured(("a", *BUYS)), as_of=DAY)
    with pytest.raises(error):
        loyalty_types(index, signs)
