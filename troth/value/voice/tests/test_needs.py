"""Drivers, Kano, texts: known answers."""

import numpy as np
import polars as pl
import pytest

from troth import value
from troth.value.voice import kano
from troth.value.voice.drivers import drivers, relative_weights
from troth.value.voice.kano import Need, Zone, feature, need_of, needs_map
from troth.value.voice.texts import information, keywords, themes, words


def test_relative_weights_of_independent_drivers_are_their_squared_correlations():
    one, two = np.tile([-1.0, -1.0, 1.0, 1.0], 10), np.tile([-1.0, 1.0, -1.0, 1.0], 10)
    weights = relative_weights(np.column_stack([one, two]), 2 * one + two)
    assert weights == pytest.approx([0.8, 0.2])


def test_two_that_say_the_same_share_evenly():
    one = np.tile([1.0, 2.0, 3.0, 4.0, 5.0], 8)
    assert relative_weights(np.column_stack([one, one]), one) == pytest.approx([0.5, 0.5])


def test_what_matters_and_is_done_badly_is_to_be_fixed():
    random = np.random.default_rng(1)
    service, price = random.integers(1, 6, 300), random.integers(1, 6, 300)
    frame = pl.DataFrame({"service": np.minimum(service, 3), "price": np.maximum(price, 3), "score": service})
    found = drivers(frame, outcome="score", scales={"service": (1, 5), "price": (1, 5)}, resamples=20)
    rows = {row["driver"]: row for row in found.table.rows(named=True)}
    assert found.count == 300
    assert rows["service"]["place"] == "fix"
    assert rows["price"]["place"] == "ease"
    assert rows["service"]["low"] <= rows["service"]["importance"] <= rows["service"]["high"]
    assert found.table["importance"].sum() == pytest.approx(1)


def test_too_few_answers_or_nothing_that_differs_say_nothing():
    few = pl.DataFrame({"service": [1, 2], "score": [1, 2]})
    assert drivers(few, outcome="score", scales={"service": (1, 5)}).table.is_empty()
    same = pl.DataFrame({"service": [3] * 50, "score": [5] * 50})
    assert drivers(same, outcome="score", scales={"service": (1, 5)}).table.is_empty()
    with pytest.raises(value.TermsError):
        drivers(few, outcome="gone", scales={"service": (1, 5)})


@pytest.mark.parametrize(
    ("present", "absent", "need"),
    [
        ("like", "like", Need.QUESTIONABLE),
        ("like", "neutral", Need.ATTRACTIVE),
        ("like", "dislike", Need.ONE_DIMENSIONAL),
        ("neutral", "dislike", Need.MUST_BE),
        ("expect", "tolerate", Need.INDIFFERENT),
        ("dislike", "like", Need.REVERSE),
        ("dislike", "dislike", Need.QUESTIONABLE),
    ],
)
def test_the_evaluation_table(present, absent, need):
    assert need_of(present, absent) is need


def test_better_and_worse_count_those_who_care():
    pairs = [("like", "neutral")] * 6 + [("like", "dislike")] * 2 + [("expect", "dislike")] * 1
    pairs += [("neutral", "neutral")] * 1 + [("dislike", "like")] * 5
    found = feature("x", pairs)
    assert (found.need, found.count, found.better, found.worse) == (Need.ATTRACTIVE, 15, 0.8, -0.3)
    assert not found.is_clear
    assert feature("y", [("expect", "dislike")] * 40).is_clear
    assert feature("z", []).better is None


def test_the_needs_map_has_four_zones_and_leaves_out_what_nobody_minds():
    must, wish = [("expect", "dislike")] * 20, [("like", "neutral")] * 20
    features = [feature("clean", must), feature("quick", must), feature("gift", wish), feature("surprise", wish)]
    features.append(feature("lift", [("neutral", "neutral")] * 20))
    placed = needs_map(features, {"quick": 0.2, "gift": 0.2}, stated_from=0.1)
    assert dict(placed.select("feature", "zone").rows()) == {
        "clean": Zone.BASICS, "quick": Zone.SATISFACTION, "gift": Zone.DELIGHT, "surprise": Zone.LOYALTY, "lift": None,
    }  # fmt: skip
    assert kano.STEPS[0] == "like"


@pytest.mark.slow
def test_words_of_both_languages_stand_in_their_order():
    found = words("店员态度很好，但是排队等了很久。The queues were long!")
    assert found[:3] == ["店员", "态度", "排队"]
    assert found[-2:] == ["queue", "long"]


def test_words_of_the_dissatisfied_lean_their_way():
    texts = ["queue long"] * 20 + ["friendly staff"] * 20
    found = {one.word: one for one in keywords(texts, [True] * 20 + [False] * 20)}
    assert found["queue"].texts == 20
    assert found["queue"].lean > 1.96
    assert found["friendly"].lean < -1.96
    assert keywords(["queue"])[0].lean is None


def test_themes_are_found_in_both_languages():
    assert themes("The cashier was rude and the queue slow") == {"staff", "waiting"}
    assert themes("店员态度差，价格太贵") == {"staff", "price"}
    assert themes("") == set()


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("I wish you had oat milk", {"need"}),
        ("建议增加停车位", {"idea"}),
        ("隔壁更便宜", {"competitor"}),
        ("Acme does it better", {"competitor"}),
        ("The staff is friendly", {"praise"}),
        ("The staff is not friendly", set()),
        ("一点都不喜欢", set()),
        ("ordinary", set()),
    ],
)
def test_information_is_seen_by_its_signs(text, kinds):
    assert {one.kind for one in information(text, rivals=["Acme"])} == kinds


def test_performance_is_where_the_mean_lies_between_the_ends_of_the_scale():
    marks = [1, 2, 3, 4, 5, 3] * 20
    frame = pl.DataFrame(
        {"score": [mark * 2 for mark in marks], "service": marks, "speed": [mark + 2 for mark in marks]}
    )
    table = drivers(frame, outcome="score", scales={"service": (1, 5), "speed": (1, 7)}, resamples=2).table
    found = dict(table.select("driver", "performance").rows())
    assert found == pytest.approx({"service": 50.0, "speed": 200 / 3})  # 3 of 1 to 5; 5 of 1 to 7
