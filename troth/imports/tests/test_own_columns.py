"""Attributes that the company defined itself, as columns of a file of customers."""

import datetime as dt
from decimal import Decimal

import pytest

from troth.customers import queries
from troth.customers import services as customers
from troth.customers.models import Customer, CustomerAttribute
from troth.events.models import Event
from troth.imports.errors import MappingError
from troth.imports.targets import Shape

from .conftest import ACTOR, NOW, noted_of

FILE = (
    "会员编号,鞋码,Contract ends,Favourite colour,Has a dog,随便\n"
    "C1,42.5,2026-03-31,RED,是,x\n"
    "C2,大,03/04/2026,purple,maybe,x\n"
    "C3,,,,,\n"
)


@pytest.fixture
def attributes(company):
    for code, label, label_zh, kind, choices in (
        ("shoe_size", "Shoe size", "鞋码", "number", []),
        ("contract_end", "Contract ends", "合同到期", "date", []),
        ("colour", "Favourite colour", "", "choice", ["Red", "Blue"]),
        ("has-dog", "Has a dog", "", "boolean", []),
    ):
        customers.define_attribute(
            actor=ACTOR, now=NOW, code=code, label=label, label_zh=label_zh, attribute_type=kind, choices=choices
        )


def held():
    names = {one.id: queries.primary_identities([one.id], ["external"])[one.id]["external"] for one in people()}
    return {
        (names[owner], state.definition.code): state.value
        for owner in names
        for state in queries.attributes_of(owner)
        if state.value is not None
    }


def people():
    return Customer.objects.order_by("created_at")


@pytest.mark.slow
def test_attributes_are_guessed_by_their_labels_in_both_languages_and_read_by_their_types(bring, attributes):
    run = bring(FILE, Shape.CUSTOMERS)
    assert run.options["mapping"] == {
        "customer_id": 0, "attribute:shoe_size": 1, "attribute:contract_end": 2, "attribute:colour": 3,
        "attribute:has-dog": 4,
    }  # fmt: skip
    assert held() == {
        ("C1", "shoe_size"): Decimal("42.5"), ("C1", "contract_end"): dt.date(2026, 3, 31), ("C1", "colour"): "Red",
        ("C1", "has-dog"): True,
    }  # fmt: skip
    assert noted_of(run) == {
        (3, "鞋码"): "not_a_number", (3, "Contract ends"): "ambiguous_date", (3, "Favourite colour"): "unknown_word",
        (3, "Has a dog"): "unknown_word",
    }  # fmt: skip
    assert run.report["done"] == {"customers_created": 3, "attributes_set": 4}


@pytest.mark.slow
def test_a_later_file_changes_only_what_it_fills_and_tells_each_customer_once(bring, attributes):
    bring(FILE, Shape.CUSTOMERS)
    again = bring("会员编号,鞋码,Contract ends,Has a dog\nC1,43,,是\nC2,38,01/04/2026,\n", date_order="day_first")
    assert again.report["done"] == {"customers_unchanged": 2, "attributes_set": 3}
    found = held()
    assert (found["C1", "shoe_size"], found["C2", "shoe_size"]) == (Decimal(43), Decimal(38))
    assert (found["C1", "contract_end"], found["C2", "contract_end"]) == (dt.date(2026, 3, 31), dt.date(2026, 4, 1))
    told = Event.objects.filter(name="customers.attribute.set").order_by("id")
    assert [event.data["attributes"] for event in told] == [["shoe_size"], ["contract_end", "shoe_size"]]
    bring("会员编号,鞋码\nC1,43\nC2,38\n", name="same.csv")
    assert Event.objects.filter(name="customers.attribute.set").count() == 2


@pytest.mark.slow
def test_a_dry_run_sets_nothing_and_an_attribute_out_of_use_is_offered_no_more(bring, attributes):
    bring(FILE, Shape.CUSTOMERS, is_dry_run=True)
    assert not CustomerAttribute.objects.exists()
    bring(FILE, Shape.CUSTOMERS)
    customers.define_attribute(
        actor=ACTOR, now=NOW, code="shoe_size", label="Shoe size", attribute_type="number", is_active=False
    )
    remembered = bring(FILE, Shape.CUSTOMERS, name="again.csv")
    assert "attribute:shoe_size" not in remembered.options["mapping"]
    with pytest.raises(MappingError, match="attribute:shoe_size"):
        bring("会员编号,鞋码\nC1,44\n", Shape.CUSTOMERS, mapping={"customer_id": 0, "attribute:shoe_size": 1})
    assert CustomerAttribute.objects.get(definition__code="shoe_size").number_value == Decimal("42.5")
