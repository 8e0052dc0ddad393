"""The calendar as its templates need it: words, marks, links."""

from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from troth.care.calendar.queries import Day, Entry, Month
from troth.console import formats
from troth.kit.festivals import DayKind, Gap, Missing

# What a day shows beside its number: 休 and 班, as printed calendars do.
_MARKS = {
    DayKind.HOLIDAY: (pgettext_lazy("day", "off"), gettext_lazy("Day off")),
    DayKind.IN_LIEU: (pgettext_lazy("day", "off"), gettext_lazy("Day off, worked on another day")),
    DayKind.MAKEUP_WORKDAY: (pgettext_lazy("day", "work"), gettext_lazy("Make-up workday")),
}


def month(shown: Month, today: date) -> dict[str, Any]:
    """Return what the month's page shows."""
    first = shown.first
    return {
        "shown": shown,
        "title": formats.month(first),
        "weeks": [[_drawn(one, today, first) for one in week] for week in shown.weeks],
        "weekdays": [_weekday(one.date, "EEE") for one in shown.weeks[0]],
        "is_this_month": first == today.replace(day=1),
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": (first + timedelta(days=31)).replace(day=1),
        "gaps": [gap_words(one) for one in shown.gaps],
    }


def one_day(shown: Day, today: date) -> dict[str, Any]:
    """Return what the page of one day shows."""
    drawn = _drawn(shown, today, shown.date)
    lunar = shown.lunar
    drawn["title"] = long_day(shown.date)
    drawn["lunar_words"] = f"农历{lunar.month_name}{lunar.day_name}" if lunar and formats.is_chinese() else ""
    return drawn


def long_day(day: date) -> str:
    """Return a day with its weekday."""
    return f"{formats.day(day)}{'' if formats.is_chinese() else ','} {_weekday(day, 'EEEE')}"


def gap_words(gap: Gap) -> str:
    """Say what is not known of a year."""
    said = {
        Missing.ARRANGEMENT: _(
            "The days off and make-up workdays of %(year)s are not published yet: only the days that the law names are"
            " shown as off."
        ),
        Missing.HOLIDAYS: _("Public holidays of %(country)s are not known for %(year)s: only weekends are shown."),
        Missing.LUNAR: _("The lunar calendar is not known for %(year)s."),
    }
    return said[gap.missing] % {"year": gap.year, "country": gap.country}


def _drawn(shown: Day, today: date, first: date) -> dict[str, Any]:
    """Return a day as the templates draw it; the lunar day is for whoever reads Chinese."""
    lunar = shown.lunar
    mark, mark_label = _MARKS.get(shown.kind, ("", ""))
    return {
        "date": shown.date,
        "url": reverse("calendar:day", args=[shown.date.isoformat()]),
        "label": long_day(shown.date),
        "weekday": _weekday(shown.date, "EEE"),
        "is_outside": (shown.date.year, shown.date.month) != (first.year, first.month),
        "is_today": shown.date == today,
        "is_past": shown.date < today,
        "is_off": shown.kind.is_off,
        "is_makeup": shown.kind is DayKind.MAKEUP_WORKDAY,
        "mark": mark,
        "mark_label": mark_label,
        "lunar": _lunar(shown) if lunar and formats.is_chinese() else "",
        "festivals": shown.festivals,
        "entries": [_entry(one) for one in shown.entries],
        "is_idle": not (shown.festivals or shown.entries or mark or shown.date == today),
    }


def _lunar(shown: Day) -> str:
    assert shown.lunar is not None, "asked only where there is one"
    return shown.lunar.month_name if shown.lunar.day == 1 else shown.lunar.day_name


def _entry(found: Entry) -> dict[str, Any]:
    tally = found.tally
    url = reverse("calendar:people", args=[tally.date.isoformat(), found.source.code])
    return {
        "label": found.label,
        "count": tally.count,
        "note": tally.note,
        "icon": found.source.icon,
        "is_sent": found.source.is_sent,
        "url": f"{url}?ref={tally.ref}" if tally.ref else url,
    }


def _weekday(day: date, pattern: str) -> str:
    return format_date(day, pattern, locale="zh_Hans" if formats.is_chinese() else "en")
