"""Coupon operations in batches: found, locked in one fixed order, applied one after the other, written together."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.events.models import COMPANY_OWNER
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.staff import queries as staff

from . import codes, finding, slices
from .coupon_book import Book
from .errors import OperationRefusedError
from .finding import Found
from .models import Coupon, CouponCampaign, CouponCode, CouponUse, SliceKind
from .operations import Assign, CouponDone, CouponOperation, Outcome, Redeem, Release, Reserve, Reverse, Revoke
from .slices import Range
from .tallies import Tallies, TallyKey, coupons_key, uses_key

CLOCK_TOLERANCE = timedelta(days=1)  # a till's clock may be ahead of ours
ATTEMPTS = 3
MAX_KEY = 120
Row = TypeVar("Row", Coupon, CouponUse)


def post_coupons(operations: Sequence[CouponOperation], *, actor: Actor, now: datetime) -> list[CouponDone]:
    """Carry out operations on coupons in one transaction and return one result for each, in their order.

    A refused operation stores nothing and holds up no other; the same key with the same content gives the first
    result again. In a transaction that also posts to the ledger, this comes first.

    Errors in results:
        OperationRefusedError, CustomerUnknownError: a value breaks its rule.
        OperationConflictError: the key names another operation.
        CampaignNotFoundError, CampaignStateError, CampaignExhaustedError: of the campaign.
        CouponUnknownError, CouponNotStartedError, CouponExpiredError, CouponUsedError, CouponRevokedError,
        CouponOfOtherError, CouponNeedsCustomerError, MemberLimitError: of the coupon.
        UseNotFoundError, UseStateError: of the use.
    """
    refusals = {index: error for index, one in enumerate(operations) if (error := _refusal(one, now))}
    wanted = [one for index, one in enumerate(operations) if index not in refusals]
    results = iter(_posted(wanted, actor, now) if wanted else [])
    return [
        CouponDone(Outcome.REFUSED, error=refusals[index]) if index in refusals else next(results)
        for index in range(len(operations))
    ]


def _posted(operations: Sequence[CouponOperation], actor: Actor, now: datetime) -> list[CouponDone]:
    """Post, and once more if another transaction stored the same key meanwhile: then it is found."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return _Batch(operations, actor, now).post()
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returned or raised")


def _refusal(operation: CouponOperation, now: datetime) -> TrothError | None:
    if not 1 <= len(operation.key) <= MAX_KEY:
        text = _("key: write 1 to %(limit)d characters") % {"limit": MAX_KEY}
        return OperationRefusedError(text, field="key", value=operation.key[:40])
    if operation.occurred_at > now + CLOCK_TOLERANCE:
        text = _("occurred_at %(moment)s lies in the future; check the clock") % {"moment": operation.occurred_at}
        return OperationRefusedError(text, field="occurred_at", value=operation.occurred_at.isoformat())
    if isinstance(operation, Reserve | Redeem) and operation.discount_amount < 0:
        text = _("discount_amount %(value)s: must not be negative") % {"value": operation.discount_amount}
        return OperationRefusedError(text, field="discount_amount", value=str(operation.discount_amount))
    return None


def _typed(operations: Sequence[CouponOperation]) -> set[str]:
    return {codes.normalized(one.code) for one in operations if isinstance(one, Reserve | Redeem)}


class _Batch:
    """One transaction's operations: finds and locks what they need, has the book apply them, writes."""

    def __init__(self, operations: Sequence[CouponOperation], actor: Actor, now: datetime) -> None:
        self.operations = operations
        self.actor = actor
        self.now = now
        self.groups = customers.record_groups(self._named_customers())
        self.found = finding.find(
            {codes.normalized(one.code) for one in operations if isinstance(one, Reserve | Redeem)}
        )
        self.campaigns = self._campaigns()

    def post(self) -> list[CouponDone]:
        uses = self._uses()
        repeats = self._assigned()
        self._know({row.owner_id for row in uses} | {row.owner_id for row in repeats})
        tallies = Tallies(self._tally_keys(uses), {group[0]: group for group in self.groups.values()})
        serials, rooms = self._take_slices(uses, repeats)
        made = self._make_bearer_coupons()
        coupons = self._locked(Coupon, self._coupon_ids(uses) | {row.id for row in repeats})
        self._know({row.owner_id for row in coupons})
        book = Book(
            actor=self.actor,
            now=self.now,
            zone=staff.company().time_zone,
            groups=self.groups,
            campaigns=self.campaigns,
            found=self.found,
            coupons=coupons,
            uses=self._locked(CouponUse, {row.id for row in uses}),
            tallies=tallies,
            serials=serials,
            rooms=rooms,
            made=made,
        )
        results = [book.apply(one) for one in self.operations]
        book.write()
        return results

    # --- finding

    def _named_customers(self) -> set[UUID]:
        named = {one.customer_id for one in self.operations if not isinstance(one, Revoke)}
        return {one for one in named if one is not None}

    def _know(self, owner_ids: set[UUID]) -> None:
        """Find the records of further owners: those of coupons and uses."""
        unknown = owner_ids - self.groups.keys() - {COMPANY_OWNER}
        if unknown:
            self.groups |= customers.record_groups(unknown)

    def _campaigns(self) -> dict[str, CouponCampaign]:
        """Return the campaigns by code: those named, and those of the codes."""
        named = {one.campaign for one in self.operations if isinstance(one, Assign)}
        rows = CouponCampaign.objects.filter(code__in=named) if named else []
        return {row.code: row for row in [*rows, *(one.campaign for one in self.found.values())]}

    def _owners(self) -> set[UUID]:
        return {record for group in self.groups.values() for record in group} | {COMPANY_OWNER}

    def _uses(self) -> list[CouponUse]:
        keys = {one.key for one in self.operations if isinstance(one, Reserve | Redeem | Release | Reverse)}
        if not keys:
            return []
        rows = CouponUse.objects.filter(owner_id__among=self._owners(), operation_key__among=keys)
        found = list(rows.select_related("campaign"))
        self.campaigns |= {row.campaign.code: row.campaign for row in found}
        return found

    def _assigned(self) -> list[Coupon]:
        keys = {one.key for one in self.operations if isinstance(one, Assign)}
        if not keys:
            return []
        return list(Coupon.objects.filter(owner_id__among=self._owners(), operation_key__among=keys))

    def _coupon_ids(self, uses: Sequence[CouponUse]) -> set[UUID]:
        found = {one.coupon_id for one in self.found.values()} | {row.coupon_id for row in uses}
        revoked = {one.coupon_id for one in self.operations if isinstance(one, Revoke)}
        return {one for one in found | revoked if one is not None}

    # --- locking, in this order

    def _tally_keys(self, uses: Sequence[CouponUse]) -> set[TallyKey]:
        keys = set()
        for one in self.operations:
            campaign = self._campaign_of(one)
            owner = None if isinstance(one, Revoke) or one.customer_id is None else self.groups.get(one.customer_id)
            if campaign is None or owner is None:
                continue
            if isinstance(one, Assign) and campaign.coupons_per_member is not None:
                keys.add(coupons_key(owner[0], campaign.id))
            if isinstance(one, Reserve | Redeem) and campaign.uses_per_member is not None:
                keys.add(uses_key(owner[0], campaign.id))
        for row in uses:
            if row.campaign.uses_per_member is not None and row.owner_id in self.groups:
                keys.add(uses_key(self.groups[row.owner_id][0], row.campaign_id))
        return keys

    def _campaign_of(self, operation: CouponOperation) -> CouponCampaign | None:
        if isinstance(operation, Assign):
            return self.campaigns.get(operation.campaign)
        if isinstance(operation, Reserve | Redeem):
            found = self.found.get(codes.normalized(operation.code))
            return found.campaign if found else None
        return None

    def _take_slices(
        self, uses: Sequence[CouponUse], repeats: Sequence[Coupon]
    ) -> tuple[dict[UUID, list[Range]], dict[UUID, list[Range]]]:
        """Take codes for all that may be assigned, and uses for all that may be new, by campaign."""
        known_keys = {row.operation_key for row in repeats}
        of_codes, of_uses = Counter[UUID](), Counter[UUID]()
        for one in self.operations:
            campaign = self._campaign_of(one)
            if campaign is None:
                continue
            if isinstance(one, Assign) and one.key not in known_keys:
                of_codes[campaign.id] += 1
            if isinstance(one, Reserve | Redeem) and campaign.uses_total is not None:
                of_uses[campaign.id] += 1
        given_back = {row.campaign_id for row in uses if row.campaign.uses_total is not None}
        serials, rooms = {}, {}
        for campaign_id in sorted(of_codes.keys() | of_uses.keys() | given_back):
            serials[campaign_id] = slices.take(campaign_id, SliceKind.CODES, of_codes[campaign_id])
            if campaign_id in given_back:
                slices.hold(campaign_id, SliceKind.USES)
            rooms[campaign_id] = slices.take(campaign_id, SliceKind.USES, of_uses[campaign_id])
        return serials, rooms

    def _make_bearer_coupons(self) -> list[UUID]:
        """Store coupons for codes that are brought for the first time and return their ids; of two transactions one
        does, and the other then finds it.
        """
        first_time = sorted((one for one in self.found.values() if one.serial_no is not None), key=lambda one: one.code)
        if not first_time:
            return []
        owners = self._bringers()
        rows = [self._bearer_coupon(one, owners[one.code]) for one in first_time]
        CouponCode.objects.bulk_create(
            [CouponCode(code=row.code, campaign=row.campaign, coupon_id=row.id, owner_id=row.owner_id) for row in rows],
            ignore_conflicts=True,
        )
        stored = dict(CouponCode.objects.filter(code__in=[row.code for row in rows]).values_list("code", "coupon_id"))
        ours = [row for row in rows if stored[row.code] == row.id]
        Coupon.objects.bulk_create(ours)
        for one in first_time:
            self.found[one.code] = Found(one.code, one.campaign, coupon_id=stored[one.code])
        return [row.id for row in ours]

    def _bringers(self) -> dict[str, UUID]:
        """Return who brings each code first: the named customer, else the company holds the coupon."""
        found: dict[str, UUID] = {}
        for one in self.operations:
            if isinstance(one, Reserve | Redeem):
                is_known = one.customer_id is not None and one.customer_id in self.groups
                owner = one.customer_id if is_known and one.customer_id else COMPANY_OWNER
                found.setdefault(codes.normalized(one.code), owner)
        return found

    def _bearer_coupon(self, found: Found, owner_id: UUID) -> Coupon:
        assert found.serial_no is not None, "only codes without a row come here"
        return Coupon(
            id=new_id(),
            owner_id=owner_id,
            campaign=found.campaign,
            code=found.code,
            serial_no=found.serial_no,
            max_uses=found.campaign.uses_per_coupon,
            operation_key=f"code:{found.code}",
            source="issued",
            assigned_at=self.now,
            expires_at=found.campaign.ends_at,
            recorded_at=self.now,
        )

    def _locked(self, model: type[Row], ids: set[UUID]) -> list[Row]:
        if not ids:
            return []
        rows = model._default_manager.filter(id__among=ids).select_related("campaign").order_by("id")
        found = list(rows.select_for_update(of=("self",)))
        self.campaigns |= {row.campaign.code: row.campaign for row in found}
        return found
