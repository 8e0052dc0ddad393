"""What is told of customers beside their orders: whom they brought, what they spend elsewhere, what leaves no choice.

Each is a fact that the company keeps (an attribute with the code named here); what it does not keep is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from troth.customers import queries as customers
from troth.customers.models import AttributeType
from troth.value import loyalty
from troth.value.later import pl
from troth.value.loyalty.settings import EVERYBODY, YEAR_DAYS

from .referring import links_of

SPEND = "category_spend"
"""A number: what the customer spends in a year on what this company sells, everywhere together, in its currency."""

FAMILY = "staff_or_family"
"""Yes or no: works here, or belongs to somebody who does."""

CONVENIENT = "here_for_convenience"
"""Yes or no: says that they buy here because it is near or easy."""

PROTECTED = "protected_market"
"""Yes or no: has no other supplier to go to."""

SCHEMA: dict[str, type] = {
    "referrals": int,
    "wallet_share": float,
    "wallet_low": float,
    "wallet_high": float,
    "wallet_source": str,
    "wallet_date": date,
    "is_staff_or_family": bool,
    "is_protected_market": bool,
    "says_convenient": bool,
}


@dataclass(frozen=True, slots=True)
class Known:
    """frame: one row a score, `customer_id` and the columns of `SCHEMA`, null where it is not known; referrals: buyers
    brought, 0 where the company keeps who brought whom and nobody names this one. told: who brought whom.
    """

    frame: pl.DataFrame
    told: customers.Referrals | None


def known(scores: pl.DataFrame, as_of: date, terms: loyalty.LoyaltyTerms, *, window_days: int) -> Known:
    """Return what is known of every score up to and including a day."""
    told = customers.referrals()
    frame = scores.select("customer_id")
    frame = frame.join(brought(scores, told), on="customer_id", how="left", maintain_order="left")
    if told is not None:
        frame = frame.with_columns(pl.col("referrals").fill_null(0))
    frame = frame.join(_wallets(scores, as_of, terms, window_days), on="customer_id", how="left", maintain_order="left")
    flags_by_code = {FAMILY: "is_staff_or_family", PROTECTED: "is_protected_market", CONVENIENT: "says_convenient"}
    for code, name in flags_by_code.items():
        values = customers.attribute_values(code, AttributeType.BOOLEAN, until=as_of) or {}
        rows = [(str(owner), value) for owner, (value, _day) in values.items()]
        flags = pl.DataFrame(rows, schema={"customer_id": pl.String, name: pl.Boolean}, orient="row")
        frame = frame.join(flags, on="customer_id", how="left", maintain_order="left")
    return Known(frame.select("customer_id", *(pl.col(name).cast(kind) for name, kind in SCHEMA.items())), told)


def measurements(known: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return what the loyalty index hears of it: share of wallet, as sure as its interval is narrow, and referrals."""
    wallet = known.filter(pl.col("wallet_share").is_not_null()).select(
        "customer_id",
        indicator=pl.lit("share_of_wallet"),
        value=pl.col("wallet_share"),
        source=pl.col("wallet_source"),
        measured_date=pl.col("wallet_date"),
        confidence=(1 - pl.col("wallet_high") + pl.col("wallet_low")).clip(0, 1),
    )
    brought = known.filter(pl.col("referrals") > 0).select(
        "customer_id",
        indicator=pl.lit("referrals"),
        value=pl.col("referrals").cast(pl.Float64),
        source=pl.lit("referrals"),
        measured_date=pl.lit(as_of),
        confidence=pl.lit(1.0),
    )
    return pl.concat([wallet, brought])


def brought(buyers: pl.DataFrame, told: customers.Referrals | None) -> pl.DataFrame:
    """Return how many of these buyers each introducer brought: `customer_id`, `referrals`."""
    bought = links_of(told).join(buyers.select("customer_id"), on="customer_id", how="semi")
    return bought.group_by(customer_id="introducer_id").agg(referrals=pl.len().cast(pl.Int64))


def _wallets(scores: pl.DataFrame, as_of: date, terms: loyalty.LoyaltyTerms, window_days: int) -> pl.DataFrame:
    """Share of wallet over the window, asked where they said, else by the norm; the year's amounts are cut to it."""
    said = customers.attribute_values(SPEND, AttributeType.NUMBER, until=as_of) or {}
    scale = window_days / YEAR_DAYS
    rows = [(str(owner), float(value) * scale, day) for owner, (value, day) in said.items() if value > 0]
    schema = {"customer_id": pl.String, "asked_spend": pl.Float64, "told_date": pl.Date}
    asked = pl.DataFrame(rows, schema=schema, orient="row")
    norms = [loyalty.WalletNorm(one.segment, one.mean * scale, one.deviation * scale) for one in terms.norms]
    spend = scores.select("customer_id", spend=pl.col("window_revenue").cast(pl.Float64).clip(0))
    people = spend.join(asked, on="customer_id", how="left").with_columns(segment=pl.lit(EVERYBODY))
    if not norms:
        people = people.filter(pl.col("asked_spend").is_not_null())
    found = loyalty.share_of_wallet(people, norms).filter(pl.col("source") != "unknown")
    days = people.select("customer_id", wallet_date=pl.col("told_date").fill_null(as_of))
    names = {"share": "wallet_share", "low": "wallet_low", "high": "wallet_high", "source": "wallet_source"}
    return found.rename(names).join(days, on="customer_id")
