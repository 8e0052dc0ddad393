"""A handful of customers with orders and scores."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.insights.models import CustomerScore
from troth.kit.ids import new_id

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
ACTOR = system_actor("test")


def add(name, **identities):
    given = [customers.NewIdentity(kind, value) for kind, value in identities.items()]
    return customers.create_customer(
        actor=ACTOR,
        now=NOW,
        name=name,
        identities=given,
        city="上海",
        joined_date=date(2025, 1, 5),
        source="till",
    )


def score(customer, revenue, *, status="active", band="gold"):
    figures = {
        "frequency": 4, "recency_days": 300, "age_days": 400, "monetary_value": 90, "purchases": 5, "orders": 6,
        "days_since_last_purchase": 12, "first_purchase_date": date(2025, 1, 25), "profit": 100,
        "last_purchase_date": date(2026, 2, 17), "profit_assumed_share": 0, "service_cost": 0, "returns": 1,
        "returned": 20, "discount_share": 0, "categories": 3, "window_revenue": revenue, "window_profit": 100,
        "window_ordered": revenue, "window_assumed": 0, "r_score": 5, "f_score": 4, "m_score": 3, "rfm": 543,
        "rfm_segment": "champions", "band_place": 0, "usual_gap_days": 30, "sleeping_after_days": 90,
        "lost_after_days": 180, "rung": "at_least_repeat_buyer",
    }  # fmt: skip
    codes = ("status.own_rhythm", "band.place_in_order", "rung.at_least_repeat_buyer")
    return CustomerScore.objects.create(
        owner_id=customer.id,
        run_id=new_id(),
        as_of_date=date(2026, 3, 1),
        computed_at=NOW,
        revenue=revenue,
        band=band,
        status=status,
        reasons=[{"code": code} for code in codes],
        **figures,
    )


@pytest.fixture
def people(company):
    """王小明 and Anna have bought, 李静 has not."""
    wang = add("王小明", phone="13812345678", email="wang.x@qq.com")
    anna = add("Anna Berg", phone="+46701234567", card="C1")
    li = add("李静")
    score(wang, 500)
    score(anna, 900, status="lost", band="diamond")
    return SimpleNamespace(wang=wang, anna=anna, li=li)
