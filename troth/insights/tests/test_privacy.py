"""What was computed of a person is handed out with everything else, and goes with everything else."""

import json
from datetime import timedelta

import pytest

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.insights import analysis, privacy, services
from troth.insights.market_models import CustomerMarket
from troth.insights.models import CustomerScore, Introduction, ProductSuggestion
from troth.insights.prospect_models import Prospect
from troth.kit.ids import new_id

from .making import NOW, make_churn, make_company, make_customer, make_order, make_outlook

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ACTOR = system_actor("test")
DAY = NOW.date()


@pytest.fixture
def ann(tmp_path, settings):
    """A customer of whom everything was computed that can be."""
    settings.LAKE_DIR = tmp_path
    make_company()
    ann = make_customer(name="Ann")
    for days in (10, 40):
        make_order(ann, DAY - timedelta(days=days), "50")
    services.analyse(actor=ACTOR, now=NOW)
    for model in tuple(privacy.PROFILE.values())[1:]:
        model.objects.all().delete()
    make_outlook(ann, loyalty_index=71)
    make_churn(ann)
    ProductSuggestion.objects.create(
        owner_id=ann, run_id=new_id(), as_of_date=DAY, computed_at=NOW, products=[{"product": "t1", "name": "Tea"}]
    )
    Prospect.objects.create(
        owner_id=ann, run_id=new_id(), as_of_date=DAY, computed_at=NOW, rung="suspect", reason="x", known_date=DAY
    )
    CustomerMarket.objects.create(
        owner_id=ann, run_id=new_id(), as_of_date=DAY, computed_at=NOW, market="North", satisfaction=75, stayed=True,
        corner="advocate",
    )  # fmt: skip
    Introduction.objects.create(owner_id=ann, run_id=new_id(), as_of_date=DAY, computed_at=NOW, introducer_id=new_id())
    return ann


# lesson: export and erasure disagree; the value profile is in neither
def test_the_value_profile_is_handed_out_and_erased_at_once(ann):
    bob = make_customer(name="Bob")
    make_churn(bob)
    handed = json.loads(json.dumps(customers.export_customer(actor=ACTOR, now=NOW, customer_id=ann)["profile"]))
    assert {name: len(rows) for name, rows in handed.items()} == dict.fromkeys(privacy.PROFILE, 1)
    (score,), (expected,), (suggested,) = handed["scores"], handed["expected"], handed["suggestions"]
    assert (score["revenue"], score["purchases"], score["last_purchase_date"]) == ("100.0000", 2, "2026-02-19")
    assert score["reasons"]
    assert float(expected["loyalty_index"]) == 71
    assert suggested["products"] == [{"product": "t1", "name": "Tea"}]
    assert not {"owner_id", "run_id"} & score.keys()

    customers.erase_customer(actor=ACTOR, now=NOW, customer_id=ann)
    assert [model.objects.filter(owner_id=ann).count() for model in privacy.FORGOTTEN] == [0] * len(privacy.FORGOTTEN)
    assert privacy.PROFILE["leaving"].objects.get().owner_id == bob


def test_who_is_erased_while_it_is_computed_gets_no_profile_by_it(ann, monkeypatch):
    measure = analysis.measure

    def erased_meanwhile(*args, **more):
        found = measure(*args, **more)
        customers.erase_customer(actor=ACTOR, now=NOW, customer_id=ann)
        return found

    monkeypatch.setattr(analysis, "measure", erased_meanwhile)
    run = services.analyse(actor=ACTOR, now=NOW)
    assert run.status == "done"
    assert not CustomerScore.objects.exists()
