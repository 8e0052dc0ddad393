"""The next best action: one suggestion for each customer, from rules over the scores that anybody can read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Any

from troth.value.facts import polars_of
from troth.value.later import pl
from troth.value.terms import require


class Action(StrEnum):
    """What to do next, in the order in which the rules are asked."""

    REPAIR = "repair"
    WIN_BACK = "win_back"
    LET_GO = "let_go"
    HOLD = "hold"
    INVITE = "invite"  # to bring others
    THANK = "thank"
    ASK = "ask"
    NEXT_PRODUCT = "next_product"


class Stake(StrEnum):
    """What the money is: expected anyhow, or lost if nothing is done."""

    EXPECTED = "expected"
    AT_RISK = "at_risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRules:
    """alive_below: who is there with a smaller chance (0 to 1) is about to leave; worth_from: at least so much money
    must be at stake for an act that costs something; repair_below: satisfaction of 1 to 5 that asks for repair."""

    alive_below: float = 0.5
    worth_from: float = 0.0
    repair_below: float = 2.5

    def __post_init__(self) -> None:
        require(0 <= self.alive_below <= 1, "alive_below", self.alive_below, "must be a chance of 0 to 1")
        require(0 <= self.worth_from < inf, "worth_from", self.worth_from, "must be a finite amount, 0 or more")
        require(1 <= self.repair_below <= 5, "repair_below", self.repair_below, "must lie between 1 and 5")


NEEDED = ("customer_id", "status", "purchases", "quarter", "probability_alive", "potential_value")
OPTIONAL: dict[str, type] = {"has_open_complaint": bool, "satisfaction": float, "attitude": float}
FOND_FROM = 60.0
TINY = 1e-300  # a chance of 0 divides nothing; one of a millionth does, and tells what is at stake


def next_actions(customers: Any, *, rules: ActionRules | None = None) -> pl.DataFrame:
    """Suggest one thing for each customer.

    Args:
        customers: `customer_id`, `status` and `purchases` (of `value.scores`), `quarter` (of `loyalty.quadrant`),
            `probability_alive` (0 to 1), `potential_value` (expected profit, in money); where known
            `has_open_complaint`, `satisfaction` (1 to 5), `attitude` (points of 0 to 100).

    Columns: `customer_id`, `action`, `reason` (a code), `stake` (money), `stake_kind` (`expected`, `at_risk`).

    The first rule that fits counts. A complaint is open, or satisfaction is low: repair. Lost: win back, if what he
    would bring were he here is worth it, else let go. Sleeping, or here with less than `alive_below`: hold, if worth
    it. Loyal and valuable with a good attitude: invite to bring others. One purchase, or loyal and valuable: thank.
    Valuable and not loyal: ask. All others: show the next product. What is at risk is the profit were he here for
    certain (potential ÷ chance) less what is expected; of one to repair, all of it.

    Raises:
        FactsError: a column is missing. TermsError: a null or a figure outside its limits.
    """
    rules = rules or ActionRules()
    frame = _rows(customers)
    alive = pl.col("probability_alive").clip(lower_bound=TINY)
    at_risk = (pl.col("potential_value") / alive - pl.col("potential_value")).clip(lower_bound=0)
    frame = frame.with_columns(at_risk=at_risk)
    is_worth = pl.col("at_risk") >= pl.max_horizontal(pl.lit(rules.worth_from), pl.lit(1e-9))
    is_best, is_fond = pl.col("quarter") == "best", pl.col("attitude") >= FOND_FROM
    is_leaving = pl.col("probability_alive") < rules.alive_below
    chosen = _first(
        (pl.col("has_open_complaint"), Action.REPAIR, "open_complaint"),
        (pl.col("satisfaction") < rules.repair_below, Action.REPAIR, "low_satisfaction"),
        ((pl.col("status") == "lost") & is_worth, Action.WIN_BACK, "lost_and_worth_it"),
        (pl.col("status") == "lost", Action.LET_GO, "lost_and_not_worth_it"),
        ((pl.col("status") == "sleeping") & is_worth, Action.HOLD, "sleeping"),
        (is_leaving & is_worth, Action.HOLD, "may_be_gone"),
        (is_best & is_fond, Action.INVITE, "loyal_and_fond"),
        (pl.col("purchases") < 2, Action.THANK, "first_purchase"),
        (is_best, Action.THANK, "loyal_and_valuable"),
        (pl.col("quarter") == "wavering", Action.ASK, "valuable_not_loyal"),
        (pl.lit(value=True), Action.NEXT_PRODUCT, "may_buy_more"),
    )
    found = frame.with_columns(chosen).unnest("found")
    loses = pl.col("action").is_in([str(one) for one in (Action.WIN_BACK, Action.LET_GO, Action.HOLD)])
    is_repair = pl.col("action") == str(Action.REPAIR)
    stake = pl.when(loses).then("at_risk").otherwise("potential_value")
    kind = pl.when(loses | is_repair).then(pl.lit(str(Stake.AT_RISK))).otherwise(pl.lit(str(Stake.EXPECTED)))
    return found.select("customer_id", "action", "reason", stake=stake, stake_kind=kind)


def _rows(customers: Any) -> pl.DataFrame:
    frame = polars_of(customers, "customers", NEEDED)
    more = {
        name: pl.col(name).cast(kind) if name in frame.columns else pl.lit(None).cast(kind)
        for name, kind in OPTIONAL.items()
    }
    frame = frame.select(
        "customer_id",
        pl.col("status", "quarter").cast(pl.String),
        pl.col("purchases").cast(pl.Int64),
        pl.col("probability_alive", "potential_value").cast(pl.Float64),
        **more,
    )
    for name in ("probability_alive", "potential_value"):
        bad = frame.filter(~pl.col(name).is_finite().fill_null(value=False))
        require(bad.is_empty(), name, bad["customer_id"].to_list()[:1], "must be a finite number for every customer")
    outside = frame.filter(~pl.col("probability_alive").is_between(0, 1))
    require(outside.is_empty(), "probability_alive", outside["customer_id"].to_list()[:1], "must lie between 0 and 1")
    return frame


def _first(*choices: tuple[pl.Expr, Action, str]) -> pl.Expr:
    """The first rule that fits; what is not known does not."""
    action: Any = pl
    reason: Any = pl
    for fits, name, code in choices:
        action = action.when(fits.fill_null(value=False)).then(pl.lit(str(name)))
        reason = reason.when(fits.fill_null(value=False)).then(pl.lit(code))
    return pl.struct(action.alias("action"), reason.alias("reason")).alias("found")
