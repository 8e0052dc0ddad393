"""A few signs find the customer: characters, pinyin, initials, phone endings, cards, ids."""

import pytest
from django.db import connection

from troth.customers import queries, services
from troth.customers.models import Identity, SearchTerm
from troth.customers.queries.search import _begins

from .conftest import NOW


@pytest.fixture
def people(add_person):
    return {
        "wang": add_person("王小明", phone="13812345678", email="wang.x@qq.com", card="8800 1234"),
        "zeng": add_person("曾敏", phone="13900005678"),
        "anna": add_person("Anna Berg", phone="+46 70 123 45 67", city="Malmö"),
        "firm": add_person("上海永安纸业", customer_kind="company"),
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("王小明", ["wang"]),
        ("王", ["wang"]),
        ("小明", ["wang"]),
        ("wang", ["wang"]),
        ("Wang Xiao", ["wang"]),
        ("xiaoming wang", ["wang"]),
        ("wxm", ["wang"]),
        ("zeng", ["zeng"]),
        ("anna", ["anna"]),
        ("BERG an", ["anna"]),
        ("永安", []),
        ("上海永", ["firm"]),
        ("shyazy", ["firm"]),
        ("5678", ["wang", "zeng"]),
        ("12345678", ["wang"]),
        ("138 1234 5678", ["wang"]),
        ("+8613812345678", ["wang"]),
        ("1381234", ["wang"]),
        ("3812345", []),
        ("8800 1234", ["wang"]),
        ("wang.x@", ["wang"]),
        ("WANG.X@QQ.COM", ["wang"]),
        ("070-123 45 67", []),
        ("4567", ["anna"]),
        ("nobody", []),
        ("", []),
        ("%", []),
        ("_", []),
        ("'; drop", []),
    ],
)
def test_finds(people, text, found):
    hits = queries.find(text, limit=10)
    assert {hit.id for hit in hits} == {people[key].id for key in found}


def test_an_external_id_finds_its_customer(people, actor):
    services.add_identity(
        actor=actor, now=NOW, customer_id=people["anna"].id, kind="external", value="SHOP-77", source="shop"
    )
    assert queries.find("SHOP-77", limit=5) == [people["anna"]]


def test_the_second_card_of_a_merged_customer_still_finds_the_customer(people, actor):
    services.merge(actor=actor, now=NOW, canonical_id=people["zeng"].id, merged_id=people["wang"].id)
    assert [hit.id for hit in queries.find("8800 1234", limit=5)] == [people["zeng"].id]
    assert [hit.id for hit in queries.find("小明", limit=5)] == [people["zeng"].id]
    assert queries.customer_by_identity("card", "88001234") == queries.customer(people["zeng"].id)


def test_the_list_narrows_by_what_is_asked(people, actor):
    tag = services.add_tag(actor=actor, now=NOW, customer_id=people["anna"].id, name="VIP")

    def matching(**narrow):
        return set(queries.customers_matching(queries.CustomerFilter(**narrow)).values_list("name", flat=True))

    assert matching() == {"王小明", "曾敏", "Anna Berg", "上海永安纸业"}
    assert matching(text="5678") == {"王小明", "曾敏"}
    assert matching(customer_kind="company") == {"上海永安纸业"}
    assert matching(city="Malmö") == {"Anna Berg"}
    assert matching(tag_id=tag.pk) == {"Anna Berg"}
    assert matching(has_email=True) == {"王小明"}
    assert matching(has_phone=False) == {"上海永安纸业"}
    assert matching(among=[people["zeng"].id]) == {"曾敏"}
    assert matching(text="!!") == set()
    assert queries.CustomerFilter(text="5678", city="Malmö", codes=("band",)).used() == [
        "text",
        "city",
        "band",
    ]


def test_prefixes_are_looked_up_on_an_index(db):
    """On SQLite the plan says so for certain; PostgreSQL prefers a scan on a table this small."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's plan is asked")
    for rows in (
        SearchTerm.objects.filter(_begins("term", "wang")),
        Identity.objects.filter(_begins("value", "+86138")),
    ):
        plan = rows.explain()
        assert "SEARCH" in plan
        assert "USING" in plan
