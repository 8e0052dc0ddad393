"""Who brought whom, recognised by whatever they wrote; the profit of those brought, credited once."""

from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from troth.access.actors import system_actor
from troth.customers import queries as customers
from troth.customers.models import AttributeDefinition, CustomerAttribute, Identity
from troth.insights import referring

from .making import NOW, make_company, make_customer

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def company():
    make_company(country="CN")


@pytest.fixture
def attribute():
    return AttributeDefinition.objects.create(code="referred_by", label="Referred by", attribute_type="text")


def known_as(customer, kind, value, source=""):
    Identity.objects.create(owner_id=customer, identity_kind=kind, source=source, value=value, created_at=NOW)


def told(attribute, customer, text, minutes=0):
    CustomerAttribute.objects.create(
        owner_id=customer, definition=attribute, text_value=text, updated_at=NOW + timedelta(minutes=minutes)
    )


def scored(**profits):
    rows = [(str(owner), Decimal(profit)) for owner, profit in profits.items()]
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "profit": pl.Decimal(18, 4)}, orient="row")


def test_introducers_are_recognised_by_phone_mail_card_and_id(attribute):
    ann, bo, cy, di, ed = (make_customer() for _ in range(5))
    known_as(ann, "phone", "+8613800138000")
    known_as(ann, "email", "ann@example.org")
    known_as(ann, "card", "A77", source="pos")
    told(attribute, bo, " 138 0013 8000 ")
    told(attribute, cy, "ANN@example.org", 1)
    told(attribute, di, "a77", 2)
    told(attribute, ed, str(bo), 3)
    found = customers.referrals()
    assert found.links == {bo: ann, cy: ann, di: ann, ed: bo}
    assert (found.told, found.unknown, found.circular) == (4, 0, 0)


def test_who_is_not_recognised_and_rings_are_left_out_and_counted(attribute):
    ann, bo, cy, di = (make_customer() for _ in range(4))
    known_as(ann, "card", "7", source="a")
    known_as(bo, "card", "7", source="b")
    told(attribute, cy, "7")  # two people have that card number
    told(attribute, di, "nobody", 1)
    told(attribute, ann, str(bo), 2)
    told(attribute, bo, str(ann), 3)  # came last: leads back
    found = customers.referrals()
    assert found.links == {ann: bo}
    assert (found.told, found.unknown, found.circular) == (4, 2, 1)


def test_nobody_brings_themselves_also_under_a_merged_record(attribute):
    ann = make_customer()
    old = make_customer(canonical_id=ann)
    told(attribute, ann, str(old))
    found = customers.referrals()
    assert found.links == {}
    assert found.circular == 1


def test_the_profit_of_those_brought_is_credited_once(attribute):
    ann, bo, cy, di = (make_customer() for _ in range(4))
    told(attribute, bo, str(ann))
    told(attribute, cy, str(bo), 1)
    told(attribute, di, str(ann), 2)  # has not bought
    scores = scored(**{str(ann): "10", str(bo): "5", str(cy): "80"})
    found = referring.measured(scores, customers.referrals())
    people = {row["customer_id"]: row for row in found.people.to_dicts()}
    # Of the 80 of cy a half stays with bo and a half goes up to ann, who has the 5 of bo besides.
    assert people[str(bo)]["influence_value"] == 40.0
    assert people[str(ann)]["influence_value"] == 45.0
    assert (people[str(ann)]["referred"], people[str(cy)]["referred"]) == (2, 0)
    facts = found.frame.facts
    assert (facts["links"], facts["bought"], facts["introducers"], facts["total"]) == (3, 2, 2, 85.0)
    assert [row[:3] for row in found.frame.rows] == [[str(ann), 2, 3], [str(bo), 1, 1]]


def test_where_nobody_keeps_it_nothing_is_said():
    found = referring.measured(scored(**{str(make_customer()): "10"}), customers.referrals())
    assert found.people["influence_value"].to_list() == [None]
    assert found.frame.facts == {"is_recorded": False}
