"""Drawing groups, planning, comparing, looking early, ranking: exact values and a published experiment."""

from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.value import TermsError, experiments
from troth.value.experiments import Doubt

EMAILS = Path(__file__).parents[5] / "shared" / "data" / "hillstrom_email.csv.gz"
TENTH = {"control": 1, "mail": 9}


def test_the_draw_is_the_same_for_ever() -> None:
    arms = [experiments.arm_of(str(unit), experiment="spring", shares=TENTH) for unit in range(30)]
    assert [unit for unit, arm in enumerate(arms) if arm == "control"] == [10, 19, 23]


@pytest.mark.slow
def test_the_draw_keeps_the_shares_and_is_new_for_each_experiment() -> None:
    units = [str(unit) for unit in range(20_000)]
    spring = [experiments.arm_of(unit, experiment="spring", shares=TENTH) for unit in units]
    autumn = [experiments.arm_of(unit, experiment="autumn", shares=TENTH) for unit in units]
    counts = {arm: spring.count(arm) for arm in TENTH}
    assert experiments.is_share_as_planned(counts, TENTH)
    both = sum(one == other == "control" for one, other in zip(spring, autumn, strict=True))
    assert both == pytest.approx(200, abs=60)


def test_uneven_groups_are_noticed() -> None:
    assert experiments.is_share_as_planned({"control": 5_000, "mail": 5_050}, {"control": 1, "mail": 1})
    assert not experiments.is_share_as_planned({"control": 4_700, "mail": 5_300}, {"control": 1, "mail": 1})


@pytest.mark.parametrize("shares", [{}, {"control": 0, "mail": 1}, {"control": True}, {"control": 0.5}])
def test_a_draw_without_sense_is_refused(shares: dict[str, int]) -> None:
    with pytest.raises(TermsError):
        experiments.arm_of("1", experiment="spring", shares=shares)


def test_how_many_people_it_takes() -> None:
    # Two-sided 5 %, power 80 %: (1.95996 + 0.84162)² × 4 × (σ/δ)² = 31.3955 × 100
    assert experiments.people_needed(deviation=10, difference=1, control_share=0.5) == 3140
    assert experiments.detectable(people=3140, deviation=10) == pytest.approx(1.0, abs=1e-3)
    # Fleiss' formula for 10 % against 12 %: 3,841 a group
    assert experiments.people_needed_for_rate(rate=0.10, difference=0.02) == pytest.approx(2 * 3841, abs=2)
    assert experiments.people_needed(deviation=10, difference=1, control_share=0.1) == 8721


@pytest.mark.parametrize(
    "terms",
    [
        {"deviation": 0, "difference": 1},
        {"deviation": 1, "difference": 0},
        {"deviation": 1, "difference": 1, "control_share": 1},
        {"deviation": 1, "difference": 1, "power": 1},
    ],
)
def test_a_plan_without_sense_is_refused(terms: dict[str, float]) -> None:
    with pytest.raises(TermsError):
        experiments.people_needed(**terms)


def people(control: list[float], mail: list[float], **more: list[float]) -> pl.DataFrame:
    arms = ["control"] * len(control) + ["mail"] * len(mail)
    return pl.DataFrame({"arm": arms, "spend": [*control, *mail], **more}, strict=False)


def test_the_difference_of_means_with_welchs_interval() -> None:
    found = experiments.compare(people([1, 2, 3, 4], [2, 4, 6, 8, 10]), outcome="spend")
    effect = found.effect("mail")
    assert (effect.mean, effect.control_mean, effect.difference) == (6.0, 2.5, 3.5)
    assert effect.deviation == pytest.approx(sqrt(10 / 5 + (5 / 3) / 4))
    # scipy.stats.ttest_ind(equal_var=False): t 2.2514, 5.52 degrees of freedom, p 0.0695
    assert effect.chance == pytest.approx(0.0695, abs=5e-4)
    assert effect.low < 0 < effect.high
    assert effect.total == 17.5
    assert effect.relative == pytest.approx(1.4)
    assert Doubt.SMALL_GROUP in found.doubts


def test_cuped_takes_out_what_was_so_before() -> None:
    draw = np.random.default_rng(7)
    before = draw.gamma(2, 50, 4000)
    arm = draw.integers(0, 2, 4000)
    spend = 0.8 * before + draw.normal(0, 20, 4000) + 5 * arm
    frame = pl.DataFrame({"arm": np.where(arm == 1, "mail", "control"), "spend": spend, "before": before})
    plain = experiments.compare(frame, outcome="spend").effect("mail")
    found = experiments.compare(frame, outcome="spend", before="before")
    effect = found.effect("mail")
    assert found.explained > 0.85
    assert effect.deviation < 0.4 * plain.deviation
    assert effect.low < 5 < effect.high
    assert found.doubts == ()


def test_groups_that_were_unlike_before_the_start_are_named() -> None:
    before = [float(value % 10) for value in range(200)] + [float(value % 10 + 5) for value in range(200)]
    frame = people([1.0, 2.0] * 100, [1.0, 2.0] * 100, before=before)
    assert Doubt.UNLIKE_BEFORE in experiments.compare(frame, outcome="spend", before="before").doubts


def test_one_person_who_decides_everything_is_named() -> None:
    frame = people([1.0] * 150, [1.0] * 149 + [5000.0])
    assert experiments.compare(frame, outcome="spend").doubts == (Doubt.FEW_DECIDE,)


def test_a_ratio_is_of_sums_and_its_interval_knows_that_people_were_drawn() -> None:
    frame = people([10, 0, 30, 20], [20, 10, 60, 30], visits=[1, 0, 3, 2, 1, 1, 3, 1])
    effect = experiments.compare_ratio(frame, outcome="spend", per="visits").effect("mail")
    assert (effect.control_mean, effect.mean, effect.difference) == (10.0, 20.0, 10.0)
    assert effect.total == 60.0  # 10 more for each of 6 visits
    # residuals 0, -10, 0, 10 over a mean of 1.5 visits; the control's are all 0
    assert effect.deviation == pytest.approx(sqrt((200 / 3) / 4) / 1.5)


@pytest.mark.parametrize(
    ("frame", "field"),
    [
        (pl.DataFrame({"arm": ["control", "mail"], "spend": [1.0, 2.0]}), "people of control"),
        (people([1, 2], []), "arm"),
        (pl.DataFrame({"arm": ["mail"] * 4, "spend": [1.0] * 4}), "arm"),
        (pl.DataFrame({"arm": ["control"] * 4}), "people"),
        (people([1, 2], [3, float("nan")]), "spend"),
        (pl.DataFrame({"arm": ["control"] * 2 + ["mail"] * 2, "spend": [1, 2, None, 3]}), "spend"),
        (pl.DataFrame({"arm": ["control"] * 2 + ["mail", None], "spend": [1, 2, 2, 3]}), "arm"),
    ],
)
def test_what_cannot_be_compared_is_refused(frame: pl.DataFrame, field: str) -> None:
    with pytest.raises(TermsError) as refusal:
        experiments.compare(frame, outcome="spend")
    assert refusal.value.field == field


@given(st.floats(-100, 100), st.floats(1e-3, 50), st.floats(0.01, 50))
def test_the_interval_that_may_be_peeked_at_holds_the_usual_one(
    difference: float, deviation: float, expected: float
) -> None:
    low, high = experiments.always_valid(difference, deviation, expected=expected)
    assert low < difference - 1.96 * deviation
    assert high > difference + 1.96 * deviation


@pytest.mark.slow
def test_peeking_every_day_does_not_find_what_is_not_there() -> None:
    draw = np.random.default_rng(11)
    usual = peeked = 0
    for _round in range(300):
        differences = np.cumsum(draw.normal(0, 1, 1000)) / np.arange(1, 1001)
        deviations = 1 / np.sqrt(np.arange(1, 1001))
        looks = range(19, 1000, 20)
        usual += any(abs(differences[look]) > 1.96 * deviations[look] for look in looks)
        intervals = [experiments.always_valid(differences[at], deviations[at], expected=0.1) for at in looks]
        peeked += any(not low <= 0 <= high for low, high in intervals)
    assert usual > 60  # a fifth and more would have been announced
    assert peeked <= 15


def test_qini_of_a_perfect_a_random_and_a_contrary_ranking() -> None:
    # Of four kinds of people, one in four buys only with the offer; the others never do.
    rows = [(kind, offered, kind == 0 and offered) for kind in range(4) for offered in (True, False)] * 50
    frame = pl.DataFrame(rows, schema=["kind", "offered", "bought"], orient="row")
    best = experiments.qini(
        frame.with_columns(rank=-pl.col("kind")), ranking="rank", outcome="bought", treated="offered"
    )
    worst = experiments.qini(frame.with_columns(rank="kind"), ranking="rank", outcome="bought", treated="offered")
    even = experiments.qini(frame.with_columns(rank=pl.lit(1)), ranking="rank", outcome="bought", treated="offered")
    assert best.curve["gain"].to_list() == [0, 100, 100, 100, 100]
    assert best.curve["random_gain"].to_list() == [0, 25, 50, 75, 100]
    assert best.coefficient == pytest.approx(0.09375)
    assert worst.coefficient == pytest.approx(-best.coefficient)
    assert even.coefficient == 0


@pytest.mark.slow
@pytest.mark.skipif(not EMAILS.exists(), reason="the e-mail experiment's data is not beside the project")
def test_the_known_effects_of_the_e_mail_experiment() -> None:
    data = pl.read_csv(EMAILS)
    frame = data.with_columns(arm=pl.col("segment"))
    shares = {"No E-Mail": 1, "Mens E-Mail": 1, "Womens E-Mail": 1}
    known = {"visit": (0.0766, 0.0452), "conversion": (0.0068, 0.0031), "spend": (0.77, 0.42)}
    for outcome, (men, women) in known.items():
        found = experiments.compare(frame, outcome=outcome, control="No E-Mail", planned=shares)
        places = 2 if outcome == "spend" else 4
        assert round(found.effect("Mens E-Mail").difference, places) == men
        assert round(found.effect("Womens E-Mail").difference, places) == women
        for effect in found.effects:
            assert 0 < effect.low < effect.difference < effect.high
        assert Doubt.UNEVEN_GROUPS not in found.doubts
