"""The loyalty ladder with what is known beside orders: who is a client, who an advocate, today and a month ago."""

from __future__ import annotations

from troth.value import loyalty
from troth.value.later import pl

from .knowing import Known, brought

ONCE = "first_time_buyer"


def climbed(scores: pl.DataFrame, known: Known, rules: loyalty.LadderRules) -> pl.DataFrame:
    """Return the scores with the rungs that share of wallet and referrals tell, the reason among the others.

    A month ago is judged by the purchases and the status of then, and by whom they had brought by then; of the wallet,
    as it is known today. Scores of whom nothing is known beside orders stay as they are.
    """
    told = known.frame.filter(pl.col("wallet_share").is_not_null())
    if told.is_empty():
        return scores
    both = scores.join(told, on="customer_id")
    now = _rungs(both.select("customer_id", "purchases", "status", "referrals", "wallet_share"), rules)
    then = _rungs(_before(both, scores, known), rules).select("customer_id", rung_then="rung")
    found = now.select("customer_id", "reason_text", rung_now="rung").join(then, on="customer_id", how="left")
    joined = scores.join(found, on="customer_id", how="left", maintain_order="left")
    # The ladder's reason stands last among the reasons; see `troth.value.scores.reasons_of`.
    others = pl.col("reasons").str.replace(r',\{"code":"rung\.[^}]*\}\]$', "")
    reasons = (
        pl.when(pl.col("rung_now").is_null()).then("reasons").otherwise(others + "," + pl.col("reason_text") + "]")
    )
    return joined.with_columns(
        rung=pl.coalesce("rung_now", "rung"), rung_before=pl.coalesce("rung_then", "rung_before"), reasons=reasons
    ).select(scores.columns)


def _before(both: pl.DataFrame, scores: pl.DataFrame, known: Known) -> pl.DataFrame:
    """What the ladder asks, as it was a month ago, of those who had bought by then."""
    had_bought = pl.col("rung_before").is_not_null()
    then = brought(scores.filter(had_bought), known.told)
    counted = both.filter(had_bought).drop("referrals").join(then, on="customer_id", how="left")
    return counted.select(
        "customer_id",
        "wallet_share",
        purchases=pl.when(pl.col("rung_before") == ONCE).then(1).otherwise(2),  # more does not matter
        status="status_before",
        referrals=pl.col("referrals").fill_null(0) if known.told else pl.col("referrals"),
    )


def _rungs(asked: pl.DataFrame, rules: loyalty.LadderRules) -> pl.DataFrame:
    buyers = asked.rename({"wallet_share": "share_of_wallet"}).with_columns(pl.col("purchases").cast(pl.Int64))
    found = loyalty.ladder(buyers, rules=rules).join(buyers, on="customer_id", maintain_order="left")
    return found.with_columns(reason_text=_reason())


def _reason() -> pl.Expr:
    """The reason as JSON text; codes need no escape."""
    numbers = {
        "purchases": pl.col("purchases").cast(pl.String),
        "wallet": pl.col("share_of_wallet").round(4).cast(pl.String),
        "referrals": pl.col("referrals").cast(pl.String).fill_null("null"),
    }
    text: pl.Expr = pl.lit('{"code":"rung.') + pl.col("rung") + pl.lit('"')
    for name, number in numbers.items():
        text = text + pl.lit(f',"{name}":') + number
    return text + pl.lit("}")
