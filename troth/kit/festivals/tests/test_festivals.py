from datetime import date, timedelta

import pytest
from django.utils import translation

from troth.kit import festivals
from troth.kit.festivals import DayKind, FestivalKind, Missing


def labels(since: date, until: date, country: str = "CN") -> dict[date, list[str]]:
    found: dict[date, list[str]] = {}
    for one in festivals.between(since, until, country=country):
        found.setdefault(one.date, []).append(one.label_zh)
    return found


@pytest.mark.slow
def test_spring_festival_2026_with_its_days_off_and_make_up_workdays():
    assert labels(date(2026, 2, 14), date(2026, 3, 3)) == {
        date(2026, 2, 14): ["情人节", "春节调休上班"],
        date(2026, 2, 15): ["春节假期"],
        date(2026, 2, 16): ["除夕"],
        date(2026, 2, 17): ["春节"],
        **{date(2026, 2, day): ["春节假期"] for day in range(18, 24)},
        date(2026, 2, 28): ["春节调休上班"],
        date(2026, 3, 3): ["元宵节"],
    }


@pytest.mark.parametrize(
    ("code", "days"),
    [
        ("spring_festival", [date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6)]),
        ("new_years_eve_lunar", [date(2025, 1, 28), date(2026, 2, 16), date(2027, 2, 5)]),
        ("lantern", [date(2025, 2, 12), date(2026, 3, 3), date(2027, 2, 20)]),
        ("qingming", [date(2025, 4, 4), date(2026, 4, 5), date(2027, 4, 5)]),
        ("dragon_boat", [date(2025, 5, 31), date(2026, 6, 19), date(2027, 6, 9)]),
        # 2025 had a leap sixth month: the festivals stand in the plain ones.
        ("qixi", [date(2025, 8, 29), date(2026, 8, 19), date(2027, 8, 8)]),
        ("ghost", [date(2025, 9, 6), date(2026, 8, 27), date(2027, 8, 16)]),
        ("mid_autumn", [date(2025, 10, 6), date(2026, 9, 25), date(2027, 9, 15)]),
        ("double_ninth", [date(2025, 10, 29), date(2026, 10, 18), date(2027, 10, 8)]),
        ("winter_solstice", [date(2025, 12, 21), date(2026, 12, 22), date(2027, 12, 22)]),
        ("laba", [date(2025, 1, 7), date(2026, 1, 26), date(2027, 1, 15)]),
        ("little_new_year", [date(2025, 1, 22), date(2026, 2, 10), date(2027, 1, 30)]),
        ("mothers_day", [date(2025, 5, 11), date(2026, 5, 10), date(2027, 5, 9)]),
        ("shopping_618", [date(2025, 6, 18), date(2026, 6, 18), date(2027, 6, 18)]),
        ("black_friday", [date(2025, 11, 28), date(2026, 11, 27), date(2027, 11, 26)]),
    ],
)
def test_a_festival_falls_on_its_day(code: str, days: list[date]):
    assert festivals.occurrences(code, date(2025, 1, 1), date(2027, 12, 31)) == days


@pytest.mark.parametrize(
    ("code", "days"),
    [
        # As the Hong Kong Observatory's tables have them; some programs put the new moons of 2027 and 2030, minutes
        # from midnight, on the other day.
        ("spring_festival", [date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 3)]),
        ("new_years_eve_lunar", [date(2028, 1, 25), date(2029, 2, 12), date(2030, 2, 2)]),
        ("lantern", [date(2028, 2, 9), date(2029, 2, 27), date(2030, 2, 17)]),
        ("qingming", [date(2028, 4, 4), date(2029, 4, 4), date(2030, 4, 5)]),
        # 2028 has a leap fifth month.
        ("dragon_boat", [date(2028, 5, 28), date(2029, 6, 16), date(2030, 6, 5)]),
        ("qixi", [date(2028, 8, 26), date(2029, 8, 16), date(2030, 8, 5)]),
        ("ghost", [date(2028, 9, 3), date(2029, 8, 24), date(2030, 8, 13)]),
        ("mid_autumn", [date(2028, 10, 3), date(2029, 9, 22), date(2030, 9, 12)]),
        ("double_ninth", [date(2028, 10, 26), date(2029, 10, 16), date(2030, 10, 5)]),
        ("winter_solstice", [date(2028, 12, 21), date(2029, 12, 21), date(2030, 12, 22)]),
        ("laba", [date(2028, 1, 4), date(2029, 1, 22), date(2030, 1, 11)]),
        ("little_new_year", [date(2028, 1, 19), date(2029, 2, 6), date(2030, 1, 26)]),
    ],
)
def test_a_lunar_festival_of_the_years_to_come_falls_on_its_day(code: str, days: list[date]):
    assert festivals.occurrences(code, date(2028, 1, 1), date(2030, 12, 31)) == days


@pytest.mark.slow
def test_the_same_name_of_another_country_is_another_day():
    year = (date(2026, 1, 1), date(2026, 12, 31))
    assert festivals.occurrences("mothers_day", *year, country="GB") == [date(2026, 3, 15)]
    assert festivals.occurrences("mothers_day", *year, country="FR") == [date(2026, 5, 31)]
    assert festivals.occurrences("mid_autumn", *year, country="US") == [date(2026, 9, 25)]
    assert festivals.occurrences("no_such_day", *year) == []


@pytest.mark.parametrize(
    ("day", "country", "kind"),
    [
        (date(2026, 2, 14), "CN", DayKind.MAKEUP_WORKDAY),
        (date(2026, 2, 17), "CN", DayKind.HOLIDAY),
        (date(2026, 2, 20), "CN", DayKind.IN_LIEU),
        (date(2026, 2, 24), "CN", DayKind.WORKDAY),
        (date(2026, 3, 7), "CN", DayKind.WEEKEND),
        (date(2027, 2, 6), "CN", DayKind.HOLIDAY),
        (date(2026, 7, 3), "US", DayKind.HOLIDAY),
        (date(2026, 8, 8), "HU", DayKind.MAKEUP_WORKDAY),
        (date(2026, 7, 3), "SA", DayKind.WEEKEND),
        (date(2026, 7, 5), "SA", DayKind.WORKDAY),
        (date(2026, 7, 4), "ZZ", DayKind.WEEKEND),
    ],
)
def test_who_works_on_a_day(day: date, country: str, kind: DayKind):
    assert festivals.day_off_kind(day, country) is kind
    assert kind.is_off is (kind not in {DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY})


def test_a_year_not_arranged_yet_is_said_and_not_guessed():
    """The days moved around the festivals of a far year are nobody's to know: legal days, and a gap that says so."""
    far = date(2050, 1, 1)
    assert not festivals.is_arranged(2050)
    assert [(gap.year, gap.missing) for gap in festivals.gaps(date(2026, 12, 1), date(2026, 12, 31))] == []
    assert [(gap.year, gap.missing) for gap in festivals.gaps(far, date(2050, 3, 1))] == [(2050, Missing.ARRANGEMENT)]
    found = festivals.between(far, date(2050, 12, 31))
    assert [one for one in found if one.is_makeup_workday] == []
    assert len({one.date for one in found if one.is_day_off}) == 13  # as many as the regulation gives


def test_beyond_the_tables_nothing_lunar_is_invented():
    assert Missing.LUNAR in {gap.missing for gap in festivals.gaps(date(2101, 1, 1), date(2101, 2, 1))}
    assert all(
        one.kind is not FestivalKind.TRADITIONAL for one in festivals.between(date(2101, 1, 1), date(2101, 12, 31))
    )
    unknown = festivals.gaps(date(2026, 1, 1), date(2026, 12, 31), country="ZZ")
    assert [gap.missing for gap in unknown] == [Missing.HOLIDAYS]


def test_a_day_has_each_name_once_and_moon_sighted_days_say_so():
    assert labels(date(2026, 2, 17), date(2026, 2, 17), "HK") == {date(2026, 2, 17): ["春节"]}
    eid = [one for one in festivals.between(date(2027, 3, 1), date(2027, 3, 31), country="MY") if one.is_estimated]
    assert [(one.code, one.label_zh) for one in eid] == [
        ("eid_al_fitr", "开斋节"),
        ("eid_al_fitr_second_day", "Eid al-Fitr (Second Day)"),
    ]


def test_what_a_journey_can_be_hung_on():
    china = [one.code for one in festivals.choices("CN", year=2026)]
    assert china[:3] == ["new_years_day", "laba", "little_new_year"]
    assert len(china) == len(set(china))
    assert not {code for code in china if code.endswith(("_break", "_makeup"))}
    assert "mid_autumn" in [one.code for one in festivals.choices("US", year=2026)]


def test_a_label_speaks_the_language_in_use():
    (day,) = festivals.between(date(2026, 9, 25), date(2026, 9, 25))
    with translation.override("zh-hans"):
        assert day.label == "中秋节"
    with translation.override("en"):
        assert day.label == "Mid-Autumn Festival"


def test_every_arranged_day_off_of_two_years_is_named():
    """Whatever chinesecalendar calls a day off, the calendar shows a reason for it, and shows none for a workday."""
    since, until = date(2025, 1, 1), date(2026, 12, 31)
    named = {one.date for one in festivals.between(since, until) if one.is_day_off}
    days = {since + timedelta(days=offset) for offset in range((until - since).days + 1)}
    assert named == {day for day in days if festivals.day_off_kind(day) in {DayKind.HOLIDAY, DayKind.IN_LIEU}}
