"""The value to come of each customer: purchases expected month by month, times spend and margin, discounted."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date
from typing import Any

import numpy as np
import polars as pl

from troth.value.given import number, whole
from troth.value.models.base import DEFAULT_LEVEL, Model, around, framed, moments, reach_of
from troth.value.models.buying import BuyingModel
from troth.value.models.gamma_gamma import SpendModel
from troth.value.models.reading import columns_of, distinct, frame_of, spend_columns
from troth.value.models.special import Array
from troth.value.terms import checked_day, require, unit_days

MONTH_DAYS = 365.25 / 12
MOST_MONTHS = 600
MOST_MARGIN = 1e6  # of what is spent: beyond it an amount was given for a share
TINY, VAGUEST = 1e-300, 1e6  # below it nothing is left of a figure; a relative error beyond says as little


def lifetime_value(
    buying: BuyingModel,
    spend: SpendModel | None,
    data: Any,
    *,
    months: int = 12,
    annual_discount: float = 0.10,
    margin: Any = 1.0,
    level: float | None = DEFAULT_LEVEL,
    as_of: date | None = None,
) -> pl.DataFrame:
    """The expected profit of the next `months`, discounted to today, for each row of `data`.

    Purchases expected in each month × the expected spend × `margin`, at the month's end worth
    1 ÷ (1 + annual_discount)^(month ÷ 12): the rate is effective for a year and compounds monthly. With `as_of`, the
    last day observed, months are those of the calendar, each ending on the same day of its month (`month_days`);
    without a day there is no calendar, and a month is a twelfth of 365.25 days. `data` has `frequency`, `recency`, `T`
    and what `spend` needs; with `spend=None` its column `profit_per_purchase` is taken instead. `margin` is profit ÷
    spend, one number or the name of a column of `data`. Both may be negative, where a customer costs more than he
    brings.

    Columns: `customer_id` where given, `expected_purchases` (over all months), `expected_spend` (or
    `profit_per_purchase`), `lifetime_value` in the data's currency, and its interval `_low`, `_high` for what
    the models know of their parameters (none with `level=None`). Raises `FactsError`; `TermsError` where the
    model's unit of time was not told in `fit(data, unit=…)`, and for an `as_of` that is no day. Source: Fader, Hardie,
    Lee (2005), RFM and CLV.
    """
    months = whole("months", months, most=MOST_MONTHS)
    limit = "must be a finite rate above -1, such as 0.10"
    annual_discount = number("annual_discount", annual_discount, limit, above=-1)
    frame = frame_of(data)
    ends = month_ends(buying, months, as_of)
    discount = (1 + annual_discount) ** (-np.arange(1, months + 1) / 12)
    figure, variance, total = discounted_purchases(buying, frame, ends, discount, level)
    figures = [pl.Series("expected_purchases", total)]
    if spend is None:
        figures += [pl.Series(name, kept) for name, kept in columns_of(frame, ["profit_per_purchase"]).items()]
    else:
        spent = spend_columns(frame)
        mean, spread = moments(lambda point: spend.spend(point, spent), spend.point, exact_or(spend, level))
        figure, variance = figure * mean, variance + relative(spread, mean)
        figures.append(pl.Series("expected_spend", mean))
    found: tuple[Array, ...] = (figure,)
    if level is not None:  # the two models are independent: their relative variances add up
        found = (figure, *around(figure, figure * np.sqrt(variance) * reach_of(level), "log"))
    factor = factors(frame, margin, "profit_per_purchase" if spend is None else None)
    signed = [figure * factor for figure in found]
    ordered = signed if level is None else [signed[0], np.minimum(*signed[1:]), np.maximum(*signed[1:])]
    out = framed(frame, "lifetime_value", tuple(ordered))
    at = out.columns.index("lifetime_value")
    return out.select(*out.columns[:at], *figures, *out.columns[at:])


def discounted_purchases(
    buying: BuyingModel, frame: pl.DataFrame, ends: Array, discount: Array, level: float | None
) -> tuple[Array, Array, Array]:
    """For each row the discounted purchases, their relative variance, and the purchases as they are."""
    columns, place = distinct(buying.read(frame))

    def discounted(point: Array) -> Array:
        by_month = np.diff(buying._purchases(point, columns, ends[:, None]), axis=0, prepend=0.0)
        return np.asarray(discount @ by_month)

    figure, variance = moments(discounted, buying.point, exact_or(buying, level))
    total = buying._purchases(buying.point, columns, ends[-1:])
    return figure[place], relative(variance, figure)[place], total[place]


def relative(variance: Array, figure: Array) -> Array:
    """The variance of the logarithm of a figure, which may have vanished itself."""
    return np.asarray(np.minimum(np.sqrt(variance) / np.maximum(figure, TINY), VAGUEST) ** 2)


def exact_or(model: Model, level: float | None) -> Array:
    """The covariance of a model's parameters; none where no interval is asked."""
    return model.covariance if level is not None else np.zeros_like(model.covariance)


def month_ends(buying: BuyingModel, months: int, as_of: date | None = None) -> Array:
    """The ends of the coming months in the model's unit of time, from `as_of` or, without it, from any day."""
    way_out = "counts occasions, not time: months have no meaning; use expected_purchases"
    require(bool(buying.timed), "model", type(buying).__name__, way_out)
    unit = buying.unit
    require(unit is not None, "unit", unit, "was not told: fit(data, unit='days') or unit='weeks'")
    days = np.arange(1, months + 1) * MONTH_DAYS if as_of is None else np.array(month_days(as_of, months), float)
    return days / unit_days(str(unit))


def month_days(as_of: date, months: int) -> list[int]:
    """In how many days each of the coming calendar months ends.

    A month ends on the day of the month that `as_of` is, or on its last day where it is shorter: from 31 January they
    end on 28 (or 29) February, 31 March, 30 April. Raises `TermsError` for an `as_of` that is no day, and for months
    past the last year that a date can have.
    """
    day = checked_day("as_of", as_of)
    first = day.year * 12 + day.month - 1
    require(first + months < (MAXYEAR + 1) * 12, "as_of", as_of, f"must lie {months} months before the year {MAXYEAR}")
    found = []
    for month in range(first + 1, first + months + 1):
        year, number = month // 12, month % 12 + 1
        found.append((date(year, number, min(day.day, monthrange(year, number)[1])) - day).days)
    return found


def factors(frame: pl.DataFrame, margin: Any, money: str | None) -> Array:
    """What a row's discounted purchases are multiplied with besides the expected spend."""
    if isinstance(margin, str):
        share = columns_of(frame, [margin])[margin]
    else:
        limit = f"must be a number within ±{MOST_MARGIN:g}, or a column's name"
        share = np.full(frame.height, number("margin", margin, limit, least=-MOST_MARGIN, most=MOST_MARGIN))
    return share if money is None else np.asarray(share * columns_of(frame, [money])[money])
