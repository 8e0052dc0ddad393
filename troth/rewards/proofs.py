"""What must hold of rewards and coupons: every count is what the rows that it counts come to."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from troth.customers.proofs import count_strangers
from troth.events.models import COMPANY_OWNER
from troth.kit.proofs import Proof

from .models import (
    CodeBatch,
    Coupon,
    CouponCampaign,
    CouponCode,
    CouponUse,
    MemberTally,
    Redemption,
    RedemptionState,
    Slice,
    SliceKind,
    TallyKind,
    UseState,
)

IN_FORCE = (UseState.RESERVED, UseState.REDEEMED)
Sums = Mapping[UUID, int]


def _miscounted_coupons() -> QuerySet[Coupon]:
    uses = CouponUse.objects.filter(coupon_id=OuterRef("id"), state__in=IN_FORCE).order_by().values("coupon_id")
    counted = Subquery(uses.annotate(number=Count("*")).values("number"), output_field=IntegerField())
    return Coupon.objects.annotate(found=Coalesce(counted, 0)).exclude(use_count=F("found"))


def _astray_coupons() -> QuerySet[Coupon]:
    own = CouponCode.objects.filter(code=OuterRef("code"), coupon_id=OuterRef("id"), owner_id=OuterRef("owner_id"))
    return Coupon.objects.filter(~Exists(own))


def _first(rows: Callable[[], QuerySet[Coupon]]) -> Callable[[], str]:
    def name() -> str:
        row = rows().order_by("id").first()
        return f"coupon {row.id}" if row else ""

    return name


def _taken(kind: SliceKind) -> Sums:
    rows = Slice.objects.filter(slice_kind=kind).order_by().values_list("counter_id")
    return dict(rows.annotate(sum=Sum("taken")))


def _tallied(kind: TallyKind) -> Sums:
    rows = MemberTally.objects.filter(tally_kind=kind).order_by().values_list("subject_id")
    return dict(rows.annotate(sum=Sum("count")))


def _grouped(rows: QuerySet[Any], by: str, total: Any) -> Sums:
    return dict(rows.order_by().values_list(by).annotate(sum=total))


def _codes_out() -> Sums:
    """Return how many codes of each campaign were handed out: with a holder, or in batches."""
    held = _grouped(Coupon.objects.exclude(operation_key__startswith="code:"), "campaign_id", Count("id"))
    batches = _grouped(CodeBatch.objects.all(), "campaign_id", Sum("count"))
    return {one: held.get(one, 0) + batches.get(one, 0) for one in held.keys() | batches.keys()}


def _uses_in_total() -> Sums:
    limited = CouponCampaign.objects.exclude(uses_total=None)
    return _grouped(CouponUse.objects.filter(campaign__in=limited, state__in=IN_FORCE), "campaign_id", Count("id"))


def _uses_of_members() -> Sums:
    limited = CouponCampaign.objects.exclude(uses_per_member=None)
    named = CouponUse.objects.filter(campaign__in=limited, state__in=IN_FORCE).exclude(owner_id=COMPANY_OWNER)
    return _grouped(named, "campaign_id", Count("id"))


def _pieces_of_members() -> Sums:
    limited = Redemption.objects.exclude(state=RedemptionState.CANCELLED).exclude(period_date=None)
    return _grouped(limited, "reward_id", Sum("quantity"))


def _pieces_out() -> Sums:
    return _grouped(Redemption.objects.filter(stock_count__gt=0), "reward_id", Sum("stock_count"))


def _compared(
    code: str, claim: str | Promise, kind: str, counted: Callable[[], Sums], rows: Callable[[], Sums]
) -> Proof:
    """Return the proof that two sums agree for everything that either of them knows."""

    def broken() -> list[tuple[str, int, int]]:
        own, found = counted(), rows()
        pairs = ((one, own.get(one, 0), found.get(one, 0)) for one in own.keys() | found.keys())
        return sorted((str(one), left, right) for one, left, right in pairs if left != right)

    def first() -> str:
        return next((f"{kind} {one}: {left} counted, {right} found" for one, left, right in broken()), "")

    return Proof(code, claim, lambda: len(broken()), first)


PROOFS = (
    Proof(
        "rewards.coupon_uses",
        _("Each coupon counts exactly its uses that are reserved or redeemed."),
        lambda: _miscounted_coupons().count(),
        _first(_miscounted_coupons),
    ),
    Proof(
        "rewards.codes",
        _("Every coupon is found by its code."),
        lambda: _astray_coupons().count(),
        _first(_astray_coupons),
    ),
    Proof(
        "rewards.owners",
        _("Every redemption belongs to a customer who exists."),
        lambda: count_strangers(Redemption),
    ),
    _compared(
        "rewards.code_counters",
        _("Each campaign's counter has given exactly the codes that were handed out."),
        "campaign",
        lambda: _taken(SliceKind.CODES),
        _codes_out,
    ),
    _compared(
        "rewards.use_counters",
        _("Each campaign's limit in total counts exactly its uses in force."),
        "campaign",
        lambda: _taken(SliceKind.USES),
        _uses_in_total,
    ),
    _compared(
        "rewards.stock",
        _("What is gone from stock is what redemptions hold."),
        "reward",
        lambda: _taken(SliceKind.STOCK),
        _pieces_out,
    ),
    _compared(
        "rewards.member_uses",
        _("Members' tallies of uses come to the uses in force."),
        "campaign",
        lambda: _tallied(TallyKind.USES),
        _uses_of_members,
    ),
    _compared(
        "rewards.member_pieces",
        _("Members' tallies of rewards come to the pieces redeemed and not cancelled."),
        "reward",
        lambda: _tallied(TallyKind.REDEMPTIONS),
        _pieces_of_members,
    ),
)
