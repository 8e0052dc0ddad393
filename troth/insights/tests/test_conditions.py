"""Scores as fields of the condition language."""

from datetime import date
from decimal import Decimal

import pytest

from troth.customers.models import Customer
from troth.insights.models import CustomerScore
from troth.kit.conditions import catalogue, compiling, reading
from troth.kit.conditions.fields import AsOf

from .making import NOW, make_churn, make_customer

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 1)


def score_of(customer, **fields):
    figures = dict.fromkeys(
        [
            "frequency",
            "recency_days",
            "age_days",
            "monetary_value",
            "purchases",
            "orders",
            "days_since_last_purchase",
            "revenue",
            "profit",
            "profit_assumed_share",
            "service_cost",
            "returns",
            "returned",
            "discount_share",
            "categories",
            "window_revenue",
            "window_profit",
            "window_ordered",
            "window_assumed",
            "r_score",
            "f_score",
            "m_score",
            "rfm",
            "band_place",
            "usual_gap_days",
            "sleeping_after_days",
            "lost_after_days",
        ],
        0,
    )
    fixed = {
        "run_id": customer, "as_of_date": DAY, "computed_at": NOW, "first_purchase_date": DAY,
        "last_purchase_date": DAY, "rfm_segment": "loyal", "band": "gold", "status": "active",
        "rung": "at_least_repeat_buyer",
    }  # fmt: skip
    return CustomerScore.objects.create(owner_id=customer, **(figures | fixed | fields))


def members(condition):
    fields = catalogue.catalogue("customer")
    as_of = AsOf(now=NOW, today=DAY, zone="Asia/Shanghai", currency="CNY")
    found = compiling.members(reading.read(condition, fields), fields, as_of)
    return set(Customer.objects.filter(id__in=found.ids()).values_list("id", flat=True))


def test_scores_narrow_customers():
    ann, bob, nobody = make_customer(), make_customer(), make_customer()
    score_of(ann, revenue=Decimal("100.5"), r_score=5, status_before="sleeping")
    score_of(bob, revenue=Decimal(20), band="silver", r_score=2)

    assert members({"field": "score.band", "operator": "any_of", "value": ["gold"]}) == {ann}
    assert members({"field": "score.revenue", "operator": "at_least", "value": "100.5"}) == {ann}
    assert members({"field": "score.r", "operator": "at_most", "value": 2}) == {bob}
    assert members({"field": "score.status_before", "operator": "any_of", "value": ["sleeping"]}) == {ann}
    assert members({"not": {"field": "score.band", "operator": "any_of", "value": ["gold"]}}) == {bob, nobody}


def test_people_are_found_by_their_risk_of_leaving():
    ann, bob, nobody = make_customer(), make_customer(), make_customer()
    make_churn(ann, probability=Decimal("0.5"))
    make_churn(bob, probability=Decimal("0.4999"))
    assert members({"field": "outlook.leaving", "operator": "at_least", "value": "0.5"}) == {ann}
    assert members({"not": {"field": "outlook.leaving", "operator": "at_least", "value": "0.5"}}) == {bob, nobody}
