"""The type of each customer's loyalty: attitude × behaviour, and what holds those who stay without meaning it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from troth.value.errors import FactsError
from troth.value.facts import missing_column, polars_of
from troth.value.later import pl
from troth.value.loyalty.index import LoyaltyIndex
from troth.value.terms import require


class LoyaltyType(StrEnum):
    """What kind of loyalty it is."""

    TRUE = "true"
    LATENT = "latent"  # well disposed, does not buy
    SPURIOUS = "spurious"  # buys, is not well disposed
    NONE = "none"


class Hold(StrEnum):
    """What holds a customer. The first six hold the spuriously loyal, the last two the truly loyal."""

    MONOPOLY = "monopoly"
    KINSHIP = "kinship"
    INCENTIVE = "incentive"
    PRICE = "price"
    CONVENIENCE = "convenience"
    INERTIA = "inertia"
    TRUST = "trust"
    SUPER_VALUE = "super_value"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRules:
    """Where high begins, and when something is taken for a hold.

    behaviour_from, attitude_from: from how many points of 0 to 100 somebody buys much, and is fond. trust_from: from
    how many of trust a true loyalty rests on trust; below it rests on super value. A hold is taken from a share of 0 to
    1: `incentive_from` of
    purchases with points or a coupon used; `price_from` of full prices not paid (discounts); `convenience_from` of
    purchases in one and the same store, of three or more (`says_convenient`: in the customer's own words, which need no
    store; with the attitude not known one store alone is no hold, for whoever likes a shop has no reason to change it);
    `inertia_below` points of breadth with `behaviour_from` reached.
    assumed_confidence: how sure a type is when nobody asked for the attitude.
    """

    behaviour_from: float = 60.0
    attitude_from: float = 60.0
    incentive_from: float = 0.5
    price_from: float = 0.3
    convenience_from: float = 0.95
    inertia_below: float = 20.0
    trust_from: float = 75.0
    assumed_confidence: float = 0.3

    def __post_init__(self) -> None:
        for name in ("behaviour_from", "attitude_from", "inertia_below", "trust_from"):
            require(0 <= getattr(self, name) <= 100, name, getattr(self, name), "must be points of 0 to 100")
        for name in ("incentive_from", "price_from", "convenience_from", "assumed_confidence"):
            require(0 <= getattr(self, name) <= 1, name, getattr(self, name), "must be a share of 0 to 1")


SIGNS: Mapping[str, type] = {
    "is_protected_market": bool,
    "is_staff_or_family": bool,
    "incentive_share": float,
    "discount_share": float,
    "main_store_share": float,
    "main_store_purchases": int,
    "says_convenient": bool,
}
"""What else is known of a customer, each optional: a missing column or value is a sign not seen."""


def loyalty_types(index: LoyaltyIndex, signs: Any = None, *, rules: TypeRules | None = None) -> pl.DataFrame:
    """Give every customer of an index one type, with what holds him and the reasons that decided.

    Args:
        index: from `loyalty_index`.
        signs: a frame with `customer_id` and any of `SIGNS`; shares run from 0 to 1.

    Columns: `customer_id`, `type`, `hold` (null where none is seen), `is_assumed` (nobody asked for the attitude),
    `confidence` (0 to 1), `reasons` (a JSON text: a list of objects with `code` and the values that decided).

    Where the attitude is known, both sides decide. Where it is not, the type rests on behaviour alone, is marked as
    assumed and is no surer than `assumed_confidence`: much behaviour with a hold counts as spurious, without one as
    true; little behaviour as none, for good will cannot be seen in orders. Of several holds the first of `Hold` counts:
    that order runs from what leaves no choice to mere habit.

    Raises:
        FactsError: signs without `customer_id`, with a customer twice or with a share outside 0 to 1.
    """
    rules = rules or TypeRules()
    points = index.parts.filter(pl.col("indicator").is_in(["categories", "trust"])).pivot(
        on="indicator", on_columns=["categories", "trust"], index="customer_id", values="points"
    )
    frame = index.frame.join(points, on="customer_id", how="left")
    frame = frame.join(_signs(signs, frame), on="customer_id", how="left")
    frame = frame.with_columns(
        is_high=pl.col("behaviour").fill_null(0) >= rules.behaviour_from,
        is_assumed=pl.col("attitude").is_null(),
        is_fond=pl.col("attitude") >= rules.attitude_from,
    ).with_columns(spurious_hold=_spurious_hold(rules), true_hold=_true_hold(rules))
    return frame.with_columns(type=_type()).select(
        "customer_id",
        "type",
        hold=_hold(),
        is_assumed="is_assumed",
        confidence=_confidence(rules),
        reasons=_reasons(rules),
    )


def _signs(signs: Any, frame: pl.DataFrame) -> pl.DataFrame:
    """Return every sign as a column, null where it is not known."""
    if signs is None:
        return frame.select("customer_id", **{name: pl.lit(None).cast(kind) for name, kind in SIGNS.items()})
    given = polars_of(signs, "signs", ("customer_id",))
    if "customer_id" not in given.columns:
        raise FactsError(missing_column("signs", "customer_id", given.columns))
    is_once = given["customer_id"].n_unique() == given.height
    require(is_once, "signs", "a customer stands twice", "must have one row a customer")
    for name in ("incentive_share", "discount_share", "main_store_share"):
        if name in given.columns:
            outside = given.filter(~pl.col(name).cast(pl.Float64).is_between(0, 1))
            require(outside.is_empty(), name, outside[name].to_list()[:1], "must be a share of 0 to 1")
    columns = {
        name: pl.col(name).cast(kind) if name in given.columns else pl.lit(None).cast(kind)
        for name, kind in SIGNS.items()
    }
    return given.select("customer_id", **columns)


def _spurious_hold(rules: TypeRules) -> pl.Expr:
    one_store = (pl.col("main_store_share") >= rules.convenience_from) & (pl.col("main_store_purchases") >= 3)
    is_convenient = (one_store & ~pl.col("is_assumed")) | pl.col("says_convenient")
    return (
        pl.when(pl.col("is_protected_market")).then(pl.lit(str(Hold.MONOPOLY)))
        .when(pl.col("is_staff_or_family")).then(pl.lit(str(Hold.KINSHIP)))
        .when(pl.col("incentive_share") >= rules.incentive_from).then(pl.lit(str(Hold.INCENTIVE)))
        .when(pl.col("discount_share") >= rules.price_from).then(pl.lit(str(Hold.PRICE)))
        .when(is_convenient).then(pl.lit(str(Hold.CONVENIENCE)))
        .when(pl.col("categories") < rules.inertia_below).then(pl.lit(str(Hold.INERTIA)))
    )  # fmt: skip


def _true_hold(rules: TypeRules) -> pl.Expr:
    is_trusting = pl.col("trust") >= rules.trust_from
    return pl.when(is_trusting).then(pl.lit(str(Hold.TRUST))).otherwise(pl.lit(str(Hold.SUPER_VALUE)))


def _type() -> pl.Expr:
    is_held = pl.col("spurious_hold").is_not_null()
    known = (
        pl.when(pl.col("is_high") & pl.col("is_fond")).then(pl.lit(str(LoyaltyType.TRUE)))
        .when(pl.col("is_high")).then(pl.lit(str(LoyaltyType.SPURIOUS)))
        .when(pl.col("is_fond")).then(pl.lit(str(LoyaltyType.LATENT)))
        .otherwise(pl.lit(str(LoyaltyType.NONE)))
    )  # fmt: skip
    assumed = (
        pl.when(pl.col("is_high") & is_held).then(pl.lit(str(LoyaltyType.SPURIOUS)))
        .when(pl.col("is_high")).then(pl.lit(str(LoyaltyType.TRUE)))
        .otherwise(pl.lit(str(LoyaltyType.NONE)))
    )  # fmt: skip
    return pl.when(pl.col("is_assumed")).then(assumed).otherwise(known)


def _hold() -> pl.Expr:
    """What holds him, as far as it was seen: with no attitude known, trust and value are not."""
    is_true = (pl.col("type") == str(LoyaltyType.TRUE)) & ~pl.col("is_assumed")
    is_spurious = pl.col("type") == str(LoyaltyType.SPURIOUS)
    return pl.when(is_true).then("true_hold").when(is_spurious).then("spurious_hold")


def _confidence(rules: TypeRules) -> pl.Expr:
    both = pl.min_horizontal("behaviour_confidence", "attitude_confidence")
    assumed = pl.col("behaviour_confidence").clip(upper_bound=rules.assumed_confidence)
    return pl.when(pl.col("is_assumed")).then(assumed).otherwise(both)


def _reasons(rules: TypeRules) -> pl.Expr:
    """The reasons as JSON text, written in columns: a million rows in a second. Codes need no escape."""
    points = {name: pl.col(name).round(1).cast(pl.String).fill_null("null") for name in ("behaviour", "attitude")}
    side = {name: pl.when(pl.col(flag)).then(pl.lit("high")).otherwise(pl.lit("low")) for name, flag in _FLAGS.items()}
    text = '{"code":"type.{}_{}","points":{},"from":{}}'
    behaviour = _filled(text, pl.lit("behaviour"), side["behaviour"], points["behaviour"], rules.behaviour_from)
    asked = _filled(text, pl.lit("attitude"), side["attitude"], points["attitude"], rules.attitude_from)
    attitude = pl.when(pl.col("is_assumed")).then(pl.lit('{"code":"type.attitude_not_asked"}')).otherwise(asked)
    is_spurious = pl.col("type") == str(LoyaltyType.SPURIOUS)
    is_unheld = pl.col("is_assumed") & pl.col("is_high")
    hold = pl.when(is_spurious).then(_hold_reason()).when(is_unheld).then(pl.lit('{"code":"type.no_hold_seen"}'))
    return pl.lit("[") + pl.concat_str([behaviour, attitude, hold], separator=",", ignore_nulls=True) + pl.lit("]")


_FLAGS = {"behaviour": "is_high", "attitude": "is_fond"}
_SIGN_OF = {
    Hold.INCENTIVE: ("share", "incentive_share"),
    Hold.PRICE: ("share", "discount_share"),
    Hold.CONVENIENCE: ("share", "main_store_share"),
    Hold.INERTIA: ("points", "categories"),
}


def _hold_reason() -> pl.Expr:
    found: Any = pl.when(pl.col("spurious_hold").is_null()).then(pl.lit('{"code":"type.hold_not_known"}'))
    for hold, (name, column) in _SIGN_OF.items():
        value = pl.col(column).round(3).cast(pl.String).fill_null("null")
        text = _filled('{"code":"type.hold_{}","{}":{}}', pl.lit(str(hold)), pl.lit(name), value)
        if hold is Hold.CONVENIENCE:
            said = pl.lit('{"code":"type.hold_convenience","said":true}')
            text = pl.when(pl.col("says_convenient")).then(said).otherwise(text)
        found = found.when(pl.col("spurious_hold") == str(hold)).then(text)
    text = _filled('{"code":"type.hold_{}"}', pl.col("spurious_hold"))
    otherwise: pl.Expr = found.otherwise(text)
    return otherwise


def _filled(text: str, *values: pl.Expr | float) -> pl.Expr:
    """The text with its {} filled in, in order. The braces of JSON stand for themselves."""
    pieces = text.split("{}")
    parts: list[pl.Expr] = [pl.lit(pieces[0])]
    for value, piece in zip(values, pieces[1:], strict=True):
        parts += [value if isinstance(value, pl.Expr) else pl.lit(str(value)), pl.lit(piece)]
    return pl.concat_str(parts)
