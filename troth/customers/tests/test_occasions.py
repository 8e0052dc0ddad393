"""Whose day it is, by both calendars."""

from datetime import date

import pytest

from troth.customers import queries as customers
from troth.customers.models import Customer
from troth.customers.tests.conftest import NOW

pytestmark = pytest.mark.django_db


def person(**fields) -> Customer:
    return Customer.objects.create(created_at=NOW, updated_at=NOW, **fields)


def test_birthdays_are_counted_by_the_calendar_they_are_kept_by():
    solar = person(birth_date=date(1990, 9, 25))
    # Both born on the 15th of the eighth month, which is Mid-Autumn: 25 September in 2026.
    lunar = [person(birth_date=day, is_lunar_birthday=True) for day in (date(1988, 9, 25), date(1990, 10, 3))]
    person(birth_date=date(1990, 9, 24))
    person(birth_date=date(1990, 9, 25), erased_at=NOW)
    person(birth_date=date(1990, 9, 25), canonical_id=solar.id)
    person()
    counted = customers.birthday_counts(date(2026, 9, 1), date(2026, 9, 30))
    assert counted == {date(2026, 9, 24): 1, date(2026, 9, 25): 3}
    assert customers.birthday_counts(date(2026, 9, 25), date(2026, 9, 25), by_lunar=True) == {date(2026, 9, 25): 2}
    assert customers.birthday_counts(date(2026, 9, 25), date(2026, 9, 25), by_lunar=False) == {date(2026, 9, 25): 1}
    people = customers.birthday_people(date(2026, 9, 25)).values_list("id", flat=True)
    assert set(people) == {solar.id, *(one.id for one in lunar)}


def test_the_twenty_ninth_of_february_is_kept_on_the_twenty_eighth():
    born = person(birth_date=date(2000, 2, 29), joined_date=date(2024, 2, 29))
    assert customers.birthday_counts(date(2026, 2, 1), date(2026, 2, 28)) == {date(2026, 2, 28): 1}
    assert customers.birthday_counts(date(2028, 2, 1), date(2028, 2, 29)) == {date(2028, 2, 29): 1}
    assert list(customers.anniversary_people(date(2026, 2, 28))) == [born]
    assert list(customers.anniversary_people(date(2028, 2, 28))) == []


def test_a_lunar_birthday_around_new_year_is_found_in_the_year_it_falls_into():
    """The eighth of the twelfth month comes in January or February: of the lunar year before."""
    person(birth_date=date(1990, 1, 4), is_lunar_birthday=True)  # 腊八 of 1989
    assert customers.birthday_counts(date(2026, 1, 1), date(2026, 2, 28)) == {date(2026, 1, 26): 1}


def test_an_anniversary_needs_a_year_to_have_passed():
    old = person(joined_date=date(2024, 11, 22))
    person(joined_date=date(2026, 11, 22))
    assert customers.anniversary_counts(date(2026, 11, 1), date(2026, 11, 30)) == {date(2026, 11, 22): 1}
    assert list(customers.anniversary_people(date(2026, 11, 22))) == [old]
    assert customers.anniversary_counts(date(2026, 12, 28), date(2027, 1, 5)) == {}
