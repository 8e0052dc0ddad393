import re
from decimal import Decimal

import pytest
from django.urls import reverse

from troth.access.models import ApiKey
from troth.access.permissions import Role
from troth.access.services import authenticate_key
from troth.insights.models import MeasureSettings
from troth.jobs.models import Job
from troth.kit.clock import utc_now
from troth.value.loyalty import CATALOGUE

MEASURE = {
    "recency_days": "fifths",
    "purchases": "fifths",
    "revenue": "fifths",
    "margin": "32.5",
    "measure": "profit",
    "by": "share",
    "diamond": "3",
    "gold": "10",
    "silver": "20",
    "window_days": "365",
    "new_days": "90",
    "sleeping_after": "3",
    "lost_after": "6",
    "floor_days": "14",
    **{f"weight_{one.code}": str(one.weight) for one in CATALOGUE},
    "client_wallet": "70",
    "advocate_referrals": "1",
    "behaviour_from": "60",
    "attitude_from": "60",
    "trust_from": "75",
    "incentive_from": "50",
    "price_from": "30",
    "convenience_from": "95",
    "inertia_below": "20",
}


def test_the_form_shows_percent_and_the_settings_keep_shares(sign_in):
    browser = sign_in()
    html = browser.get("/settings/measure/").content.decode()
    assert re.search(r'name="margin" value="30"', html)
    assert re.search(r'name="diamond" value="3"', html)
    browser.post("/settings/measure/", MEASURE)
    newest = MeasureSettings.objects.order_by("-version").first()
    assert (newest.version, newest.assumed_margin) == (2, Decimal("0.3250"))
    assert (newest.bands["diamond"], newest.bands["measure"]) == ("0.03", "profit")
    assert newest.rhythm["company_gaps"] == MeasureSettings.objects.get(version=1).rhythm["company_gaps"]


@pytest.mark.slow
def test_the_weights_of_the_loyalty_index_are_shown_changed_and_kept_as_a_version(sign_in):
    browser = sign_in()
    html = browser.get("/settings/measure/").content.decode()
    assert re.search(r'name="weight_trust" value="2"', html)
    assert re.search(r'name="client_wallet" value="70"', html)
    norm = {"wallet_mean": "8000", "wallet_deviation": "5000.50"}
    browser.post("/settings/measure/", MEASURE | {"weight_trust": "3.5", "client_wallet": "60"} | norm)
    old, newest = MeasureSettings.objects.order_by("version")
    assert old.loyalty["weights"] == {}
    assert newest.loyalty == {
        "weights": {"trust": "3.5"}, "client_wallet": "0.6", "advocate_referrals": 1, "wallet_mean": "8000",
        "wallet_deviation": "5000.5", "market_by": "", "competition": {}, "satisfied_from": "75",
        "behaviour_from": "60", "attitude_from": "60", "incentive_from": "0.5", "price_from": "0.3",
        "convenience_from": "0.95", "inertia_below": "20", "trust_from": "75",
    }  # fmt: skip
    html = browser.get("/settings/measure/").content.decode()
    assert re.search(r'name="weight_trust" value="3.5"', html)
    assert re.search(r'name="wallet_deviation" value="5000.5"', html)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({f"weight_{one.code}": "0" for one in CATALOGUE}, "Give at least one indicator a weight above 0."),
        ({"wallet_mean": "8000"}, "Give both amounts, or neither."),
        ({"weight_trust": "-1"}, "greater than or equal to 0"),
        ({"incentive_from": "101"}, "less than or equal to 100"),
        ({"inertia_below": "-1"}, "greater than or equal to 0"),
    ],
)
def test_weights_that_make_no_sense_change_nothing(sign_in, wrong, said):
    answer = sign_in().post("/settings/measure/", MEASURE | wrong)
    assert said in answer.content.decode()
    assert MeasureSettings.objects.count() == 1


@pytest.mark.slow
def test_what_counts_as_a_hold_is_shown_in_percent_changed_and_kept(sign_in):
    browser = sign_in()
    html = browser.get("/settings/measure/").content.decode()
    shown = dict(re.findall(r'name="(\w+_(?:from|below))" value="([^"]*)"', html))
    assert shown == {name: value for name, value in MEASURE.items() if name.endswith(("_from", "_below"))}
    changed = {"incentive_from": "20", "price_from": "12.5", "inertia_below": "35", "attitude_from": "70"}
    browser.post("/settings/measure/", MEASURE | changed)
    newest = MeasureSettings.objects.order_by("-version").first().loyalty
    kept = {name: newest[name] for name in (*changed, "convenience_from")}
    assert kept == {
        "incentive_from": "0.2", "price_from": "0.125", "inertia_below": "35", "attitude_from": "70",
        "convenience_from": "0.95",
    }  # fmt: skip
    assert 'name="price_from" value="12.5"' in browser.get("/settings/measure/").content.decode()


def test_saving_what_is_there_makes_no_version(sign_in):
    browser = sign_in()
    browser.post("/settings/measure/", MEASURE)
    answer = browser.post("/settings/measure/", MEASURE, follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert MeasureSettings.objects.count() == 2


LIMITS = {
    "recency_days": "limits",
    **{f"recency_days_{edge}": days for edge, days in enumerate(("30", "90", "180", "365"), 1)},
    "purchases": "fifths",
    "revenue": "limits",
    **{f"revenue_{edge}": sum for edge, sum in enumerate(("100", "250.50", "500", "1000"), 1)},
}


@pytest.mark.slow
def test_scores_go_by_fifths_or_by_fixed_limits(sign_in):
    browser = sign_in()
    browser.post("/settings/measure/", MEASURE | LIMITS)
    newest = MeasureSettings.objects.order_by("-version").first()
    assert newest.rfm == {
        "recency_days": [30, 90, 180, 365],
        "purchases": None,
        "revenue": ["100", "250.5", "500", "1000"],
    }
    html = browser.get("/settings/measure/").content.decode()
    assert re.search(r'name="revenue_2" value="250.5"', html)
    assert "counts from the next analysis on" in html
    browser.post("/settings/measure/", MEASURE | LIMITS | {"recency_days": "fifths", "revenue": "fifths"})
    assert set(MeasureSettings.objects.order_by("-version").first().rfm.values()) == {None}


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [{"revenue_3": ""}, {"recency_days_2": "30"}, {"recency_days_4": "10"}])
def test_limits_that_do_not_rise_are_refused_at_their_score(sign_in, wrong):
    html = sign_in().post("/settings/measure/", MEASURE | LIMITS | wrong).content.decode()
    assert f'id="id_{next(iter(wrong))[:-2]}_error"' in html
    assert MeasureSettings.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"lost_after": "2"}, "lost_after"), ({"new_days": "400"}, "new_days"), ({"margin": "101"}, "margin")],
)
def test_a_setting_outside_its_limits_is_named_at_its_field(sign_in, wrong, field):
    html = sign_in().post("/settings/measure/", {**MEASURE, **wrong}).content.decode()
    assert f'id="id_{field}_error"' in html
    assert MeasureSettings.objects.count() == 1


def test_measuring_anew_is_a_job(sign_in):
    answer = sign_in().post("/settings/measure/analyse/")
    job = Job.objects.get(name="insights.analyse")
    assert answer.headers["Location"] == reverse("jobs:detail", args=[job.id])


def test_a_key_is_shown_once_and_works(sign_in):
    browser = sign_in()
    html = browser.post(
        "/settings/keys/new/", {"name": "Web shop", "scopes": ["customers.view"], "last_day": "2099-01-31"}
    ).content.decode()
    text = re.search(r'data-copy="(troth_[^"]+)"', html)[1]
    assert authenticate_key(text, now=utc_now()).label == "Web shop"
    assert ApiKey.objects.get().expires_at.isoformat() == "2099-01-31T15:59:59.999999+00:00"
    listed = browser.get("/settings/keys/").content.decode()
    assert text not in listed
    assert "Web shop" in listed


def test_a_key_without_scope_or_with_a_past_day_is_refused(sign_in):
    browser = sign_in()
    assert 'id="id_scopes_error"' in browser.post("/settings/keys/new/", {"name": "x"}).content.decode()
    past = {"name": "x", "scopes": ["customers.view"], "last_day": "2020-01-01"}
    assert 'id="id_last_day_error"' in browser.post("/settings/keys/new/", past).content.decode()
    assert not ApiKey.objects.exists()


def test_a_revoked_key_stays_in_the_list(sign_in):
    browser = sign_in()
    browser.post("/settings/keys/new/", {"name": "Till", "scopes": ["orders.view"]})
    browser.post(f"/settings/keys/{ApiKey.objects.get().id}/revoke/")
    assert ApiKey.objects.get().revoked_at is not None
    assert "Revoked" in browser.get("/settings/keys/").content.decode()


def test_only_administrators_make_keys_and_rules(sign_in):
    manager = sign_in(Role.MANAGER)
    assert manager.get("/settings/keys/").status_code == 403
    assert manager.get("/settings/measure/").status_code == 403
