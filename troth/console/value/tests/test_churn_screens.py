"""Who may leave: the cards show the stored figures, and say which way is in use and why."""

import pytest

from troth.console.value import churn_cards, churn_words
from troth.insights.models import ReportFrame

from .test_outlook_screens import get, option, row_of, store, text_of

pytestmark = pytest.mark.django_db

NAMES = (
    "way", "customers", "left", "auc", "auc_low", "auc_high", "average_precision", "average_precision_low",
    "average_precision_high", "brier", "brier_low", "brier_high", "lift", "lift_low", "lift_high", "calibration_error",
    "gain", "gain_low", "gain_high",
)  # fmt: skip
ROWS = [
    ["model", 2000, 180, 0.801, 0.77, 0.83, 0.31, 0.25, 0.37, 0.0712, 0.065, 0.077, 3.6, 3.1, 4.1, 0.011, 0, 0, 0],
    ["own_rhythm", 2000, 180, 0.712, 0.67, 0.75, 0.22, 0.18, 0.27, 0.0761, 0.07, 0.082, 2.9, 2.4, 3.4, 0.013,
     0.0049, 0.0021, 0.0077],
    ["constant", 2000, 180, 0.5, 0.5, 0.5, 0.09, 0.08, 0.1, 0.0819, 0.074, 0.09, 1.0, 1.0, 1.0, 0.002,
     0.0107, 0.007, 0.0144],
]  # fmt: skip
FACTS = {
    "way": "model", "reason": "model_wins", "rival": "own_rhythm", "ahead_days": 84, "is_sample": False,
    "customers": 1900, "features": ["silence_share", "complaints"],
    "slices": [{"slice": name, "first": day, "last": day, "customers": 2000, "left": 200}
               for name, day in (("learn", "2025-06-22"), ("straighten", "2025-09-14"), ("test", "2025-12-07"))],
    "calibration": [
        {"way": way, "tenth": tenth, "customers": 200, "foretold": 0.041, "came": 0.035, "low": 0.017, "high": 0.071}
        for way in ("model", "own_rhythm") for tenth in (1, 10)
    ],
    "weights": [{"feature": "silence_share", "points": 0.7, "share": 0.7},
                {"feature": "complaints", "points": 0.3, "share": 0.3}],
    "drift": [{"feature": "complaints", "psi": 0.31, "state": "shifted"},
              {"feature": "score", "psi": 0.12, "state": "watch"},
              {"feature": "silence_share", "psi": 0.01, "state": "steady"}],
}  # fmt: skip


def told(**changed):
    run = store()
    ReportFrame.objects.create(run=run, name="churn", columns=list(NAMES), rows=ROWS, facts=FACTS | changed)
    return run


@pytest.mark.slow
def test_the_model_in_use_is_shown_with_its_figures_beside_the_plain_ways(sign_in, company):
    told()
    page = get(sign_in(), "models")
    said = text_of(page)
    assert (
        "The learned model is in use. Its chances are surely truer than those of “Silence against the own rhythm”"
        in said
    )
    assert "the Brier score is lower by 0.0049 (0.0021 to 0.0077); AUC 0.80 against 0.71." in said
    assert "at most 84 days: foretold on 7 Dec 2025" in said
    row = row_of(page, "churn-trials", "Learned from everything known")
    assert row.split()[4:6] == ["2,000", "180"]
    assert "0.801 (0.770 to 0.830)" in row
    assert "3.6 (3.1 to 4.1)" in row
    assert option(page, "churn-calibration")["series"]
    assert "4.1% 3.5% 1.7% 7.1%" in row_of(page, "churn-calibration", "10")
    assert "70.0%" in row_of(page, "churn-weights", "Silence against the own gap")
    assert row_of(page, "churn-drift", "Complaints in 182 days").split()[-2:] == ["0.31", "shifted"]
    assert "The chances themselves have moved a little" in said
    assert get(sign_in(language="zh-hans"), "models").count("学习模型") > 1


def test_where_the_baseline_wins_the_page_says_that_it_is_used(sign_in, company):
    told(way="own_rhythm", reason="baseline_wins")
    said = text_of(get(sign_in(), "models"))
    assert "“Silence against the own rhythm” is in use: the learned model is not surely truer." in said
    assert "Brier score 0.0712 against 0.0761" in said


def test_where_everybody_is_alike_nothing_weighs(sign_in, company):
    told(way="constant", reason="baseline_wins", rival="constant", weights=[])
    assert "Everybody has the same chance" in get(sign_in(), "models")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("too_short", {"en": "it takes sixteen weeks", "zh-hans": "至少需要十六周"}),
        ("too_few", {"en": "Too few customers left or stayed", "zh-hans": "流失或留下的客户太少"}),
        (None, {"en": "It is told in the background after an analysis", "zh-hans": "分析完成后会在后台评估"}),
    ],
)
def test_where_nothing_is_told_the_page_says_why(sign_in, company, problem, said, language):
    run = store()
    if problem:
        ReportFrame.objects.create(run=run, name="churn", facts={"problem": problem})
    assert said[language] in get(sign_in(language=language), "models")


def test_the_report_that_is_forwarded_holds_both_pictures(company):
    assert [card.empty != "" for card in churn_cards.forwarded()] == [True]
    told()
    assert [card.id for card in churn_cards.forwarded()] == ["churn-trials", "churn-calibration"]


def test_money_among_the_reasons_is_in_the_companys_currency():
    told = [{"feature": "spend_91", "value": 618.894, "typical": None, "points": -1.0}]
    (reason,) = churn_words.reasons(told, "CNY")
    assert reason.text == "Spent ¥618.89 in 91 days; usual: not known"
