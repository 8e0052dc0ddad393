"""Whoever objects to a profile has no score: from that moment, and in every analysis after."""

from datetime import date, timedelta

import pytest

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.insights import services
from troth.insights.models import CustomerOutlook, CustomerScore, ReportFrame

from .making import NOW, make_company, make_customer, make_order

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

TODAY = date(2026, 3, 1)
ACTOR = system_actor("test")


def object_to_a_profile(customer, *, is_given: bool = False) -> None:
    customers.record_consent(
        actor=ACTOR, now=NOW, customer_id=customer, purpose="profiling", is_given=is_given, source="page", proof="p"
    )


def test_an_objection_takes_the_scores_away_at_once_and_for_good(tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    make_company(as_of_date=TODAY)
    ann, bob = make_customer(), make_customer()
    for customer, amount in ((ann, "100"), (bob, "40")):
        make_order(customer, TODAY - timedelta(days=5), amount)
    services.analyse(actor=ACTOR, now=NOW)
    assert set(CustomerScore.objects.values_list("owner_id", flat=True)) == {ann, bob}

    object_to_a_profile(bob)
    assert list(CustomerScore.objects.values_list("owner_id", flat=True)) == [ann]
    assert list(CustomerOutlook.objects.values_list("owner_id", flat=True)) == [ann]

    run = services.analyse(actor=ACTOR, now=NOW + timedelta(hours=1))
    assert list(CustomerScore.objects.values_list("owner_id", flat=True)) == [ann]
    assert not any(str(bob) in str(frame.rows) for frame in ReportFrame.objects.filter(run=run))
    kpis = ReportFrame.objects.get(run=run, name="kpis")
    assert "140.0000" in str(kpis.rows), "totals are no profile"

    object_to_a_profile(bob, is_given=True)
    services.analyse(actor=ACTOR, now=NOW + timedelta(hours=2))
    assert set(CustomerScore.objects.values_list("owner_id", flat=True)) == {ann, bob}
