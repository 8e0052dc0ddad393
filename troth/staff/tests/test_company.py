"""The company is one, its settings are checked, changes are told."""

from datetime import UTC, date, datetime

import pytest

from troth.access.actors import system_actor
from troth.events.models import Event
from troth.staff import queries, services
from troth.staff.errors import CompanyMissingError, CompanyRefusedError, StaffRefusedError
from troth.staff.models import Company, StaffMember, Store

NOW = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
ACTOR = system_actor("test")

pytestmark = pytest.mark.django_db


def made(**fields):
    return services.set_up_company(actor=ACTOR, now=NOW, **{"name": "Corner Grocer", **fields})


def test_before_set_up_the_error_says_the_way_out():
    with pytest.raises(CompanyMissingError, match="troth demo"):
        queries.company()


def test_setting_up_twice_keeps_the_first():
    made(currency="USD")
    assert made(name="Other", currency="EUR").currency == "USD"
    assert Company.objects.get().name == "Corner Grocer"
    assert Event.objects.filter(name="staff.company.set_up").count() == 1


def test_today_is_the_zones_day_unless_a_demonstration_sets_it():
    assert made(time_zone="Asia/Shanghai").today(NOW) == date(2026, 1, 6)
    services.change_company(actor=ACTOR, now=NOW, as_of_date=date(2018, 1, 1))
    assert queries.company().today(NOW) == date(2018, 1, 1)


@pytest.mark.parametrize("wrong", [{"currency": "yuan"}, {"time_zone": "Mars/Base"}, {"name": ""}, {"colour": "red"}])
def test_a_wrong_setting_is_refused_and_nothing_changes(wrong):
    made()
    with pytest.raises(CompanyRefusedError):
        services.change_company(actor=ACTOR, now=NOW, **wrong)
    company = queries.company()
    assert (company.name, company.currency, company.time_zone) == ("Corner Grocer", "CNY", "Asia/Shanghai")
    assert not Event.objects.filter(name="staff.company.changed").exists()


def test_an_event_names_the_changed_fields_and_only_those():
    made()
    services.change_company(actor=ACTOR, now=NOW, name="Corner Grocers", currency="CNY")
    assert Event.objects.get(name="staff.company.changed").data == {"fields": ["name"]}


def test_a_store_and_its_people_are_saved_by_their_codes():
    store = services.save_store(actor=ACTOR, now=NOW, code="S1", name="Nanjing Road")
    services.save_store(actor=ACTOR, now=NOW, code="S1", name="Nanjing Road East", city="Shanghai")
    services.save_member(actor=ACTOR, now=NOW, code="007", name="Li Na", store=store)
    assert Store.objects.get().name == "Nanjing Road East"
    assert StaffMember.objects.get().store == store
    assert [e.data["is_new"] for e in Event.objects.filter(name="staff.store.saved").order_by("id")] == [True, False]


def test_a_store_without_a_name_is_refused():
    with pytest.raises(StaffRefusedError):
        services.save_store(actor=ACTOR, now=NOW, code="S1", name="")
    assert not Store.objects.exists()
