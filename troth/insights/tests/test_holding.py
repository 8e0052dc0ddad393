"""From orders, coupons and words to the hold that is stored: the whole way through an analysis."""

from datetime import date, timedelta

import polars as pl
import pytest

from troth.access.actors import system_actor
from troth.customers.models import AttributeDefinition, CustomerAttribute
from troth.insights import services, traces
from troth.insights.attitudes import MeasurementSource, _sources, schema
from troth.insights.models import CustomerOutlook
from troth.insights.traces import TraceSource
from troth.staff.models import Store
from troth.value.churn import Trace

from .making import NOW, make_company, make_customer, make_order

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
DAY = date(2026, 3, 1)


def test_who_buys_by_coupon_or_in_one_store_only_is_held_by_that(tmp_path, settings, monkeypatch):
    settings.LAKE_DIR = tmp_path
    make_company(as_of_date=DAY)
    here, there = (Store.objects.create(code=code, name=code) for code in ("1", "2"))
    lured, near, said, free, *others = (make_customer() for _ in range(12))
    days = [DAY - timedelta(days=7 * turn + 1) for turn in range(20)]
    for who in (lured, near, said, free):
        for turn, day in enumerate(days):
            store = here if who == near or turn % 2 else there
            make_order(who, day, "90", categories=("tea", "cake", "rice", "oil"), store=store)
    for who in others:
        make_order(who, DAY - timedelta(days=300), "5", store=here)
    used = [(lured, "coupons_used", day, 1.0) for day in days[:11]]
    source = TraceSource("rewards", {"coupons_used": Trace("discounts", "sum")}, lambda _after, _until: used)
    monkeypatch.setattr(traces, "_sources", {"rewards": source})
    cold = [(str(who), "satisfaction", 2.0, "surveys", DAY, 1.0) for who in (near, free)]
    told = pl.DataFrame(cold, schema=schema(), orient="row")
    monkeypatch.setitem(_sources, "test", MeasurementSource("test", lambda _as_of: told))
    words = AttributeDefinition.objects.create(code="here_for_convenience", label="Near", attribute_type="boolean")
    CustomerAttribute.objects.create(owner_id=said, definition=words, updated_at=NOW, boolean_value=True)

    services.analyse(actor=system_actor("test"), now=NOW)

    found = {one.owner_id: one for one in CustomerOutlook.objects.all()}
    assert {who: (found[who].loyalty_type, found[who].loyalty_hold) for who in (lured, near, said, free)} == {
        lured: ("spurious", "incentive"), near: ("spurious", "convenience"), said: ("spurious", "convenience"),
        free: ("spurious", ""),
    }  # fmt: skip
    reasons = {who: found[who].type_reasons[-1] for who in (lured, near, said, free)}
    assert reasons == {
        lured: {"code": "type.hold_incentive", "share": 0.55},
        near: {"code": "type.hold_convenience", "share": 1.0},
        said: {"code": "type.hold_convenience", "said": True},
        free: {"code": "type.hold_not_known"},
    }
