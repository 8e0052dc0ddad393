"""The ladder of seven rungs: on which one everybody stands, and who moved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from troth.value.facts import polars_of
from troth.value.later import pl
from troth.value.terms import require


class Rung(StrEnum):
    """From the lowest to the highest. AT_LEAST_REPEAT_BUYER stands beside 5: more is not known of him."""

    SUSPECT = "suspect"
    DISQUALIFIED_PROSPECT = "disqualified_prospect"
    PROSPECT = "prospect"
    FIRST_TIME_BUYER = "first_time_buyer"
    REPEAT_BUYER = "repeat_buyer"
    AT_LEAST_REPEAT_BUYER = "at_least_repeat_buyer"
    CLIENT = "client"
    ADVOCATE = "advocate"


class ProspectReason(StrEnum):
    """Why somebody stands on a rung below the first purchase."""

    NO_NEED = "no_need"
    NOT_ABLE_TO_PAY = "not_able_to_pay"
    NEEDS_AND_CAN_PAY = "needs_and_can_pay"
    NOT_KNOWN = "need_or_means_not_known"


HEIGHT = {
    Rung.DISQUALIFIED_PROSPECT: 0,
    Rung.SUSPECT: 1,
    Rung.PROSPECT: 2,
    Rung.FIRST_TIME_BUYER: 3,
    Rung.REPEAT_BUYER: 4,
    Rung.AT_LEAST_REPEAT_BUYER: 4,
    Rung.CLIENT: 5,
    Rung.ADVOCATE: 6,
}
"""For telling up from down: whoever was found not to fit is further off than one of whom nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderRules:
    """client_wallet: from which share of wallet (0 to 1) one buys all he needs from us; advocate_referrals: how many
    customers one must have brought."""

    client_wallet: float = 0.7
    advocate_referrals: int = 1

    def __post_init__(self) -> None:
        require(0 < self.client_wallet <= 1, "client_wallet", self.client_wallet, "must be a share above 0, up to 1")
        require(self.advocate_referrals >= 1, "advocate_referrals", self.advocate_referrals, "must be 1 or more")


def ladder(buyers: Any, *, prospects: Any = None, rules: LadderRules | None = None) -> pl.DataFrame:
    """Put everybody on one rung.

    Args:
        buyers: `customer_id`, `purchases`, `status` (of `value.scores`), and, where known, `share_of_wallet` (0 to 1)
            and `referrals` (customers brought); null is not known.
        prospects: those who have not bought: `customer_id`, `has_need`, `is_able_to_pay` (true, false or null: not
            known). Who stands among the buyers too is a buyer.

    Columns: `customer_id`, `rung`, `reason` (a code). Who needs and can pay is a prospect; who does not or cannot is a
    disqualified prospect; of whom neither is known is a suspect. A client buys at least `client_wallet` of what he
    needs from us and still buys (neither sleeping nor lost); an advocate is one who also brought others. Where the
    wallet is not known a repeat buyer is "at least" that.

    Raises:
        FactsError: a column is missing. TermsError: a share or a count outside its limits.
    """
    rules = rules or LadderRules()
    frame = polars_of(buyers, "buyers", ("customer_id", "purchases", "status"))
    for name, kind in (("share_of_wallet", pl.Float64), ("referrals", pl.Int64)):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=kind).alias(name))
    wallet = pl.col("share_of_wallet").cast(pl.Float64)
    outside = frame.filter(~wallet.is_between(0, 1))
    require(outside.is_empty(), "share_of_wallet", outside["share_of_wallet"].to_list()[:1], "must be 0 to 1")
    for name in ("purchases", "referrals"):
        count = pl.col(name).cast(pl.Float64)
        wrong = ~(count.is_finite() & (count >= 0) & (count == count.round()))
        bad = frame.filter(wrong.fill_null(value=name == "purchases"))
        require(bad.is_empty(), name, bad[name].to_list()[:1], "must be a whole number, 0 or more")
    found = [_buyers(frame, wallet, rules)]
    if prospects is not None:
        found.append(_prospects(prospects, frame))
    return pl.concat(found)


def _buyers(frame: pl.DataFrame, wallet: pl.Expr, rules: LadderRules) -> pl.DataFrame:
    still_buys = ~pl.col("status").cast(pl.String).is_in(["sleeping", "lost"])
    is_client = (wallet >= rules.client_wallet) & still_buys
    brought = pl.col("referrals") >= rules.advocate_referrals
    return frame.select("customer_id", _chosen(
        (pl.col("purchases") < 2, Rung.FIRST_TIME_BUYER, "one_purchase"),
        (is_client & brought, Rung.ADVOCATE, "wallet_and_referrals"),
        (is_client, Rung.CLIENT, "wallet"),
        (wallet.is_null(), Rung.AT_LEAST_REPEAT_BUYER, "wallet_not_known"),
        (pl.lit(value=True), Rung.REPEAT_BUYER, "repeats"),
    )).unnest("found")  # fmt: skip


def _prospects(prospects: Any, buyers: pl.DataFrame) -> pl.DataFrame:
    frame = polars_of(prospects, "prospects", ("customer_id", "has_need", "is_able_to_pay"))
    new = frame.join(buyers.select("customer_id"), on="customer_id", how="anti")
    need, able = pl.col("has_need").cast(pl.Boolean), pl.col("is_able_to_pay").cast(pl.Boolean)
    return new.select("customer_id", _chosen(
        (~need, Rung.DISQUALIFIED_PROSPECT, ProspectReason.NO_NEED),
        (~able, Rung.DISQUALIFIED_PROSPECT, ProspectReason.NOT_ABLE_TO_PAY),
        (need & able, Rung.PROSPECT, ProspectReason.NEEDS_AND_CAN_PAY),
        (pl.lit(value=True), Rung.SUSPECT, ProspectReason.NOT_KNOWN),
    )).unnest("found")  # fmt: skip


def _chosen(*choices: tuple[pl.Expr, Rung, str]) -> pl.Expr:
    """The first choice that holds; one that is not known does not."""
    rung: Any = pl
    reason: Any = pl
    for holds, name, code in choices:
        rung = rung.when(holds.fill_null(value=False)).then(pl.lit(str(name)))
        reason = reason.when(holds.fill_null(value=False)).then(pl.lit(str(code)))
    return pl.struct(rung.alias("rung"), reason.alias("reason")).alias("found")


def moves(before: Any, after: Any) -> pl.DataFrame:
    """Who stands on another rung than before: `customer_id`, `from_rung` (null: new here), `to_rung`, `steps` (above 0
    up, below 0 down; the rungs of one height are no move up or down).

    Who is gone from `after` is left out: records leave by merging, and that is no move.

    Raises:
        FactsError: `customer_id` or `rung` is missing.
    """
    earlier, later = (polars_of(*one, ("customer_id", "rung")) for one in ((before, "before"), (after, "after")))
    joined = later.select("customer_id", to_rung="rung").join(
        earlier.select("customer_id", from_rung="rung"), on="customer_id", how="left"
    )
    heights = {str(rung): height for rung, height in HEIGHT.items()}
    height = [pl.col(name).replace_strict(heights, return_dtype=pl.Int64) for name in ("to_rung", "from_rung")]
    moved = joined.with_columns(steps=height[0] - height[1])
    is_other = pl.col("from_rung").is_null() | (pl.col("from_rung") != pl.col("to_rung"))
    return moved.filter(is_other).select("customer_id", "from_rung", "to_rung", "steps").sort("customer_id")
