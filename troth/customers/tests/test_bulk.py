import datetime as dt
from uuid import UUID, uuid4

import polars as pl
import pytest

from troth.access.actors import system_actor
from troth.customers import bulk, services
from troth.customers.identifying import NewIdentity
from troth.customers.models import Customer, CustomerTag, DuplicateSuggestion, Identity, SearchTerm
from troth.events.models import Event

NOW = dt.datetime(2024, 5, 1, 8, tzinfo=dt.UTC)
ACTOR = system_actor("test")
IMPORT = uuid4()

pytestmark = pytest.mark.django_db

TYPES = {
    **dict.fromkeys((*bulk.IDENTITIES, *bulk.FIELDS, "tags"), pl.String),
    "birth_date": pl.Date,
    "joined_date": pl.Date,
}


def upsert(*rows, **options):
    names = list(dict.fromkeys(name for row in rows for name in row))
    people = pl.DataFrame(list(rows), schema={name: TYPES[name] for name in names})
    written = bulk.upsert(people, source="erp", import_id=IMPORT, is_made_up=False, actor=ACTOR, now=NOW, **options)
    return dict(written.counts), written.taken


def state():
    return [
        (
            customer.name,
            customer.city,
            customer.revision,
            sorted(Identity.objects.filter(owner_id=customer.id).values_list("identity_kind", "value")),
        )
        for customer in Customer.objects.order_by("created_at", "id")
    ]


ANN = {
    "customer_id": "C1",
    "name": "Ann Smith",
    "phone": "+8613800138000",
    "email": "ann@example.com",
    "city": "上海",
}


def test_new_customers_are_stored_as_services_would():
    assert upsert(ANN) == ({"created": 1}, [])
    in_bulk = Customer.objects.get()
    fields = {name: ANN[name] for name in ("name", "city")}
    identities = [NewIdentity("external", "C1", "other"), NewIdentity("phone", "+8613900139000")]
    single = services.create_customer(actor=ACTOR, now=NOW, identities=identities, source="erp", **fields)
    skipped = {"id"}
    for field in Customer._meta.concrete_fields:
        if field.attname not in skipped:
            assert getattr(in_bulk, field.attname) == getattr(single, field.attname), field
    terms = [set(SearchTerm.objects.filter(owner_id=c.id).values_list("term", flat=True)) for c in (in_bulk, single)]
    assert terms[0] == terms[1] != set()
    phone = Identity.objects.get(value="+8613800138000")
    assert (phone.tail, phone.is_primary, phone.source) == ("8000", True, "")
    assert Identity.objects.filter(value="C1", source="erp").exists()
    (event,) = Event.objects.filter(name="customers.customer.imported")
    assert (event.owner_id, event.data) == (in_bulk.id, {"import": str(IMPORT)})


def test_a_chinese_name_is_split_as_by_services():
    upsert({"customer_id": "C1", "name": "欧阳小明"})
    customer = Customer.objects.get()
    assert (customer.family_name, customer.given_name) == ("欧阳", "小明")


def test_the_same_rows_again_change_nothing():
    upsert(ANN)
    before = state(), Event.objects.count()
    assert upsert(ANN) == ({"unchanged": 1}, [])
    assert (state(), Event.objects.count()) == before


def test_filled_cells_change_and_empty_ones_do_not():
    upsert(ANN)
    assert upsert({"customer_id": "C1", "name": "Ann Miller", "city": None, "phone": None}) == (
        {"changed": 1},
        [],
    )
    assert state() == [
        (
            "Ann Miller",
            "上海",
            2,
            [("email", "ann@example.com"), ("external", "C1"), ("phone", "+8613800138000")],
        )
    ]
    assert set(SearchTerm.objects.values_list("term", flat=True)) >= {"miller"}
    assert not SearchTerm.objects.filter(term="smith").exists()
    assert Event.objects.get(name="customers.customer.updated").data == {"fields": ["name"]}


def test_a_further_identity_is_added_and_not_primary():
    upsert(ANN)
    assert upsert({"customer_id": "C1", "phone": "+8613900139000"}) == ({"changed": 1}, [])
    assert list(Identity.objects.filter(identity_kind="phone").order_by("id").values_list("value", "is_primary")) == [
        ("+8613800138000", True),
        ("+8613900139000", False),
    ]
    assert Event.objects.filter(name="customers.identity.added").count() == 1


# lesson: a shared computer merges two people
def test_a_phone_of_another_customer_stays_there_and_the_pair_is_suspected():
    upsert(ANN)
    counts = upsert(
        {"customer_id": "C2", "name": "Bob", "phone": "+8613800138000"},
        {"customer_id": "C3", "name": "Eve", "phone": "+8613700137000"},
        {"customer_id": "C4", "name": "Mia", "phone": "+8613700137000"},
    )
    assert counts == ({"created": 3}, [(0, "phone"), (2, "phone")])
    assert Identity.objects.filter(identity_kind="phone").count() == 2
    assert DuplicateSuggestion.objects.filter(basis="identity").count() == 2


def test_found_by_phone_when_the_row_has_no_number():
    upsert(ANN)
    assert upsert({"phone": "+8613800138000", "city": "北京"}) == ({"changed": 1}, [])
    assert Customer.objects.get().city == "北京"


def test_a_merged_record_is_changed_where_it_went():
    upsert(ANN, {"customer_id": "C2", "name": "Ann S"})
    ann, other = (bulk.resolve("customer_id", pl.Series([key]), source="erp")["owner_id"][0] for key in ("C1", "C2"))
    Customer.objects.filter(id=UUID(other)).update(canonical_id=UUID(ann))
    assert upsert({"customer_id": "C2", "city": "广州"}) == ({"changed": 1}, [])
    assert Customer.objects.get(id=UUID(ann)).city == "广州"
    assert bulk.canonical([ann, other]) == {ann: ann, other: ann}


def test_erased_people_stay_erased():
    upsert(ANN)
    Customer.objects.update(erased_at=NOW, name="", city="")
    assert upsert(ANN) == ({"erased": 1}, [])
    assert Customer.objects.get().name == ""


def test_cards_are_compared_without_separators():
    upsert({"card": "ab-12 34", "name": "Ann"})
    assert upsert({"card": "AB1234", "name": "Ann"}) == ({"unchanged": 1}, [])
    assert bulk.resolve("card", pl.Series(["AB 1234", "x", None]), source="erp")["value"].to_list() == ["AB 1234"]
    assert bulk.resolve("card", pl.Series(["AB1234"]), source="pos").is_empty()


def test_tags_are_added_once():
    upsert(ANN | {"tags": "VIP|新客"})
    upsert(ANN | {"tags": "VIP"})
    assert sorted(CustomerTag.objects.values_list("tag__name", flat=True)) == ["VIP", "新客"]


def test_a_dry_run_counts_and_writes_nothing():
    upsert(ANN)
    before = state(), Event.objects.count()
    counts = upsert(ANN | {"city": "北京"}, {"customer_id": "C2", "phone": "+8613800138000"}, is_dry_run=True)
    assert counts == ({"changed": 1, "created": 1}, [(1, "phone")])
    assert (state(), Event.objects.count()) == before
