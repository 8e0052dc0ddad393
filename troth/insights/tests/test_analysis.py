"""The whole analysis on small companies, with exact figures."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import polars as pl
import pytest

from troth.access.actors import system_actor
from troth.customers.models import Customer
from troth.events.models import Event
from troth.insights import services
from troth.insights.errors import LakeBusyError, MeasureSettingsError
from troth.insights.lake import exporting
from troth.insights.models import AnalysisRun, CustomerScore, MeasureSettings, ReportFrame
from troth.jobs.models import Schedule

from .making import NOW, make_company, make_customer, make_order, make_return, make_service_cost

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)
ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def lake(tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def company():
    return make_company(as_of_date=TODAY)


def analyse(**more) -> AnalysisRun:
    return services.analyse(actor=ACTOR, now=NOW, **more)


def frame(run, name):
    found = ReportFrame.objects.get(run=run, name=name)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def days_ago(days):
    return TODAY - timedelta(days=days)


@pytest.mark.slow
def test_one_customer_has_the_figures_that_a_pencil_gives():
    ann = make_customer()
    make_order(ann, days_ago(100), "100", cost="60", categories=("tea", "cups"))
    make_order(ann, days_ago(60), "50")
    last = make_order(ann, days_ago(10), "80", cost="50")
    make_return(ann, days_ago(5), "30", last)
    make_service_cost(ann, days_ago(4), "2.5")

    analyse()

    score = CustomerScore.objects.get()
    assert (score.owner_id, score.frequency, score.recency_days, score.age_days) == (ann, 2, 90, 100)
    assert (score.purchases, score.orders, score.days_since_last_purchase) == (3, 3, 10)
    assert score.revenue == Decimal(200)
    assert score.monetary_value == Decimal(50)  # (50 + 80 − 30) ÷ 2
    # 40 and 30 earned on known costs, 30 % of 50; less 30 % of the 30 given back (cost not known) and 2.50
    assert score.profit == Decimal("73.5")
    assert score.profit_assumed_share == Decimal("0.2174")  # 50 of 230
    assert (score.first_purchase_date, score.last_purchase_date) == (days_ago(100), days_ago(10))
    assert (score.categories, score.returns, score.returned) == (2, 1, Decimal(30))
    assert (score.status, score.rung, score.as_of_date) == ("active", "at_least_repeat_buyer", TODAY)
    assert [reason["code"].partition(".")[0] for reason in score.reasons] == ["status", "band", "rung"]


@pytest.mark.slow
def test_merged_customers_count_under_the_canonical_one():
    ann, double = make_customer(), make_customer()
    make_order(ann, days_ago(50), "100")
    make_order(double, days_ago(20), "40")
    Customer.objects.filter(id=double).update(canonical_id=ann)

    analyse()

    assert [(s.owner_id, s.purchases, s.revenue) for s in CustomerScore.objects.all()] == [(ann, 2, Decimal(140))]


@pytest.mark.slow
def test_unmerged_customers_stand_apart_again():
    ann, double = make_customer(), make_customer()
    make_order(ann, days_ago(50), "100")
    make_order(double, days_ago(20), "40")
    Customer.objects.filter(id=double).update(canonical_id=ann)
    analyse()
    Customer.objects.filter(id=double).update(canonical_id=None)

    analyse()

    assert dict(CustomerScore.objects.values_list("owner_id", "purchases")) == {ann: 1, double: 1}


@pytest.mark.slow
def test_an_erased_customer_has_no_score_and_stays_in_the_totals():
    ann, gone = make_customer(), make_customer(erased_at=NOW)
    make_order(ann, days_ago(5), "100")
    make_order(gone, days_ago(5), "40")

    run = analyse()

    assert list(CustomerScore.objects.values_list("owner_id", flat=True)) == [ann]
    assert frame(run, "kpis")[0]["revenue"] == "140.0000"
    assert {row["customer_id"] for row in frame(run, "scatter")} == {str(ann)}


@pytest.mark.slow
def test_scores_of_customers_who_are_gone_vanish():
    ann, bob = make_customer(), make_customer()
    make_order(ann, days_ago(5))
    order = make_order(bob, days_ago(5))
    analyse()
    order.delete()

    run = analyse()

    assert list(CustomerScore.objects.values_list("owner_id", flat=True)) == [ann]
    assert run.customer_count == 1


@pytest.mark.slow
def test_an_empty_company_has_frames_of_nothing():
    run = analyse()

    assert (run.status, run.customer_count) == ("done", 0)
    assert [row["customers"] for row in frame(run, "pyramid")] == [0, 0, 0, 0, 0]
    assert frame(run, "kpis")[0]["revenue"] == "0"
    assert CustomerScore.objects.count() == 0


@pytest.mark.slow
def test_key_figures_compare_with_the_span_before():
    ann, bob, cid = (make_customer() for _ in range(3))
    make_order(ann, days_ago(400), "10")
    make_order(ann, days_ago(40), "20", cost="15")
    make_order(bob, days_ago(35), "30")
    make_order(ann, days_ago(3), "40")
    make_order(bob, days_ago(2), "50", cost="30")
    make_order(cid, days_ago(0), "60")
    make_return(bob, days_ago(1), "5")

    rows = {row["span"]: row for row in frame(analyse(), "kpis")}

    month, before = rows["month"], rows["month_before"]
    assert (month["start"], month["end"]) == ("2026-01-31", "2026-03-01")
    assert (month["customers"], month["new_customers"], month["orders"]) == (3, 1, 3)
    assert Decimal(month["revenue"]) == 145
    assert Decimal(month["profit"]) == Decimal("48.5")  # 20 known, 30 % of 100, less 30 % of 5 given back
    assert month["repeat_rate"] == pytest.approx(2 / 3, abs=1e-6)
    assert (before["customers"], before["new_customers"], Decimal(before["revenue"])) == (2, 1, 50)
    assert (rows["year"]["customers"], rows["year_before"]["customers"]) == (3, 1)


@pytest.mark.slow
def test_standing_tells_today_and_the_ends_of_months():
    ann = make_customer()
    make_order(ann, days_ago(45))
    make_order(ann, days_ago(5))

    rows = frame(analyse(), "standing")

    assert [(row["day"], row["active_now"]) for row in rows] == [
        ("2026-03-01", 1), ("2026-02-28", 1), ("2026-01-31", 1)
    ]  # fmt: skip


@pytest.mark.slow
def test_moves_of_a_month_lead_to_their_people():
    stays, sleeps, returns, comes, dies = (make_customer() for _ in range(5))
    for customer, days in (
        (stays, (90, 60, 31, 5)),
        (sleeps, (120, 90, 60, 45)),
        (returns, (300, 290, 280, 2)),
        (comes, (4,)),
        (dies, (80, 73, 66, 59, 52, 45, 44, 43, 42, 41, 40)),
    ):
        for day in days:
            make_order(customer, days_ago(day))

    run = analyse()

    steps = {row["step"]: row["customers"] for row in frame(run, "waterfall")}
    moved = {s.owner_id: (s.status_before, s.status) for s in CustomerScore.objects.all()}
    assert moved[stays] == ("active", "active")
    assert moved[comes] == ("", "new")
    assert moved[returns][0] == "lost"
    assert steps["start"] + steps["new"] + steps["won_back"] + steps["to_sleeping"] + steps["to_lost"] == steps["end"]
    active = ("new", "repeat", "active")
    assert steps["start"] == sum(before in active for before, _now in moved.values())
    assert steps["end"] == sum(now in active for _before, now in moved.values())
    assert steps["won_back"] == 1
    assert sum(row["customers_before"] for row in frame(run, "status")) == 4


@pytest.mark.slow
def test_other_currencies_are_left_out_and_counted():
    ann = make_customer()
    make_order(ann, days_ago(5), "100")
    make_order(ann, days_ago(5), "7", currency="EUR")

    run = analyse()

    assert CustomerScore.objects.get().revenue == 100
    assert (run.order_count, run.notes["other_currency_orders"]) == (1, 1)


@pytest.mark.slow
def test_repeating_the_analysis_changes_nothing_but_the_run():
    ann = make_customer()
    make_order(ann, days_ago(5))
    first = analyse()
    before = CustomerScore.objects.values().get()

    second = analyse()

    after = CustomerScore.objects.values().get()
    assert {k: v for k, v in after.items() if k not in ("run_id", "computed_at")} == {
        k: v for k, v in before.items() if k not in ("run_id", "computed_at")
    }
    assert after["run_id"] == second.id != first.id
    assert not Event.objects.filter(name__endswith=".changed", name__startswith="insights.").exists()


@pytest.mark.slow
def test_moves_are_events():
    ann = make_customer()
    make_order(ann, days_ago(5))
    analyse()
    make_order(ann, days_ago(3), at=NOW + timedelta(hours=2))

    analyse()

    moved = {(e.name, e.owner_id, e.data["before"], e.data["after"]) for e in Event.objects.filter(owner_id=ann)}
    assert moved == {
        ("insights.status.changed", ann, "new", "repeat"),
        ("insights.rung.changed", ann, "first_time_buyer", "at_least_repeat_buyer"),
    }


@pytest.mark.slow
def test_changed_settings_move_nobody_by_event_and_measure_anew():
    ann = make_customer()
    make_order(ann, days_ago(5), "100")
    analyse()
    assert CustomerScore.objects.get().profit == 30
    services.change_settings(actor=ACTOR, now=NOW, assumed_margin=Decimal("0.2"))

    run = analyse()

    assert CustomerScore.objects.get().profit == 20
    assert run.settings.version == 2
    assert Event.objects.filter(name="insights.settings.changed").count() == 1


def test_settings_outside_their_limits_are_refused_and_nothing_is_written():
    services.settings_in_force(actor=ACTOR, now=NOW)
    for wrong in (
        {"assumed_margin": Decimal("1.2")},
        {"bands": {"diamond": "0.9", "gold": "0.9"}},
        {"rhythm": {"sleeping_after": "7", "lost_after": "3"}},
        {"rhythm": {"no_such": 1}},
        {"rfm": {"purchases": [4, 3, 2, 1]}},
        {"rfm": {"purchases": ["x"]}},
    ):
        with pytest.raises(MeasureSettingsError):
            services.change_settings(actor=ACTOR, now=NOW, **wrong)
    assert MeasureSettings.objects.count() == 1


def test_the_same_settings_again_make_no_version():
    first = services.settings_in_force(actor=ACTOR, now=NOW)

    same = services.change_settings(
        actor=ACTOR, now=NOW, assumed_margin=first.assumed_margin, rfm={"purchases": None}, bands={}
    )

    assert same.version == 1


@pytest.mark.slow
def test_thresholds_survive_storing():
    services.change_settings(
        actor=ACTOR,
        now=NOW,
        bands={"by": "amount", "diamond": "20000", "gold": "5000.5", "silver": "100"},
        rfm={"purchases": [2, 4, 8, 16], "revenue": ["10", "20.5", "30", "40"]},
    )
    ann = make_customer()
    make_order(ann, days_ago(200), "10000")
    make_order(ann, days_ago(5), "10000")

    analyse()

    score = CustomerScore.objects.get()
    assert (score.band, score.f_score, score.m_score) == ("diamond", 2, 5)


@pytest.mark.slow
def test_a_failed_analysis_says_so_and_leaves_the_scores(monkeypatch):
    make_order(make_customer(), days_ago(5))
    analyse()
    before = list(CustomerScore.objects.values())
    monkeypatch.setattr("troth.insights.storing.put", lambda *_args, **_run: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        analyse()

    assert list(CustomerScore.objects.values()) == before
    failed = AnalysisRun.objects.get(status="failed")
    assert (failed.error_code, failed.frames.count()) == ("ZeroDivisionError", 0)


@pytest.mark.slow
def test_an_interrupted_run_is_noted_by_the_next():
    run = analyse()
    AnalysisRun.objects.filter(id=run.id).update(status="running")

    analyse()

    assert AnalysisRun.objects.get(id=run.id).error_code == "interrupted"


def test_only_one_analysis_at_a_time(lake):
    with exporting.locked(lake, ".analysis.lock"), pytest.raises(LakeBusyError):
        analyse()
    assert AnalysisRun.objects.count() == 0


@pytest.mark.slow
def test_the_days_scores_are_kept_in_the_lake(lake):
    ann = make_customer()
    make_order(ann, days_ago(5), "100")
    analyse()

    kept = pl.read_parquet(lake / "scores" / "2026-03-01.parquet")

    assert [(UUID(row["customer_id"]), row["revenue"]) for row in kept.to_dicts()] == [(ann, Decimal(100))]


@pytest.mark.slow
def test_as_of_a_past_day_knows_nothing_later():
    ann = make_customer()
    make_order(ann, days_ago(50), "100")
    make_order(ann, days_ago(5), "40")

    run = analyse(as_of=days_ago(30))

    assert run.as_of_date == days_ago(30)
    assert CustomerScore.objects.get().revenue == 100


@pytest.mark.slow
def test_the_night_run_is_scheduled_once_in_the_companys_zone():
    analyse()
    analyse()

    assert [(s.name, s.next_run_at.isoformat()) for s in Schedule.objects.filter(name="insights.analyse")] == [
        ("insights.analyse", "2026-03-01T19:00:00+00:00")
    ]
