"""From what an order should bring to what moves."""

from hypothesis import given
from hypothesis import strategies as st

from troth.programs.outcomes import Award, AwardKind
from troth.sales.postings import Give, Place, Posting, TakeBack, differences, standing

POINTS, COUPON = AwardKind.POINTS, AwardKind.COUPON
PLACE = Place(POINTS, "points", "")


def points(rule, amount, currency="points"):
    return Award(rule, POINTS, amount, currency=currency)


def posting(key, amount, **more):
    return Posting(key, "", POINTS, "points", amount, **more)


def test_what_is_new_is_given_as_one_movement():
    base, tea = points("base", 25), points("tea", 4)
    assert differences([base, tea], []) == [Give(base, 29, {"base": 25, "tea": 4})]


def test_what_stands_moves_nothing():
    assert differences([points("base", 25)], [posting("k1", 25)]) == []


def test_less_takes_back_from_what_was_given():
    assert differences([points("base", 20)], [posting("k1", 25)]) == [TakeBack(PLACE, "k1", 5)]
    assert differences([], [posting("k1", 25)]) == [TakeBack(PLACE, "k1", 25)]


def test_the_newest_is_taken_back_first():
    before = [posting("k1", 25), posting("k2", 10), posting("k3", -4, of="k2")]
    assert differences([points("base", 20)], before) == [TakeBack(PLACE, "k2", 6), TakeBack(PLACE, "k1", 5)]


def test_another_rule_that_now_wins_moves_only_the_difference():
    assert differences([points("double", 50)], [posting("k1", 75)]) == [TakeBack(PLACE, "k1", 25)]


def test_points_with_another_promise_move_by_themselves():
    soon, later = points("base", 5), Award("late", POINTS, 7, currency="points", pending_days=14)
    assert differences([soon, later], []) == [Give(soon, 5, {"base": 5}), Give(later, 7, {"late": 7})]
    assert differences([soon], [posting("k1", 5), posting("k2", 7, promise="14//0")]) == [
        TakeBack(Place(POINTS, "points", "14//0"), "k2", 7)
    ]


def test_tier_points_and_badges_do_not_move_here():
    awards = [Award("tier", AwardKind.TIER_POINTS, 5), Award("badge", AwardKind.BADGE, 1, reference="first")]
    assert differences(awards, []) == []


def test_a_coupon_that_could_not_be_given_does_not_stand():
    refused = Posting("k1.1", "gift", COUPON, "tea", 0, "gift", refused="campaign_exhausted")
    given_one = Posting("k1.2", "gift", COUPON, "tea", 1, "gift", coupon_id="c2")
    place = Place(COUPON, "tea", "gift")
    assert standing([refused, given_one]) == {place: {"k1.2": 1}}
    assert differences([], [refused, given_one]) == [TakeBack(place, "k1.2", 1, "c2")]


def test_postings_are_stored_and_read_again():
    one = posting("k1", -5, of="k0", detail={"arrears_made": 5})
    assert Posting.from_json(one.to_json()) == one


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(1, 100)), min_size=1, max_size=8))
def test_after_any_history_exactly_the_last_wish_stands(wishes):
    postings = []
    for number, wish in enumerate(wishes):
        awards = [points(rule, amount) for rule, amount in wish.items()]
        for at, move in enumerate(differences(awards, postings)):
            key = f"{number}:{at}"
            if isinstance(move, Give):
                postings.append(posting(key, move.amount))
            else:
                postings.append(posting(key, -move.amount, of=move.of))
    stands = standing(postings)
    assert sum(sum(keys.values()) for keys in stands.values()) == sum(wishes[-1].values())
    assert all(left >= 0 for keys in stands.values() for left in keys.values())
