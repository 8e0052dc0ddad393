"""Campaigns: made as a draft, started, paused, ended. From the start on the terms stay what they are."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit.ids import new_id
from troth.staff import queries as staff

from . import codes, slices, terms
from .campaign_checks import MAX_SIZE, check_fields
from .codes import Scheme
from .errors import (
    CampaignExhaustedError,
    CampaignNotFoundError,
    CampaignRefusedError,
    CampaignStateError,
    DraftChangedError,
    OperationConflictError,
)
from .models import Benefit, CampaignState, CodeBatch, CodeKind, CouponCampaign, CouponCode, DiscountedGoods, SliceKind
from .scheduling import schedule_expiry
from .slices import Range

LEAST_GUESSES = 1_000
"""An enlarged campaign still has so many bodies for each code."""

GENERIC_CODE = re.compile(r"[A-Z0-9]{3,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFields:
    """What a campaign says; see `models.CouponCampaign`.

    generic_code: for generic codes; size: number of codes, for unique ones; prefix: four signs of the codes'
    alphabet, "" for random ones; currency: "" for the company's.
    """

    code: str
    name: str
    code_kind: CodeKind
    benefit: Benefit
    name_zh: str = ""
    description: str = ""
    description_zh: str = ""
    generic_code: str = ""
    size: int | None = None
    prefix: str = ""
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""
    gift_sku: str = ""
    maximum_discount: Decimal | None = None
    minimum_amount: Decimal | None = None
    discounted_goods: DiscountedGoods = DiscountedGoods.EXCLUDE
    terms: dict[str, Any] | None = None
    line_terms: dict[str, Any] | None = None
    is_combinable: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    usable_days: int | None = None
    uses_per_coupon: int = 1
    uses_per_member: int | None = None
    uses_total: int | None = None
    coupons_per_member: int | None = None
    reserve_minutes: int = 30
    control_percent: int = 0
    spares_control_group: bool = True


@transaction.atomic
def create_campaign(*, actor: Actor, now: datetime, fields: CampaignFields) -> CouponCampaign:
    """Make a campaign as a draft; nobody can use a coupon of it before it is started.

    Raises:
        CampaignRefusedError: a field breaks its rule, or the code or prefix is another campaign's.
        ConditionInvalidError: the terms cannot be understood.
    """
    campaign = CouponCampaign(id=new_id(), created_at=now, created_by=actor.code)
    _fill(campaign, fields, now)
    _store(campaign, fields)
    _note("created", campaign, actor=actor, now=now)
    return campaign


@transaction.atomic
def change_campaign(
    *, actor: Actor, now: datetime, campaign_id: UUID, fields: CampaignFields, expected_revision: int | None = None
) -> CouponCampaign:
    """Change a draft.

    Raises:
        CampaignNotFoundError: no such campaign.
        CampaignStateError: it was started; make a new one with the other terms.
        DraftChangedError: somebody else saved it meanwhile.
        CampaignRefusedError, ConditionInvalidError: see `create_campaign`.
    """
    campaign = locked(campaign_id)
    if campaign.state != CampaignState.DRAFT:
        message = _("The campaign was started: its terms stay as promised. Make a new campaign with the other terms.")
        raise CampaignStateError(message, state=campaign.state)
    if expected_revision is not None and campaign.revision != expected_revision:
        raise DraftChangedError(campaign.revision)
    _fill(campaign, fields, now)
    campaign.revision += 1
    CouponCode.objects.filter(campaign=campaign).delete()
    _store(campaign, fields)
    _note("changed", campaign, actor=actor, now=now)
    return campaign


@transaction.atomic
def start_campaign(*, actor: Actor, now: datetime, campaign_id: UUID) -> CouponCampaign:
    """Start a draft, or a paused campaign again.

    Raises:
        CampaignNotFoundError: no such campaign.
        CampaignStateError: it runs, or is over.
    """
    campaign = locked(campaign_id)
    if campaign.state == CampaignState.DRAFT:
        if campaign.code_kind == CodeKind.UNIQUE:
            slices.open_counter(campaign.id, SliceKind.CODES, campaign.size or 0)
        if campaign.uses_total is not None:
            slices.open_counter(campaign.id, SliceKind.USES, campaign.uses_total)
    _move(campaign, (CampaignState.DRAFT, CampaignState.PAUSED), CampaignState.ACTIVE, now)
    schedule_expiry(now)
    _note("started", campaign, actor=actor, now=now)
    return campaign


@transaction.atomic
def pause_campaign(*, actor: Actor, now: datetime, campaign_id: UUID) -> CouponCampaign:
    """Have no coupon of the campaign assigned, reserved or used until it is started again; what is reserved stays.

    Raises:
        CampaignNotFoundError: no such campaign.
        CampaignStateError: it does not run.
    """
    campaign = locked(campaign_id)
    _move(campaign, (CampaignState.ACTIVE,), CampaignState.PAUSED, now)
    _note("paused", campaign, actor=actor, now=now)
    return campaign


@transaction.atomic
def end_campaign(*, actor: Actor, now: datetime, campaign_id: UUID) -> CouponCampaign:
    """Hand out no more coupons and accept the generic code no more; coupons that customers hold keep their promise.

    Raises:
        CampaignNotFoundError: no such campaign.
        CampaignStateError: it is over.
    """
    campaign = locked(campaign_id)
    _move(campaign, (CampaignState.DRAFT, CampaignState.ACTIVE, CampaignState.PAUSED), CampaignState.ENDED, now)
    _note("ended", campaign, actor=actor, now=now)
    return campaign


@transaction.atomic
def enlarge_campaign(
    *, actor: Actor, now: datetime, campaign_id: UUID, more_codes: int = 0, more_uses: int = 0
) -> CouponCampaign:
    """Add unique codes, or uses in total, to a campaign that was started; nothing else of its terms changes.

    Raises:
        CampaignNotFoundError: no such campaign.
        CampaignStateError: it was not started or is over, or it has no such limit.
        CampaignRefusedError: nothing is added, or more than its codes can hide.
    """
    campaign = locked(campaign_id)
    if campaign.state not in (CampaignState.ACTIVE, CampaignState.PAUSED):
        raise not_in_state(campaign)
    has_both = (campaign.size is not None or not more_codes) and (campaign.uses_total is not None or not more_uses)
    if not has_both:
        message = _("The campaign “%(campaign)s” has no such limit; there is nothing to add to.")
        raise CampaignStateError(message % {"campaign": campaign.code}, state=campaign.state)
    size, uses = (campaign.size or 0) + more_codes, (campaign.uses_total or 0) + more_uses
    is_hidden = not more_codes or codes.BASE**campaign.body_length >= size * LEAST_GUESSES
    if min(more_codes, more_uses) < 0 or not more_codes + more_uses or max(size, uses) > MAX_SIZE or not is_hidden:
        message = _("Add 1 or more, to at most %(limit)d; codes of this length can hide so many only.")
        most = min(MAX_SIZE, codes.BASE**campaign.body_length // LEAST_GUESSES) if more_codes else MAX_SIZE
        raise CampaignRefusedError(message % {"limit": most}, field="more_codes" if more_codes else "more_uses")
    if more_codes:
        slices.extend(campaign.id, SliceKind.CODES, more_codes)
        campaign.size = size
    if more_uses:
        slices.extend(campaign.id, SliceKind.USES, more_uses)
        campaign.uses_total = uses
    campaign.updated_at, campaign.revision = now, campaign.revision + 1
    campaign.save(update_fields=["size", "uses_total", "updated_at", "revision"])
    data = {"campaign": campaign.code, "codes": more_codes, "uses": more_uses}
    events.append("rewards.campaign.enlarged", actor=actor, now=now, data=data)
    return campaign


@transaction.atomic
def issue_codes(*, actor: Actor, now: datetime, campaign_id: UUID, key: str, count: int) -> list[CodeBatch]:
    """Hand out unique codes without a holder, for print or another system; the same key again gives the same ones.

    Nothing is stored for a single code before somebody brings it. `queries.codes_of` writes them out.

    Raises:
        CampaignNotFoundError: no such campaign.
        CampaignStateError: it does not run, or its code is generic.
        CampaignRefusedError: the count is not at least 1.
        CampaignExhaustedError: fewer codes are left; none is handed out.
        OperationConflictError: the key named another count.
    """
    campaign = locked(campaign_id)
    issued = list(CodeBatch.objects.filter(campaign=campaign, operation_key=key).order_by("first"))
    if issued:
        if sum(batch.count for batch in issued) != count:
            raise OperationConflictError(key, "count")
        return issued
    _refuse_issue(campaign, count)
    ranges = slices.take(campaign.id, SliceKind.CODES, count)
    if sum(taken.count for taken in ranges) < count:
        raise CampaignExhaustedError(campaign.code)
    batches = [
        CodeBatch(
            campaign=campaign,
            operation_key=key,
            first=taken.first,
            count=taken.count,
            issued_at=now,
            issued_by=actor.code,
        )
        for taken in _joined(ranges)
    ]
    CodeBatch.objects.bulk_create(batches)
    data = {"campaign": campaign.code, "count": count}
    events.append("rewards.codes.issued", actor=actor, now=now, data=data)
    return batches


def locked(campaign_id: UUID) -> CouponCampaign:
    """Return the campaign, locked until the transaction ends.

    Raises:
        CampaignNotFoundError: no such campaign.
    """
    campaign = CouponCampaign.objects.select_for_update().filter(id=campaign_id).first()
    if campaign is None:
        raise CampaignNotFoundError(campaign_id)
    return campaign


def scheme_of(campaign: CouponCampaign) -> Scheme:
    """Return how a campaign with unique codes makes them."""
    assert campaign.prefix is not None, "campaigns with unique codes have a prefix"
    assert campaign.size is not None, "and a size"
    return Scheme(campaign.prefix, campaign.body_length, bytes(campaign.code_key), campaign.size)


def _fill(campaign: CouponCampaign, fields: CampaignFields, now: datetime) -> None:
    currency = fields.currency or staff.company().currency
    check_fields(fields, currency)
    for name, value in asdict(fields).items():
        if name not in ("generic_code", "prefix", "currency", "terms", "line_terms"):
            setattr(campaign, name, value)
    campaign.currency = currency
    campaign.terms = terms.checked(fields.terms)
    campaign.line_terms = terms.checked_lines(fields.line_terms)
    campaign.updated_at = now
    if fields.code_kind == CodeKind.UNIQUE:
        assert fields.size is not None, "checked above"
        campaign.prefix = fields.prefix or campaign.prefix or _free_prefix()
        campaign.body_length = codes.body_length(fields.size)
        campaign.code_key = campaign.code_key or codes.new_key()
    else:
        campaign.prefix, campaign.body_length, campaign.size = None, 0, None


def _free_prefix() -> str:
    while CouponCampaign.objects.filter(prefix=(found := codes.new_prefix())).exists():
        pass
    return found


def _store(campaign: CouponCampaign, fields: CampaignFields) -> None:
    try:
        with transaction.atomic():
            campaign.save()
    except IntegrityError as error:
        message = _("Another campaign has the code “%(code)s” or the prefix “%(prefix)s”; choose others.")
        named = {"code": campaign.code, "prefix": campaign.prefix or "-"}
        raise CampaignRefusedError(message % named, field="code", value=campaign.code) from error
    if campaign.code_kind == CodeKind.GENERIC:
        _store_generic(campaign, codes.normalized(fields.generic_code))
    elif CouponCode.objects.filter(code__startswith=campaign.prefix or "", coupon_id=None).exists():
        message = _("A code of another campaign begins with “%(prefix)s”; choose another prefix.")
        raise CampaignRefusedError(message % {"prefix": campaign.prefix}, field="prefix", value=campaign.prefix)


def _store_generic(campaign: CouponCampaign, code: str) -> None:
    if not GENERIC_CODE.fullmatch(code):
        message = _("The code “%(code)s”: write 3 to 32 letters A–Z and digits.")
        raise CampaignRefusedError(message % {"code": code[:40]}, field="generic_code", value=code[:40])
    is_taken = CouponCampaign.objects.filter(prefix=code[: codes.PREFIX_LENGTH]).exists()
    try:
        with transaction.atomic():
            CouponCode.objects.create(code=code, campaign=campaign)
    except IntegrityError:
        is_taken = True
    if is_taken:
        message = _("The code “%(code)s” belongs to another campaign; choose another one.")
        raise CampaignRefusedError(message % {"code": code}, field="generic_code", value=code)


def not_in_state(campaign: CouponCampaign) -> CampaignStateError:
    """Return the refusal of a campaign that is in the wrong state."""
    message = _("The campaign “%(campaign)s” is: %(state)s.")
    named = {"campaign": campaign.code, "state": campaign.get_state_display()}
    return CampaignStateError(message % named, state=campaign.state)


def _move(campaign: CouponCampaign, before: tuple[CampaignState, ...], after: CampaignState, now: datetime) -> None:
    if campaign.state not in before:
        raise not_in_state(campaign)
    campaign.state, campaign.updated_at = after, now
    campaign.revision += 1
    campaign.save(update_fields=["state", "updated_at", "revision"])


def _refuse_issue(campaign: CouponCampaign, count: int) -> None:
    if campaign.code_kind != CodeKind.UNIQUE:
        raise CampaignStateError(_("All coupons of this campaign have one code; there are no others to hand out."))
    if campaign.state != CampaignState.ACTIVE:
        message = _("The campaign “%(campaign)s” is: %(state)s. Start it first.")
        named = {"campaign": campaign.code, "state": campaign.get_state_display()}
        raise CampaignStateError(message % named, state=campaign.state)
    if count < 1:
        raise CampaignRefusedError(_("Hand out at least 1 code."), field="count", value=count)


def _joined(ranges: list[Range]) -> list[Range]:
    """Return the ranges with neighbours made one."""
    found: list[Range] = []
    for taken in sorted(ranges, key=lambda one: one.first):
        if found and found[-1].first + found[-1].count == taken.first:
            found[-1] = Range(found[-1].slice_no, found[-1].first, found[-1].count + taken.count)
        else:
            found.append(taken)
    return found


def _note(what: str, campaign: CouponCampaign, *, actor: Actor, now: datetime) -> None:
    events.append(f"rewards.campaign.{what}", actor=actor, now=now, data={"campaign": campaign.code})
