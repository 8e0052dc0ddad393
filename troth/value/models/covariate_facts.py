"""What is known of customers beside their purchases, joined to facts by their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from troth.value.errors import FactsError, Problem
from troth.value.facts import polars_of
from troth.value.models.buying import BuyingModel
from troth.value.models.covariates import BetaGeoCovariatesModel, ParetoNBDCovariatesModel, is_number
from troth.value.terms import require

TOLD = "told."
"""Stands before a covariate's name where other columns may have the same."""

TABLE = "covariates"


@dataclass(frozen=True, slots=True)
class Covariates:
    """One row a customer: `customer_id` as text, and the covariates as floats under their names with `TOLD`."""

    frame: pl.DataFrame
    names: tuple[str, ...]

    @classmethod
    def of(cls, given: Any) -> Self:
        """Read a frame.

        Raises:
            FactsError: no `customer_id`, a customer twice, a column without numbers, a value that is not finite; with
                its row.
            TermsError: no covariate.
        """
        frame = polars_of(given, TABLE, ["customer_id"])
        names = tuple(name for name in frame.columns if name != "customer_id")
        require(bool(names), TABLE, [], "must have one or more columns beside customer_id")
        problems = list(_problems(frame, names))
        if problems:
            raise FactsError(*problems)
        numbers = [pl.col(name).cast(pl.Float64).alias(f"{TOLD}{name}") for name in names]
        return cls(frame.select(pl.col("customer_id").cast(pl.String), *numbers), names)

    def family(self) -> dict[str, BuyingModel]:
        """Return the models that use all of them, for buying and for leaving, by name."""
        terms = {"buying": self.names, "leaving": self.names}
        return {
            "bg_nbd_covariates": BetaGeoCovariatesModel(**terms),
            "pareto_nbd_covariates": ParetoNBDCovariatesModel(**terms),
        }

    def joined(self, customers: pl.DataFrame) -> pl.DataFrame:
        """Return the customers with their covariates.

        Raises:
            FactsError: a customer of whom none are told.
        """
        ids = customers.with_columns(pl.col("customer_id").cast(pl.String))
        missing = ids.join(self.frame, on="customer_id", how="anti")
        if missing.height:
            what = f"{missing.height} customers are missing, such as {missing['customer_id'][0]}"
            raise FactsError(Problem("missing_customer", TABLE, "customer_id", 0, what, "give one row for every buyer"))
        return ids.join(self.frame, on="customer_id", how="left", maintain_order="left")


def _problems(frame: pl.DataFrame, names: tuple[str, ...]) -> list[Problem]:
    if (twice := frame["customer_id"].is_duplicated()).any():
        place = int(np.flatnonzero(twice.to_numpy())[0])
        return [Problem("twice", TABLE, "customer_id", place + 1, "stands there twice", "give one row a customer")]
    found = []
    for name in names:
        if not is_number(frame[name].dtype):
            way_out = "tell a group as 0 and 1, one column each but for the group the others are held against"
            found.append(Problem("no_numbers", TABLE, name, 0, f"holds {frame[name].dtype}, not numbers", way_out))
            continue
        is_bad = ~frame[name].cast(pl.Float64).is_finite().fill_null(value=False)
        if is_bad.any():
            place = int(np.flatnonzero(is_bad.to_numpy())[0])
            what = "is empty or not finite"
            found.append(Problem("not_finite", TABLE, name, place + 1, what, "fill it, or leave the column out"))
    return found
