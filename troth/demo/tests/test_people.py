"""The made-up people are the same at every run, fit what is known, and can be nobody."""

import re
from datetime import date

import phonenumbers
import pytest

from troth.demo.people import make_up

HOUSEHOLDS: dict[int, str | None] = {1: "65+", 2: None, 3: "19-24", 2500: "45-54"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_same_people_come_at_every_run(language):
    assert list(make_up(HOUSEHOLDS, language)) == list(make_up(HOUSEHOLDS, language))


def test_names_follow_the_language():
    for person in make_up(HOUSEHOLDS, "zh-hans"):
        assert re.fullmatch(r"[\u4e00-\u9fff]{2,4}", person.name)
        assert person.name == person.family_name + person.given_name
    for person in make_up(HOUSEHOLDS, "en"):
        assert person.name == f"{person.given_name} {person.family_name}"


def test_birthdays_fit_the_age_band_at_the_end_of_the_year():
    born = {person.customer_id: person.birth_date for person in make_up(HOUSEHOLDS, "en")}
    assert date(1993, 1, 1) <= born["3"] <= date(1998, 12, 31)
    assert date(1963, 1, 1) <= born["2500"] <= date(1972, 12, 31)
    assert date(1933, 1, 1) <= born["1"] <= date(1952, 12, 31)


@pytest.mark.slow
def test_everybody_has_a_phone_and_address_that_belong_to_nobody():
    people = list(make_up(dict.fromkeys(range(1, 2501)), "en"))
    assert len({person.phone for person in people}) == 2500
    assert len({person.email for person in people}) == 2500
    for person in people:
        assert re.fullmatch(r"\+1\d{3}55501\d\d", person.phone)
        assert person.email.endswith("@example.com")
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(person.phone)) for person in people[::100])
