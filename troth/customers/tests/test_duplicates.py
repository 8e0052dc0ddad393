"""The job lists likely pairs, people decide, decisions are remembered."""

from datetime import date

import pytest

from troth.customers import queries, services
from troth.customers.errors import DuplicateRefusedError
from troth.customers.models import DuplicateStatus, DuplicateSuggestion
from troth.customers.services import duplicates
from troth.events.models import Event

from .conftest import NOW


@pytest.fixture
def pair(add_person):
    born = date(1988, 4, 12)
    home = {"city": "上海", "street": "张杨路500号3号楼201室"}
    one = add_person("王小明", phone="13812345678", birth_date=born, **home)
    two = add_person("Wang Xiaoming", phone="13812345679", birth_date=born, city="上海", street="张杨路500弄3幢201")
    add_person("李静", phone="13900000001")
    add_person("上海永安纸业", customer_kind="company")
    return one, two


def search(actor):
    return services.search_duplicates(actor=actor, now=NOW)


@pytest.mark.slow
def test_the_search_lists_a_likely_pair_with_reasons(actor, pair):
    done = search(actor)

    assert done == {"records": 4, "found": 1, "is_trained": False, "open": 1}
    [found] = queries.open_duplicates()
    assert {found.left_id, found.right_id} == {pair[0].id, pair[1].id}
    assert found.probability > 0.9
    codes = {reason["field"]: reason["code"] for reason in found.reasons}
    assert codes == {
        "name": "other_form", "birthday": "same", "home": "address_same_phone_near", "email": "unknown"
    }  # fmt: skip
    assert list(queries.open_duplicates_of(pair[1].id)) == [found]
    assert Event.objects.get(name="customers.duplicates.searched").data["found"] == 1


@pytest.mark.slow
def test_a_dismissed_pair_is_never_listed_again(actor, pair):
    search(actor)
    found = queries.open_duplicates().get()
    services.dismiss_duplicate(actor=actor, now=NOW, suggestion_id=found.pk)

    assert search(actor)["found"] == 0
    assert not queries.open_duplicates().exists()
    assert queries.suggestion(found.pk).status == DuplicateStatus.DISTINCT
    with pytest.raises(DuplicateRefusedError):
        services.dismiss_duplicate(actor=actor, now=NOW, suggestion_id=found.pk)


@pytest.mark.slow
def test_a_pair_that_no_longer_looks_alike_is_dropped_an_offered_one_stays(actor, pair, add_person):
    search(actor)
    services.suggest_duplicate(pair[0].id, add_person("X").id, identity_kind="email", now=NOW)
    services.update_customer(
        actor=actor,
        now=NOW,
        customer_id=pair[1].id,
        name="李红",
        birth_date=date(1950, 1, 9),
        street="",
        city="",
    )
    search(actor)
    assert [row.basis for row in queries.open_duplicates()] == ["identity"]


@pytest.mark.slow
def test_a_number_given_for_both_makes_a_likely_pair_certain(actor, pair):
    search(actor)
    services.suggest_duplicate(pair[1].id, pair[0].id, identity_kind="phone", now=NOW)
    [found] = queries.open_duplicates()
    fields = ["phone", "name", "birthday", "home", "email"]
    assert (found.basis, found.probability > 0.97) == ("identity", True)
    assert [reason["field"] for reason in found.reasons] == fields
    search(actor)
    found.refresh_from_db()
    assert [reason["field"] for reason in found.reasons] == fields


@pytest.mark.slow
def test_a_family_that_shares_a_phone_waits_behind_likely_pairs(actor, add_person, pair):
    add_person("陈伟", phone="13711112222")
    add_person("陈小梅", phone="13711112222", on_taken="suggest")
    search(actor)
    assert [row.basis for row in queries.open_duplicates()] == ["likeness", "identity"]
    assert queries.open_duplicates().last().probability == 0.15


@pytest.mark.slow
def test_the_matcher_sees_a_merged_record_through_its_canonical_one(actor, pair, add_person):
    services.merge(actor=actor, now=NOW, canonical_id=pair[0].id, merged_id=pair[1].id)
    records = {record.full_name: record for record in duplicates._person_records(None)}
    assert set(records) == {"王小明", "李静"}
    assert records["王小明"].phones == ("+8613812345678", "+8613812345679")
    assert search(actor)["found"] == 0


def test_nobody_is_suspected_of_being_themselves(actor, pair):
    services.merge(actor=actor, now=NOW, canonical_id=pair[0].id, merged_id=pair[1].id)
    assert services.suggest_duplicate(pair[0].id, pair[1].id, identity_kind="phone", now=NOW) is None
    assert not DuplicateSuggestion.objects.filter(status="open").exists()


@pytest.mark.slow
def test_companies_are_compared_too(actor, add_person):
    company = {"customer_kind": "company"}
    one = add_person("上海永安纸业有限公司", email="sales@yongan-paper.cn", **company)
    two = add_person("永安纸业", email="wang@yongan-paper.cn", **company)
    add_person("永安保险", **company)
    add_person("永安纸业")  # a person of that name is no company

    done = search(actor)

    assert (done["records"], done["found"]) == (4, 1)
    [found] = queries.open_duplicates()
    assert {found.left_id, found.right_id} == {one.id, two.id}
    assert {reason["field"]: reason["code"] for reason in found.reasons} == {
        "tax_id": "unknown", "company_name": "same", "company_phone": "unknown", "domain": "same",
    }  # fmt: skip
