"""Made-up people for the households of the data: the same ones at every run.

Phones are numbers that North America keeps free for fiction (555-0100 to 555-0199), mail addresses lie under
example.com, which belongs to nobody: no living person can be reached by mistake.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import phonenumbers

LOCALES = {"en": "en_US", "zh-hans": "zh_CN"}
SEED = 2017
YEAR = 2017
AGES = {
    "19-24": (19, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65+": (65, 84),
}
UNKNOWN_AGE = (21, 79)
FICTION_FIRST, FICTION_COUNT = 5550100, 100


@dataclass(frozen=True, slots=True)
class MadeUpPerson:
    """Somebody who never lived, for one household of the data."""

    customer_id: str
    card: str
    name: str
    family_name: str
    given_name: str
    gender: str
    birth_date: date
    phone: str
    email: str


def make_up(households: dict[int, str | None], language: str, *, seed: int = SEED) -> Iterator[MadeUpPerson]:
    """Yield one person per household, in the order of their numbers.

    Args:
        households: number -> age band of the data ("45-54"), None where it is not known.
        language: "en" or "zh-hans": decides the names.
        seed: another one, other names.
    """
    from faker import Faker  # noqa: PLC0415  its providers are searched for at import: not at every start

    names = Faker(LOCALES[language])
    names.seed_instance(seed)
    numbers = _phones()
    for household in sorted(households):
        chance = random.Random(f"{SEED}-{household}")  # noqa: S311  made-up people, not secrets
        gender = chance.choice(["female", "male"])
        family = names.last_name_female() if gender == "female" else names.last_name_male()
        given = names.first_name_female() if gender == "female" else names.first_name_male()
        yield MadeUpPerson(
            customer_id=str(household),
            card=f"CJ{household:06d}",
            name=f"{family}{given}" if language == "zh-hans" else f"{given} {family}",
            family_name=family,
            given_name=given,
            gender=gender,
            birth_date=_birthday(chance, households[household]),
            phone=next(numbers),
            email=f"household{household}@example.com",
        )


def _birthday(chance: random.Random, age_band: str | None) -> date:
    """Return a birthday that fits the band at the end of the data's year."""
    youngest, oldest = AGES[age_band] if age_band else UNKNOWN_AGE
    latest = date(YEAR - youngest, 12, 31)
    earliest = date(YEAR - oldest, 1, 1)
    return earliest + timedelta(days=chance.randint(0, (latest - earliest).days))


def _phones() -> Iterator[str]:
    """Yield numbers in E.164 that are reserved for fiction, over every area code that exists."""
    for last in range(FICTION_COUNT):
        for area in range(201, 990):
            number = f"+1{area}{FICTION_FIRST + last}"
            if phonenumbers.is_valid_number(phonenumbers.parse(number)):
                yield number
