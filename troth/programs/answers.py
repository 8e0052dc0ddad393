"""What rules ask of the customer, answered for many members at once: comparisons, segments, birthdays."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from troth.customers import queries as customers
from troth.kit import lunar
from troth.kit.conditions import compiling, evaluating
from troth.kit.conditions.fields import AsOf
from troth.segments import queries as segments
from troth.staff import queries as staff

from .fields import customer_catalogue
from .seekers import Seeker


@dataclass(frozen=True, slots=True)
class Answered:
    """What the state keeps of a customer: answers by key, segments' ids, and of what the birthday falls in."""

    answers: Mapping[str, bool]
    segments: tuple[str, ...]
    birthday: tuple[str, ...]


def answer(seekers: Sequence[Seeker], groups: Mapping[UUID, tuple[UUID, ...]]) -> list[Answered]:
    """Return what the rules ask of each seeker's customer, in their order.

    groups: record → all records of its customer, the canonical one first.
    """
    answers = _answers(seekers, groups)
    members = _segments(seekers, groups)
    birthdays = _birthdays(seekers, groups)
    return [
        Answered(answers[index], members.get(groups[seeker.owner_id][0], ()), birthdays[index])
        for index, seeker in enumerate(seekers)
    ]


def _answers(seekers: Sequence[Seeker], groups: Mapping[UUID, tuple[UUID, ...]]) -> list[Mapping[str, bool]]:
    found: list[Mapping[str, bool]] = [{}] * len(seekers)
    asked: dict[tuple[int, date], list[int]] = defaultdict(list)
    for index, seeker in enumerate(seekers):
        if seeker.version.compiled.questions:
            asked[id(seeker.version.compiled), seeker.basket.local_at.date()].append(index)
    if not asked:
        return found
    company, catalogue = staff.company(), customer_catalogue()
    for (_compiled, day), indexes in asked.items():
        questions = seekers[indexes[0]].version.compiled.questions
        scope = frozenset(record for index in indexes for record in groups[seekers[index].owner_id])
        as_of = AsOf(seekers[indexes[0]].basket.occurred_at, day, company.time_zone, company.currency, scope)
        records = compiling.load(questions.values(), catalogue, as_of)
        for index in indexes:
            record = records.get(groups[seekers[index].owner_id][0])
            found[index] = {
                key: record is not None and evaluating.holds(one, record, catalogue, as_of)
                for key, one in questions.items()
            }
    return found


def _segments(seekers: Sequence[Seeker], groups: Mapping[UUID, tuple[UUID, ...]]) -> dict[UUID, tuple[str, ...]]:
    wanted = {UUID(code) for seeker in seekers for code in seeker.version.compiled.segments}
    if not wanted:
        return {}
    owners = {groups[seeker.owner_id][0] for seeker in seekers}
    return {
        owner: tuple(sorted(str(one) for one in ids)) for owner, ids in segments.segment_ids_of(owners, wanted).items()
    }


def _birthdays(seekers: Sequence[Seeker], groups: Mapping[UUID, tuple[UUID, ...]]) -> list[tuple[str, ...]]:
    asking = [seeker for seeker in seekers if seeker.version.compiled.asks_birthday]
    people = customers.records(groups[seeker.owner_id][0] for seeker in asking) if asking else {}
    found: list[tuple[str, ...]] = []
    for seeker in seekers:
        person = people.get(groups[seeker.owner_id][0])
        if person is None or person.birth_date is None or not seeker.version.compiled.asks_birthday:
            found.append(())
            continue
        zone = ZoneInfo(person.time_zone) if person.time_zone else seeker.version.zone
        today = seeker.basket.occurred_at.astimezone(zone).date()
        found.append(birthday_parts(person.birth_date, today, is_lunar=person.is_lunar_birthday))
    return found


def birthday_parts(birth_date: date, today: date, *, is_lunar: bool) -> tuple[str, ...]:
    """Return of "day", "week" (Monday to Sunday) and "month" those of today that the birthday falls in."""
    monday = today - timedelta(days=today.weekday())
    week = (monday, monday + timedelta(days=6))
    years: Iterable[int] = {today.year, week[0].year, week[1].year}
    days = [lunar.birthday_in(birth_date, year, is_lunar=is_lunar) for year in years]
    found = {
        "day": today in days,
        "week": any(week[0] <= day <= week[1] for day in days),
        "month": any((day.year, day.month) == (today.year, today.month) for day in days),
    }
    return tuple(part for part, holds in found.items() if holds)
