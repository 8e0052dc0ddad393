"""What a fitted model says of the past, beside what came: repeat purchases week by week."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from troth.value.days import stored_days
from troth.value.facts import as_facts
from troth.value.models.base import NotFitted
from troth.value.models.buying import BuyingModel
from troth.value.models.covariate_facts import TOLD, Covariates
from troth.value.models.covariates import CovariateModel
from troth.value.models.special import Array
from troth.value.summary import observed_until
from troth.value.terms import require, unit_days

WEEK = 7


def tracking(facts: Any, model: BuyingModel, *, as_of: date | None = None, covariates: Any = None) -> pl.DataFrame:
    """Repeat purchases of all customers, week by week, as they came and as the model expects them of new customers.

    Customers join on the day of their first purchase; what the model expects of each is that of a new customer since
    then, so nothing of his own history is used: the curve shows whether the model has understood the whole.

    covariates: for a model that has them, `customer_id` and its columns, one row for every customer.

    Columns: `week_end` (the last day of each whole week, counted back from `as_of`), `came`, `expected` (in that week),
    `came_so_far`, `expected_so_far`.

    Raises:
        FactsError: facts or covariates that cannot be computed with. TermsError: a model with covariates and none
        told, or the other way round. NotFitted: the model has no parameters, or no unit of time.
    """
    if model.unit is None:
        raise NotFitted(f"{type(model).__name__} was not told its unit of time: fit(data, unit='days')")
    has_covariates = isinstance(model, CovariateModel)
    way_out = "go together with a model that has covariates"
    require(has_covariates == (covariates is not None), "covariates", type(model).__name__, way_out)
    facts = as_facts(facts)
    day = observed_until(facts, as_of)
    with stored_days(facts, day) as days:
        firsts = days.group_by("customer_id").agg(first=days.order_date.min())
        joined = facts.engine.frame(firsts.group_by("first").agg(customers=firsts.count()).order_by("first"))
        each = facts.engine.frame(firsts) if has_covariates else None
        bought = facts.engine.frame(days.group_by("order_date").agg(purchases=days.count()).order_by("order_date"))
    require(joined.height > 0, "facts", "no purchase", "must hold one or more")
    start = joined["first"][0]
    weeks = max((day - start).days // WEEK, 0)
    ends = [day - timedelta(days=WEEK * back) for back in range(weeks, -1, -1)]
    came = _repeats_until(bought, "order_date", "purchases", ends) - _repeats_until(joined, "first", "customers", ends)
    expected = _expected(joined, model, ends) if each is None else _expected_apart(each, covariates, model, ends)
    columns = {
        "week_end": ends[1:],
        "came": np.diff(came),
        "expected": np.diff(expected),
        "came_so_far": came[1:],
        "expected_so_far": expected[1:],
    }
    return pl.DataFrame(columns, schema_overrides={"week_end": pl.Date})


def _repeats_until(frame: pl.DataFrame, day: str, count: str, ends: list[date]) -> Array:
    """How many there were by each of several days."""
    sums = np.append(0.0, frame[count].cast(pl.Float64).cum_sum().to_numpy())
    places = frame[day].search_sorted(pl.Series(ends), side="right").to_numpy()
    return np.asarray(sums[places])


def _expected_apart(each: pl.DataFrame, covariates: Any, model: BuyingModel, ends: list[date]) -> Array:
    """The same where customers differ: once for each age and each set of covariates."""
    assert isinstance(model, CovariateModel)
    joined = Covariates.of(covariates).joined(each)
    names = [f"{TOLD}{name}" for name in model.columns]
    missing = [name for name, column in zip(model.columns, names, strict=True) if column not in joined.columns]
    require(not missing, "covariates", missing, "must have a column for every covariate of the model")
    counted = joined.group_by(*names, "first").agg(customers=pl.len()).sort("first")
    found = np.zeros(len(ends))
    for key, alike in counted.group_by(*names):
        told = dict(zip(model.columns, key, strict=True))
        found += _expected(alike.sort("first"), model, ends, told)
    return found


def _expected(joined: pl.DataFrame, model: BuyingModel, ends: list[date], told: Any = None) -> Array:
    """Of all who had joined by each day: what the model expects of a new customer of that age, once for each age.

    told: the covariates of all of them, where the model has any.
    """
    span = max((ends[-1] - joined["first"][0]).days, 0)
    ages = np.arange(span + 1) / unit_days(str(model.unit))
    more = {} if told is None else {"covariates": told}
    of_age = model.expected_purchases_new_customer(ages, level=None, **more)["expected_purchases"].to_numpy()
    first = (joined["first"] - joined["first"][0]).dt.total_days().to_numpy()
    customers = joined["customers"].cast(pl.Float64).to_numpy()
    found = []
    for end in ends:
        age = (end - joined["first"][0]).days - first
        known = age >= 0
        found.append(float(customers[known] @ of_age[age[known]]))
    return np.array(found)
