"""Coupons of a batch in memory: what each operation does to them, and the writing of it all at the end."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.events.models import COMPANY_OWNER
from troth.events.services import NewEvent
from troth.kit.errors import TrothError
from troth.kit.ids import new_id

from . import codes, slices, storing
from .campaigns import not_in_state
from .errors import (
    CampaignExhaustedError,
    CampaignNotFoundError,
    CampaignStateError,
    CouponExpiredError,
    CouponNeedsCustomerError,
    CouponUnknownError,
    CustomerUnknownError,
    MemberLimitError,
    OperationConflictError,
    UseNotFoundError,
    UseStateError,
)
from .finding import Found
from .making import assigned_event, make_coupon, store_coupons
from .models import (
    CampaignState,
    CodeKind,
    Coupon,
    CouponCampaign,
    CouponCode,
    CouponState,
    CouponUse,
    SliceKind,
    UseState,
)
from .operations import Assign, CouponDone, CouponOperation, Outcome, Redeem, Release, Reserve, Reverse, Revoke
from .slices import Pool, Range
from .tallies import Tallies, coupons_key, ever, uses_key
from .usability import refuse_unusable

CHANGING = ["state", "discount_amount", "currency", "source", "order_ref", "redeemed_at", "ended_at", "occurred_at"]


class Book:
    """Locked rows of one batch. Every operation is judged by what those before it left."""

    def __init__(
        self,
        *,
        actor: Actor,
        now: datetime,
        zone: str,
        groups: Mapping[UUID, tuple[UUID, ...]],
        campaigns: Mapping[str, CouponCampaign],
        found: Mapping[str, Found],
        coupons: Sequence[Coupon],
        uses: Sequence[CouponUse],
        tallies: Tallies,
        serials: Mapping[UUID, list[Range]],
        rooms: Mapping[UUID, list[Range]],
        made: Iterable[UUID],
    ) -> None:
        """groups: all records of each record's customer; serials, rooms: codes and uses taken ahead, by campaign;
        made: coupons that this batch stored because their code was brought for the first time.
        """
        self.actor = actor
        self.now = now
        self.zone = zone
        self.groups = groups
        self.campaigns = campaigns
        self.found = found
        self.coupons = {row.id: row for row in coupons}
        self.tallies = tallies
        self.serials = {campaign_id: Pool(ranges) for campaign_id, ranges in serials.items()}
        self.rooms = {campaign_id: Pool(ranges) for campaign_id, ranges in rooms.items()}
        self.made = set(made)
        self.uses_by_key: dict[str, list[CouponUse]] = defaultdict(list)
        for row in uses:
            self.uses_by_key[row.operation_key].append(row)
        self.new_coupons: list[Coupon] = []
        self.coupons_by_key: dict[str, list[Coupon]] = defaultdict(list)
        for coupon in coupons:
            self.coupons_by_key[coupon.operation_key].append(coupon)
        self.new_uses: dict[UUID, CouponUse] = {}
        self.changed_coupons: dict[UUID, Coupon] = {}
        self.changed_uses: dict[UUID, CouponUse] = {}
        self.freed_uses = Counter[UUID]()
        self.events: list[NewEvent] = []

    def apply(self, operation: CouponOperation) -> CouponDone:
        """Return what became of the operation."""
        try:
            match operation:
                case Assign():
                    return self._assign(operation)
                case Reserve() | Redeem():
                    return self._use(operation)
                case Release():
                    return self._end_use(operation, UseState.RESERVED, UseState.RELEASED)
                case Reverse():
                    return self._end_use(operation, UseState.REDEEMED, UseState.REVERSED)
                case Revoke():
                    return self._revoke(operation)
                case _:
                    assert_never(operation)
        except TrothError as error:
            return CouponDone(Outcome.REFUSED, error=error)

    def write(self) -> None:
        """Store everything that changed, with its events, and give back what was taken ahead in vain."""
        store_coupons(self.new_coupons)
        storing.insert(CouponUse, self.new_uses.values())
        storing.update(Coupon, list(self.changed_coupons.values()), ["state", "use_count", "ended_at"])
        storing.update(CouponUse, list(self.changed_uses.values()), CHANGING)
        self._forget_unused_bearers()
        self.tallies.write()
        self._settle_slices()
        events.append_many(self.events, actor=self.actor, now=self.now)

    # --- assigning

    def _assign(self, one: Assign) -> CouponDone:
        group = self._group(one.customer_id)
        campaign = self.campaigns.get(one.campaign)
        if campaign is None:
            raise CampaignNotFoundError(one.campaign)
        before = self._assigned_before(group, one.key)
        if before is not None:
            if (before.campaign_id, before.source, before.source_id) != (campaign.id, one.source, one.source_id):
                raise OperationConflictError(one.key, "campaign")
            return _of_coupon(Outcome.REPEATED, before)
        self._refuse_assigning(campaign, one)
        self._refuse_beyond_limit(campaign, group[0])
        serial_no = self.serials[campaign.id].pop()
        if serial_no is None:
            raise CampaignExhaustedError(campaign.code)
        if campaign.coupons_per_member is not None:
            self.tallies.add(coupons_key(group[0], campaign.id), 1)
        return _of_coupon(Outcome.DONE, self._new_coupon(one, campaign, serial_no))

    def _assigned_before(self, group: tuple[UUID, ...], key: str) -> Coupon | None:
        return next((row for row in self.coupons_by_key.get(key, ()) if row.owner_id in group), None)

    def _refuse_assigning(self, campaign: CouponCampaign, one: Assign) -> None:
        if campaign.code_kind != CodeKind.UNIQUE:
            raise CampaignStateError(_("All coupons of this campaign have one code; everybody may use it as it is."))
        if campaign.state != CampaignState.ACTIVE:
            raise not_in_state(campaign)
        if campaign.ends_at is not None and one.occurred_at >= campaign.ends_at:
            raise CouponExpiredError(campaign.code, campaign.ends_at)

    def _refuse_beyond_limit(self, campaign: CouponCampaign, customer_id: UUID) -> None:
        limit = campaign.coupons_per_member
        if limit is not None and self.tallies.count(coupons_key(customer_id, campaign.id)) >= limit:
            raise MemberLimitError(str(campaign), limit, ever())

    def _new_coupon(self, one: Assign, campaign: CouponCampaign, serial_no: int) -> Coupon:
        row = make_coupon(
            campaign,
            serial_no,
            owner_id=one.customer_id,
            key=one.key,
            source=one.source,
            source_id=one.source_id,
            occurred_at=one.occurred_at,
            ends_at=one.expires_at,
            zone=self.zone,
            now=self.now,
        )
        self.new_coupons.append(row)
        self.coupons_by_key[row.operation_key].append(row)
        self.events.append(assigned_event(row))
        return row

    # --- using

    def _use(self, one: Reserve | Redeem) -> CouponDone:
        group = self._group(one.customer_id) if one.customer_id is not None else (COMPANY_OWNER,)
        found = self.found.get(codes.normalized(one.code))
        if found is None:
            raise CouponUnknownError(one.code)
        coupon = self.coupons[found.coupon_id] if found.coupon_id is not None else None
        before = self._use_of(group, one.key)
        if before is not None and (before.campaign_id, before.coupon_id) != (found.campaign.id, found.coupon_id):
            raise OperationConflictError(one.key, "code")
        if before is None:
            return self._new_use(one, found, coupon, group[0])
        if isinstance(one, Reserve):
            return self._reserved_again(one, before)
        return self._redeem_known(one, before, found, coupon)

    def _new_use(self, one: Reserve | Redeem, found: Found, coupon: Coupon | None, customer_id: UUID) -> CouponDone:
        is_named = one.customer_id is not None
        self._claim(one, found, coupon, customer_id if is_named else None)
        is_reserved = isinstance(one, Reserve)
        minutes = timedelta(minutes=found.campaign.reserve_minutes)
        row = CouponUse(
            id=new_id(),
            owner_id=one.customer_id or COMPANY_OWNER,
            campaign=found.campaign,
            coupon_id=found.coupon_id,
            holder_id=coupon.owner_id if coupon else None,
            operation_key=one.key,
            state=UseState.RESERVED if is_reserved else UseState.REDEEMED,
            source=one.source,
            order_ref=one.order_ref,
            discount_amount=one.discount_amount,
            currency=one.currency,
            occurred_at=one.occurred_at,
            reserved_at=self.now if is_reserved else None,
            reserved_until=self.now + minutes if is_reserved else None,
            redeemed_at=None if is_reserved else self.now,
            recorded_at=self.now,
        )
        self.new_uses[row.id] = row
        self.uses_by_key[row.operation_key].append(row)
        self._note_use("reserved" if is_reserved else "redeemed", row, one.occurred_at)
        return self._of_use(Outcome.DONE, row, found.code)

    def _reserved_again(self, one: Reserve, before: CouponUse) -> CouponDone:
        if before.state == UseState.RESERVED:
            self._refuse_difference(one, before)
        if before.state in (UseState.RELEASED, UseState.REVERSED):
            raise UseStateError(_("This use was given back; reserve under a new key."), state=before.state)
        return self._of_use(Outcome.REPEATED, before, codes.normalized(one.code))

    def _redeem_known(self, one: Redeem, before: CouponUse, found: Found, coupon: Coupon | None) -> CouponDone:
        """Redeem what was reserved, also after its time if nobody else took the use since."""
        if before.state in (UseState.REDEEMED, UseState.REVERSED):
            self._refuse_difference(one, before)
            return self._of_use(Outcome.REPEATED, before, found.code)
        if before.state == UseState.RELEASED:
            self._claim(one, found, coupon, self._canonical(before.owner_id))
        before.state, before.redeemed_at, before.ended_at = UseState.REDEEMED, self.now, None
        before.discount_amount, before.currency = one.discount_amount, one.currency
        before.source, before.order_ref, before.occurred_at = one.source, one.order_ref, one.occurred_at
        self._changed(before)
        self._note_use("redeemed", before, one.occurred_at)
        return self._of_use(Outcome.DONE, before, found.code)

    def _refuse_difference(self, one: Reserve | Redeem, before: CouponUse) -> None:
        for field in ("discount_amount", "currency", "source", "order_ref"):
            if getattr(one, field) != getattr(before, field):
                raise OperationConflictError(one.key, field)

    def _claim(self, one: Reserve | Redeem, found: Found, coupon: Coupon | None, customer_id: UUID | None) -> None:
        """Count one more use of coupon, member and campaign, or refuse it and count nothing."""
        campaign = found.campaign
        holder = self._canonical(coupon.owner_id) if coupon else COMPANY_OWNER
        refuse_unusable(one.code, campaign, coupon, holder=holder, customer=customer_id, at=one.occurred_at)
        limit = campaign.uses_per_member
        if limit is not None:
            if customer_id is None:
                raise CouponNeedsCustomerError(one.code)
            if self.tallies.count(uses_key(customer_id, campaign.id)) >= limit:
                raise MemberLimitError(str(campaign), limit, ever())
        if campaign.uses_total is not None and not self._take_room(campaign.id):
            raise CampaignExhaustedError(campaign.code)
        if limit is not None and customer_id is not None:
            self.tallies.add(uses_key(customer_id, campaign.id), 1)
        if coupon is not None:
            coupon.use_count += 1
            self.changed_coupons[coupon.id] = coupon

    def _take_room(self, campaign_id: UUID) -> bool:
        """Take one of the campaign's uses: one given back in this batch, else one taken ahead."""
        if self.freed_uses[campaign_id]:
            self.freed_uses[campaign_id] -= 1
            return True
        return self.rooms[campaign_id].pop() is not None

    # --- giving back

    def _end_use(self, one: Release | Reverse, before: UseState, after: UseState) -> CouponDone:
        group = self._group(one.customer_id) if one.customer_id is not None else (COMPANY_OWNER,)
        row = self._use_of(group, one.key)
        if row is None:
            raise UseNotFoundError(one.key)
        if row.state == after:
            return self._of_use(Outcome.REPEATED, row)
        if row.state != before:
            message = _("The use “%(key)s” is: %(state)s. Release what is reserved, reverse what is redeemed.")
            named = {"key": one.key, "state": row.get_state_display()}
            raise UseStateError(message % named, state=row.state)
        row.state, row.ended_at = after, self.now
        self._changed(row)
        self._count_less(row)
        self._note_use("released" if after == UseState.RELEASED else "reversed", row, one.occurred_at)
        return self._of_use(Outcome.DONE, row)

    def _count_less(self, row: CouponUse) -> None:
        if row.coupon_id is not None:
            coupon = self.coupons[row.coupon_id]
            coupon.use_count -= 1
            self.changed_coupons[coupon.id] = coupon
        if row.campaign.uses_per_member is not None and row.owner_id != COMPANY_OWNER:
            self.tallies.add(uses_key(self._canonical(row.owner_id), row.campaign_id), -1)
        if row.campaign.uses_total is not None:
            self.freed_uses[row.campaign_id] += 1

    def _revoke(self, one: Revoke) -> CouponDone:
        coupon = self.coupons.get(one.coupon_id)
        if coupon is None:
            raise CouponUnknownError(str(one.coupon_id))
        if coupon.state == CouponState.REVOKED:
            return _of_coupon(Outcome.REPEATED, coupon)
        if coupon.use_count:
            message = _("The coupon %(code)s is used or reserved; reverse or release that first.")
            raise UseStateError(message % {"code": coupon.code}, state=coupon.state)
        coupon.state, coupon.ended_at = CouponState.REVOKED, self.now
        self.changed_coupons[coupon.id] = coupon
        data = {"coupon": str(coupon.id), "campaign": coupon.campaign.code}
        self._note("coupon.revoked", coupon.owner_id, one.occurred_at, data)
        return _of_coupon(Outcome.DONE, coupon)

    # --- small things

    def _group(self, customer_id: UUID) -> tuple[UUID, ...]:
        if customer_id not in self.groups:
            raise CustomerUnknownError(customer_id)
        return self.groups[customer_id]

    def _canonical(self, record_id: UUID) -> UUID:
        return self.groups[record_id][0] if record_id in self.groups else record_id

    def _use_of(self, group: tuple[UUID, ...], key: str) -> CouponUse | None:
        return next((row for row in self.uses_by_key.get(key, ()) if row.owner_id in group), None)

    def _changed(self, row: CouponUse) -> None:
        if row.id not in self.new_uses:
            self.changed_uses[row.id] = row

    def _of_use(self, outcome: Outcome, row: CouponUse, code: str = "") -> CouponDone:
        coupon = self.coupons.get(row.coupon_id) if row.coupon_id else None
        return CouponDone(
            outcome,
            campaign=row.campaign.code,
            code=coupon.code if coupon else code,
            coupon_id=row.coupon_id,
            use_id=row.id,
            state=row.state,
            expires_at=coupon.expires_at if coupon else row.campaign.ends_at,
            reserved_until=row.reserved_until if row.state == UseState.RESERVED else None,
        )

    def _note_use(self, what: str, row: CouponUse, occurred_at: datetime) -> None:
        data = {
            "use": str(row.id),
            "campaign": row.campaign.code,
            "coupon": str(row.coupon_id or ""),
            "order": row.order_ref,
            "discount": f"{row.discount_amount:.4f}",
            "currency": row.currency,
        }
        whose = row.owner_id if row.owner_id != COMPANY_OWNER else row.holder_id or COMPANY_OWNER
        self._note(f"coupon.{what}", whose, occurred_at, data)

    def _note(self, what: str, owner_id: UUID, occurred_at: datetime, data: dict[str, str]) -> None:
        customer_id = None if owner_id == COMPANY_OWNER else owner_id
        self.events.append(NewEvent(f"rewards.{what}", customer_id, data, occurred_at=occurred_at))

    # --- writing

    def _forget_unused_bearers(self) -> None:
        """Take out what was stored for a code that was brought for the first time and then refused."""
        unused = [coupon_id for coupon_id in self.made if not self.coupons[coupon_id].use_count]
        if unused:
            CouponCode.objects.filter(code__in=[self.coupons[one].code for one in unused]).delete()
            Coupon.objects.filter(id__in=unused).delete()

    def _settle_slices(self) -> None:
        slices.settle(SliceKind.CODES, self.serials)
        slices.settle(SliceKind.USES, self.rooms)
        for campaign_id, count in self.freed_uses.items():
            if count:
                slices.restore(campaign_id, SliceKind.USES, count)


def _of_coupon(outcome: Outcome, row: Coupon) -> CouponDone:
    return CouponDone(
        outcome,
        campaign=row.campaign.code,
        code=row.code,
        coupon_id=row.id,
        state=row.state,
        expires_at=row.expires_at,
    )
