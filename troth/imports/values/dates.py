"""Dates and times as people and systems write them.

03/04/2024 may be March or April. A single cell cannot tell, a column usually can, but perhaps only in its last row. So
both readings are kept, and which one holds is settled when the whole file was seen (`DateOrder`).

A year of two digits is read as Excel reads it, 00 to 29 as 2000 to 2029 and 30 to 99 as 1930 to 1999, where it is
certain which number it is: behind a month's name (1-Jan-75), before 年, or above 31 (85-3-2, 02/03/85). Else the date
is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from troth.imports.values import texts
from troth.imports.values.column import Column, by_unique, matches
from troth.value.later import pl

_TIME = (
    r"(?:[Tt\s,]+(?P<before>上午|下午|晚上|凌晨|中午|[AaPp][Mm])?\s*(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})"
    r"(?:[:分](?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?[分秒]?"
    r"\s*(?P<after>[AaPp][Mm])?\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$"
)
_YEAR_FIRST = r"^(?P<a>\d{4})\s*[-/.年]\s*(?P<b>\d{1,2})\s*[-/.月]\s*(?P<c>\d{1,2})\s*[日号]?" + _TIME
_YEAR_LAST = r"^(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<c>\d{4})" + _TIME
_SHORT_YEAR_MARKED = r"^(?P<a>\d{2})\s*年\s*(?P<b>\d{1,2})\s*月\s*(?P<c>\d{1,2})\s*[日号]?" + _TIME
_SHORT_YEAR_FIRST = r"^(?P<a>3[2-9]|[4-9]\d)\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<c>\d{1,2})" + _TIME
_SHORT_YEAR_LAST = r"^(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<c>3[2-9]|[4-9]\d)" + _TIME
_DAY_NAMED = (
    r"(?i)^(?:[a-z]{3,9},?\s+)?(?P<a>\d{1,2})(?:st|nd|rd|th)?[-\s/]+(?P<b>[a-z]{3,9})\.?,?[-\s/]+(?P<c>\d{4}|\d{2})"
    + _TIME
)
_NAMED_DAY = (
    r"(?i)^(?:[a-z]{3,9},?\s+)?(?P<b>[a-z]{3,9})\.?[-\s/]+(?P<a>\d{1,2})(?:st|nd|rd|th)?,?[-\s/]+(?P<c>\d{4}|\d{2})"
    + _TIME
)
_FIRST_OF_THE_1900S = 30
_COMPACT = r"^(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})(?:[T\s]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?$"
_TWO_DIGIT_YEAR = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{1,2}(?:\D|$)"
_SERIAL = r"^\d{5}(?:\.\d+)?$"
_UNIX = r"^\d{10}$|^\d{13}$"
_FAST = "%Y-%m-%d %H:%M:%S"

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1,
    )
    for name in names.split()
}  # fmt: skip


class DateOrder(StrEnum):
    """Which number comes first in 03/04/2024."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    UNKNOWN = "unknown"
    BOTH = "both"

    @classmethod
    def from_evidence(cls, *, only_day_first: int, only_month_first: int) -> DateOrder:
        """Return what cells with a number above 12 say about the column."""
        if only_day_first and only_month_first:
            return cls.BOTH
        if only_day_first:
            return cls.DAY_FIRST
        return cls.MONTH_FIRST if only_month_first else cls.UNKNOWN


@dataclass(frozen=True)
class Moments:
    """Both readings of a column of dates, in wall-clock time; equal where only one is possible at all.

    Args:
        day_first, month_first: Datetime; null where that reading is no date.
        offset_minutes: what the cell says of its distance to UTC, null where it does not.
    """

    day_first: pl.Series
    month_first: pl.Series
    offset_minutes: pl.Series


def _schema() -> dict[str, pl.DataType | type[pl.DataType]]:
    return {
        "day_first": pl.Datetime("us"),
        "month_first": pl.Datetime("us"),
        "offset_minutes": pl.Int32,
        "code": pl.String,
        "rule": pl.String,
        "has_time": pl.Boolean,
    }


def parse(column: Column, *, keep_time: bool = True) -> Moments:
    """Return both readings of each cell; refuse what is no date in either."""
    texts.without_null_words(texts.without_apostrophe(texts.half_width(column)))
    parsed = by_unique(column.text, _parse_unique)
    for code in parsed["code"].unique().drop_nulls():
        column.refuse(parsed["code"] == code, code)
    for rule in parsed["rule"].unique().drop_nulls():
        column.mend(parsed["rule"] == rule, rule)
    day_first, month_first = parsed["day_first"], parsed["month_first"]
    if not keep_time:
        column.mend(parsed["has_time"], "time_dropped")
        day_first, month_first = day_first.dt.truncate("1d"), month_first.dt.truncate("1d")
    return Moments(day_first, month_first, parsed["offset_minutes"])


def _parse_unique(text: pl.Series) -> pl.DataFrame:
    fast = text.str.to_datetime(_FAST, strict=False, time_unit="us", exact=True)
    exact = matches(text, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
    fast = fast.zip_with(exact, pl.Series(values=[None], dtype=pl.Datetime("us")))
    parsed = pl.DataFrame(
        {
            "day_first": fast,
            "month_first": fast,
            "offset_minutes": pl.Series(values=[None], dtype=pl.Int32).new_from_index(0, len(text)),
            "code": pl.Series(values=[None], dtype=pl.String).new_from_index(0, len(text)),
            "rule": pl.Series(values=[None], dtype=pl.String).new_from_index(0, len(text)),
            "has_time": fast.is_not_null(),
        }
    )
    slow = text.is_not_null() & fast.is_null()
    if not slow.any():
        return parsed
    rest = _parse_slow(text.filter(slow)).with_columns(place=slow.arg_true().cast(pl.UInt32))
    return parsed.with_row_index("place").update(rest, on="place", how="left").drop("place")


def _parse_slow(text: pl.Series) -> pl.DataFrame:
    """Try the known forms one after the other on what the earlier ones did not match."""
    frame = (
        text.alias("text")
        .to_frame()
        .with_columns(*(pl.lit(None, dtype=dtype).alias(name) for name, dtype in _schema().items()))
    )
    readers = (
        (_YEAR_FIRST, _year_first),
        (_YEAR_LAST, _year_last),
        (_COMPACT, _year_first),
        (_DAY_NAMED, _named),
        (_NAMED_DAY, _named),
        (_SHORT_YEAR_MARKED, _year_first),
        (_SHORT_YEAR_FIRST, _year_first),
        (_SHORT_YEAR_LAST, _year_last),
        (_SERIAL, _serial),
        (_UNIX, _unix),
    )
    open_rows = pl.Series(values=[True]).new_from_index(0, len(text))
    parts = []
    numbered = frame.select("text").with_row_index("place")
    for pattern, read in readers:
        hit = matches(text, pattern) & open_rows
        if hit.any():
            some = numbered.filter(hit)
            parts.append(read(some["text"], pattern).with_columns(some["place"]))
            open_rows = open_rows & ~hit
    if open_rows.any():
        some = numbered.filter(open_rows)
        code = pl.when(pl.col("text").str.contains(_TWO_DIGIT_YEAR)).then(pl.lit("two_digit_year"))
        parts.append(some.select("place", code.otherwise(pl.lit("not_a_date")).alias("code")))
    return (
        pl.concat(parts, how="diagonal")
        .sort("place")
        .select(
            *(
                pl.col(name) if any(name in part.columns for part in parts) else pl.lit(None, dtype=dtype).alias(name)
                for name, dtype in _schema().items()
            )
        )
    )


def _fields(text: pl.Series, pattern: str) -> pl.DataFrame:
    groups = text.str.extract_groups(pattern).struct.unnest()
    absent = [
        name
        for name in ("before", "after", "fraction", "zone", "hour", "minute", "second")
        if name not in groups.columns
    ]
    return groups.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)


def _moment(groups: pl.DataFrame, year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Series:
    """Return the moment, null where there is no such day or time."""
    hour = pl.col("hour").cast(pl.Int32).fill_null(0)
    half = pl.coalesce("before", "after").str.to_lowercase()
    hour = (
        pl.when(half.is_in(["下午", "晚上", "pm"]) & hour.is_between(1, 11))
        .then(hour + 12)
        .when(half.is_in(["上午", "凌晨", "am"]) & (hour == 12))
        .then(0)
        .otherwise(hour)
    )
    minute, second = (pl.col(name).cast(pl.Int32).fill_null(0) for name in ("minute", "second"))
    micros = pl.col("fraction").fill_null("0").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int32)
    is_of_2000s = year.cast(pl.Int32) < _FIRST_OF_THE_1900S
    century = pl.when(year.str.len_bytes() != 2).then(0).when(is_of_2000s).then(2000).otherwise(1900)
    year, month, day = (part.cast(pl.Int32) for part in (year, month, day))
    year = year + century
    real = (
        month.is_between(1, 12)
        & day.is_between(1, 31)
        & (hour < 24)
        & (minute < 60)
        & (second < 60)
        & year.is_between(1, 9999)
    )
    first = pl.date(pl.when(real).then(year).otherwise(2000), pl.when(real).then(month).otherwise(1), 1)
    exists = real & (day <= first.dt.month_end().dt.day())
    moment = first.cast(pl.Datetime("us")) + pl.duration(
        days=day - 1, hours=hour, minutes=minute, seconds=second, microseconds=micros
    )
    return groups.select(pl.when(exists).then(moment).otherwise(None).alias("moment"))["moment"]


def _read(groups: pl.DataFrame, year: str, day_first: pl.Series, month_first: pl.Series) -> pl.DataFrame:
    zone = groups["zone"].str.to_uppercase()
    digits = zone.str.replace(":", "")
    minutes = digits.str.slice(1, 2).cast(pl.Int32, strict=False) * 60
    minutes += digits.str.slice(3, 2).replace("", "0").cast(pl.Int32, strict=False)
    minutes = minutes.zip_with(~zone.str.starts_with("-").fill_null(value=False), -minutes)
    zero = pl.Series(values=[0], dtype=pl.Int32).new_from_index(0, len(zone))
    minutes = zero.zip_with(zone.is_in(["Z", "UTC", "GMT"]).fill_null(value=False), minutes)
    nothing = day_first.is_null() & month_first.is_null()
    return pl.DataFrame(
        {
            "day_first": day_first,
            "month_first": month_first,
            "offset_minutes": minutes,
            "code": pl.Series(["no_such_day"])
            .new_from_index(0, len(zone))
            .zip_with(nothing, pl.Series(values=[None], dtype=pl.String).new_from_index(0, len(zone))),
            "rule": groups.select(
                pl.when((pl.col(year).str.len_bytes() == 2) & ~nothing).then(pl.lit("short_year")).alias("rule")
            )["rule"],
            "has_time": groups["hour"].is_not_null(),
        }
    )


def _year_first(text: pl.Series, pattern: str) -> pl.DataFrame:
    groups = _fields(text, pattern)
    moment = _moment(groups, pl.col("a"), pl.col("b"), pl.col("c"))
    return _read(groups, "a", moment, moment)


def _year_last(text: pl.Series, pattern: str) -> pl.DataFrame:
    groups = _fields(text, pattern)
    return _read(
        groups,
        "c",
        _moment(groups, pl.col("c"), pl.col("b"), pl.col("a")),
        _moment(groups, pl.col("c"), pl.col("a"), pl.col("b")),
    )


def _named(text: pl.Series, pattern: str) -> pl.DataFrame:
    groups = _fields(text, pattern)
    month = pl.col("b").str.to_lowercase().replace_strict(_MONTHS, default=0, return_dtype=pl.Int32)
    moment = _moment(groups, pl.col("c"), month, pl.col("a"))
    return _read(groups, "c", moment, moment)


def _serial(text: pl.Series, _pattern: str) -> pl.DataFrame:
    """Excel's day numbers, 20000 (1954) to 80000 (2119); seconds are exact, for a day number has no more."""
    days = text.str.extract(r"^(\d+)").cast(pl.Int64)
    fraction = ("0" + text.str.extract(r"(\.\d+)$")).cast(pl.Float64).fill_null(0.0)
    seconds = days * 86_400 + (fraction * 86_400).round().cast(pl.Int64)
    epoch = datetime(1899, 12, 30)  # noqa: DTZ001  a wall-clock time: the sheet knows no zone
    frame = pl.DataFrame({"seconds": seconds})
    moment = frame.select((pl.lit(epoch) + pl.duration(seconds="seconds")).cast(pl.Datetime("us"))).to_series()
    return _converted(moment, days.is_between(20_000, 80_000), fraction > 0, "excel_serial", None)


def _unix(text: pl.Series, _pattern: str) -> pl.DataFrame:
    number = text.cast(pl.Int64)
    millis = number.zip_with(text.str.len_bytes() == 13, number * 1000)
    moment = (millis * 1000).cast(pl.Datetime("us"))
    always = pl.Series(values=[True]).new_from_index(0, len(text))
    return _converted(moment, always, always, "unix_time", 0)


def _converted(
    moment: pl.Series, is_plausible: pl.Series, has_time: pl.Series, rule: str, offset: int | None
) -> pl.DataFrame:
    nothing = pl.lit(None)
    return pl.DataFrame({"m": moment, "ok": is_plausible, "has_time": has_time}).select(
        pl.when("ok").then("m").otherwise(nothing).alias("day_first"),
        pl.when("ok").then("m").otherwise(nothing).alias("month_first"),
        pl.lit(offset, dtype=pl.Int32).alias("offset_minutes"),
        pl.when("ok").then(nothing).otherwise(pl.lit("not_a_date")).cast(pl.String).alias("code"),
        pl.when("ok").then(pl.lit(rule)).otherwise(nothing).cast(pl.String).alias("rule"),
        "has_time",
    )


_CLOCK = (
    r"^(?:(上午|下午|[AaPp][Mm])\s*)?(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?)?[分秒]?\s*([AaPp][Mm])?$"
)


def parse_clock(column: Column) -> pl.Series:
    """Return seconds after midnight of a column of times of day (18:30, 下午6:30, 1830); null: empty, refused."""
    texts.without_null_words(texts.without_apostrophe(texts.half_width(column)))
    groups = (
        column.text.str.extract_groups(_CLOCK).struct.rename_fields(["before", "h", "m", "s", "after"]).struct.unnest()
    )
    padded = column.text.str.pad_start(4, "0")
    digits = (
        padded.str.extract_groups(r"^(\d{2})(\d{2})(\d{2})?$").struct.rename_fields(["h", "m", "s"]).struct.unnest()
    )
    odd = (
        column.text.str.pad_start(6, "0")
        .str.extract_groups(r"^(\d{2})(\d{2})(\d{2})$")
        .struct.rename_fields(["h", "m", "s"])
        .struct.unnest()
    )
    digits = pl.DataFrame({name: odd[name].zip_with(column.text.str.len_bytes() == 5, digits[name]) for name in "hms"})
    hour, minute, second = (
        pl.select(pl.coalesce(groups[name], digits[name])).to_series().cast(pl.Int64) for name in "hms"
    )
    second = second.fill_null(0)
    half = pl.select(pl.coalesce(groups["before"], groups["after"])).to_series().str.to_lowercase()
    hour = (hour + 12).zip_with((half.is_in(["下午", "pm"]) & hour.is_between(1, 11)).fill_null(value=False), hour)
    hour = (hour * 0).zip_with((half.is_in(["上午", "am"]) & (hour == 12)).fill_null(value=False), hour)
    real = ((hour < 24) & (minute < 60) & (second < 60)).fill_null(value=False)
    column.refuse(column.present & ~real, "not_a_time")
    return (hour * 3600 + minute * 60 + second).zip_with(real, pl.Series(values=[None], dtype=pl.Int64))
