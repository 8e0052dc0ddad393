"""What orders bring, in the API's form."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from troth.kit.money import from_stored
from troth.programs.outcomes import Award, AwardKind, Reason, RuleOutcome
from troth.programs.services import Standing
from troth.programs.tiers import Figures
from troth.sales import queries as sales
from troth.sales.answers import BalanceAfter, Brought, PaidFromPool
from troth.sales.models import OrderEvaluation
from troth.sales.postings import Posting

from ..fields import number_text
from .sale_schemas import (
    AwardOut,
    BalanceOut,
    BroughtOut,
    MovedOut,
    PoolPaidOut,
    ReasonOut,
    StepOut,
)

Plain = dict[str, Any]


def programmes(found: Iterable[Brought], *, with_reasons: bool = True) -> list[BroughtOut]:
    """Return what an order brings, by programme."""
    return [BroughtOut.model_validate(one) for one in plain_programmes(found, with_reasons=with_reasons)]


def balances(found: Mapping[str, BalanceAfter]) -> list[BalanceOut]:
    """Return balances by currency."""
    return [BalanceOut.model_validate(one) for one in plain_balances(found)]


def plain_programmes(found: Iterable[Brought], *, with_reasons: bool = True) -> list[Plain]:
    """Return the plain values of `BroughtOut`: a batch has ten thousand reasons, and a model of each is dear."""
    return [_brought(one, with_reasons) for one in found]


def plain_balances(found: Mapping[str, BalanceAfter]) -> list[Plain]:
    """Return the plain values of `BalanceOut`."""
    return [
        {"currency": code, "balance": one.balance, "available": one.available, "arrears": one.arrears}
        for code, one in sorted(found.items())
    ]


def pools_paid(found: Iterable[PaidFromPool]) -> list[PoolPaidOut]:
    """Return what households' pools paid."""
    return [PoolPaidOut.model_validate(one) for one in plain_pools_paid(found)]


def plain_pools_paid(found: Iterable[PaidFromPool]) -> list[Plain]:
    """Return the plain values of `PoolPaidOut`."""
    return [asdict(one) for one in found]


def step(row: OrderEvaluation) -> StepOut:
    """Return one step of an order's history."""
    return StepOut(
        programme=row.programme,
        step=row.step,
        cause=row.cause,
        source_id=row.source_id,
        recorded_at=row.recorded_at,
        awards=[AwardOut.model_validate(_award(Award.from_json(one))) for one in row.awards],
        reasons=[ReasonOut.model_validate(_reason(outcome)) for outcome in sales.outcomes_of(row)],
        moved=[MovedOut.model_validate(_moved(Posting.from_json(one))) for one in row.postings],
    )


def _brought(one: Brought, with_reasons: bool) -> Plain:
    return {
        "programme": one.programme,
        "version": one.version_number,
        "eligible_amount": number_text(from_stored(one.eligible_amount)),
        "points": _points(one.awards),
        "awards": [_award(award) for award in one.awards],
        "reasons": [_reason(outcome) for outcome in one.outcomes] if with_reasons else [],
        "moved": [_moved(posting) for posting in one.postings],
        "tier": None if one.standing is None else tier(one.standing),
    }


def _points(awards: Sequence[Award]) -> dict[str, int]:
    found: dict[str, int] = {}
    for award in awards:
        if award.kind in (AwardKind.POINTS, AwardKind.STAMPS):
            found[award.currency] = found.get(award.currency, 0) + award.amount
    return found


def _award(award: Award) -> Plain:
    return {
        "rule": award.rule,
        "kind": str(award.kind),
        "amount": award.amount,
        "currency": award.currency or None,
        "reference": award.reference or None,
        "lines": {str(line_no): points for line_no, points in award.lines},
    }


def _reason(outcome: RuleOutcome) -> Plain:
    values = outcome.values
    if not values and not outcome.amount:
        return _plain_reason(outcome.rule, outcome.reason)
    return {
        "rule": outcome.rule,
        "has_fired": outcome.has_fired,
        "reason": str(outcome.reason),  # `.value` of an enum is a call in Python
        "amount": outcome.amount,
        "values": _values(values),
    }


def _values(values: Mapping[str, Any]) -> Plain:
    """Return the figures that decided as the API writes figures: money and pieces are texts, not ten-thousandths."""
    if values.get("counts") in ("amount", "items"):
        return {
            **values,
            "reached": number_text(from_stored(values["reached"])),
            "goal": number_text(from_stored(values["goal"])),
        }
    return values if type(values) is dict else dict(values)


@lru_cache(maxsize=5_000)  # most rules of most orders; whoever gets it writes it down, and changes nothing
def _plain_reason(rule: str, reason: Reason) -> Plain:
    is_fired = RuleOutcome(rule, reason).has_fired
    return {"rule": rule, "has_fired": is_fired, "reason": reason.value, "amount": 0, "values": {}}


def _moved(one: Posting) -> Plain:
    return {
        "key": one.key,
        "rule": one.rule,
        "kind": str(one.kind),
        "code": one.code,
        "amount": one.amount,
        "coupon": one.coupon_code or None,
        "refused": one.refused or None,
        "detail": dict(one.detail or {}),
    }


def tier(one: Standing) -> Plain:
    """Return where a member stands on the ladder."""
    return {
        "tier": one.tier,
        "tier_before": one.tier_before,
        "figures": _figures(one.figures, one),
        "next_tier": one.next_tier or None,
        "missing_to_reach": [_figures(figures, one) for figures in one.missing_to_reach],
        "missing_to_keep": [_figures(figures, one) for figures in one.missing_to_keep],
        "review_date": one.review_date,
    }


def _figures(one: Figures, of: Standing) -> Plain:
    visits = one.visits if of.counts_visits else None
    return {"points": one.points, "spend": number_text(from_stored(one.spend)), "visits": visits}
