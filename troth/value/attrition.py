"""What losing customers costs, band by band: the arithmetic behind the attrition table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from troth.value.later import pl
from troth.value.terms import require


@dataclass(frozen=True, slots=True)
class Band:
    """One value band. customers: how many; profit: of one customer and year, in any money; churn: the share lost a
    year, 0 to 1."""

    name: str
    customers: int
    profit: float
    churn: float = 0.0


def attrition_table(bands: Sequence[Band], *, more_churn: float = 0.05, base_loss: float | None = None) -> pl.DataFrame:
    """What more churn in one band alone adds to the profit lost in a year; one row per band, in the order given.

    Args:
        bands: the value bands, best first.
        more_churn: the additional share of a band's customers that leaves, 0 to 1.
        base_loss: the profit lost already; left out, it is customers × churn × profit over all bands.

    Columns: `band`, `customers`, `profit_per_customer`, `lost_customers`, `base_loss` (the band's own part; null
    where `base_loss` is given), `added_customers`, `added_loss` (their profit), `share_of_new_loss` (added ÷ (base +
    added)), `rise_over_base` (added ÷ base), `customers_per_best` (how many of this band lose as much as one of the
    first). The two shares differ by what they divide by; both are shown because texts print either. A share whose
    divisor is not above 0 is null.

    Raises:
        TermsError: no bands, a name twice, a count or share outside its limits.
    """
    _check(bands, more_churn, base_loss)
    own_losses = [band.customers * band.churn * band.profit for band in bands]
    base = sum(own_losses) if base_loss is None else base_loss
    best = bands[0].profit
    rows = []
    for band, own_loss in zip(bands, own_losses, strict=True):
        gone = band.customers * more_churn
        added = gone * band.profit
        rows.append(
            {
                "band": band.name,
                "customers": band.customers,
                "profit_per_customer": band.profit,
                "lost_customers": band.customers * band.churn,
                "base_loss": own_loss if base_loss is None else None,
                "added_customers": gone,
                "added_loss": added,
                "share_of_new_loss": _ratio(added, base + added),
                "rise_over_base": _ratio(added, base),
                "customers_per_best": _ratio(best, band.profit),
            }
        )
    return pl.DataFrame(rows, schema=_SCHEMA)


_SCHEMA: dict[str, type] = {
    "band": str,
    "customers": int,
    "profit_per_customer": float,
    "lost_customers": float,
    "base_loss": float,
    "added_customers": float,
    "added_loss": float,
    "share_of_new_loss": float,
    "rise_over_base": float,
    "customers_per_best": float,
}


def _check(bands: Sequence[Band], more_churn: float, base_loss: float | None) -> None:
    require(len(bands) > 0, "bands", [], "must have at least one band")
    names = [band.name for band in bands]
    require(len(set(names)) == len(names), "bands", names, "must have different names")
    for band in bands:
        is_whole = 0 <= band.customers < float("inf") and band.customers == int(band.customers)
        require(is_whole, f"customers of {band.name}", band.customers, "must be a whole number, 0 or more")
        require(0 <= band.churn <= 1, f"churn of {band.name}", band.churn, "must be a share of 0 to 1")
        is_finite = abs(band.profit) < float("inf")
        require(is_finite, f"profit of {band.name}", band.profit, "must be a finite number")
    require(0 <= more_churn <= 1, "more_churn", more_churn, "must be a share of 0 to 1")
    if base_loss is not None:
        require(0 <= base_loss < float("inf"), "base_loss", base_loss, "must be 0 or more")


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
