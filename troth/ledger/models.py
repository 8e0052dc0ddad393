"""What the ledger keeps. Transactions, entries and allocations never change; the rest says which column is a cache.

Amounts of points are whole numbers of the currency's smallest unit. A credit to an account is positive, a debit
negative; each transaction sums to zero with what stands on the other side, a system purpose.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.money import MoneyField
from troth.kit.tables import TableKind, classify

from .terms import (
    ApprovalState,
    ExpiryKind,
    HoldState,
    Kind,
    OwnerKind,
    PoolPeriod,
    Purpose,
    Shortfall,
    TransferRule,
    UnitKind,
)

__all__ = [
    "Account",
    "AdjustmentRequest",
    "Allocation",
    "ApprovalState",
    "Arrears",
    "Entry",
    "ExpiryChange",
    "ExpiryKind",
    "Hold",
    "HoldLot",
    "HoldState",
    "Kind",
    "Lot",
    "OwnerKind",
    "PointCurrency",
    "PoolMember",
    "PoolPeriod",
    "Purpose",
    "Shortfall",
    "Transaction",
    "TransferRule",
    "UnitKind",
]


class PointCurrency(models.Model):
    """A kind of points, stamps or cashback with its rules. A lot keeps the expiry it was earned under."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh unit_kind decimals money_currency expiry_kind expiry_count shortfall"
        " arrears_limit takes_other_lots grace_days adjust_approval_limit transfer_rule transfer_minimum"
        " transfer_day_limit time_zone is_active created_at updated_at revision"
    )

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    unit_kind = models.CharField(_("kind"), max_length=10, choices=UnitKind.choices, default=UnitKind.POINTS)
    decimals = models.PositiveSmallIntegerField(_("decimal places"), default=0)
    money_currency = models.CharField(_("currency of the money"), max_length=3, blank=True)  # cashback only
    expiry_kind = models.CharField(_("expiry"), max_length=10, choices=ExpiryKind.choices, default=ExpiryKind.NEVER)
    expiry_count = models.PositiveIntegerField(_("days, months or years"), default=0)
    shortfall = models.CharField(
        _("if more is taken back than is there"), max_length=10, choices=Shortfall.choices, default=Shortfall.REFUSE
    )
    arrears_limit = models.BigIntegerField(_("most that may be owed"), null=True, blank=True)  # null: no limit
    takes_other_lots = models.BooleanField(_("take it from other points first"), default=True)
    grace_days = models.PositiveIntegerField(_("days of grace for expired points given back"), default=0)
    adjust_approval_limit = models.BigIntegerField(_("adjust alone up to"), null=True, blank=True)  # null: no limit
    transfer_rule = models.CharField(
        _("transfers"), max_length=10, choices=TransferRule.choices, default=TransferRule.NONE
    )
    transfer_minimum = models.BigIntegerField(_("least at once"), default=1)
    transfer_day_limit = models.BigIntegerField(_("most a day"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")  # in which its days and months end
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "point currencies"

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


def _currency() -> "models.ForeignKey[PointCurrency]":
    """Return the column of the currency; unchecked, for millions of rows point at a handful."""
    return models.ForeignKey(
        PointCurrency, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )


class Account(models.Model):
    """What one owner has in one currency. Every figure is a cache that the proof recomputes.

    usable: free points of lots that may be spent, true from the last writing until `usable_until` (null: for ever).
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_kind owner_id currency balance held arrears usable usable_until"
        " earned last_activity_at created_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_kind = models.CharField(max_length=10, choices=OwnerKind.choices)
    owner_id = models.UUIDField()
    currency = _currency()
    balance = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    arrears = models.BigIntegerField(default=0)
    usable = models.BigIntegerField(default=0)
    usable_until = models.DateTimeField(null=True, blank=True)
    earned = models.BigIntegerField(default=0)  # in a lifetime: issued, less what was taken back
    last_activity_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "currency"], name="account_once")]

    def __str__(self) -> str:
        return f"{self.owner_kind} {self.owner_id}"


class Transaction(models.Model):
    """One operation on one account. Its key is known once per account; the fingerprint tells a repeat from a change.

    amount: what the operation was about, always positive but for adjustments; balance, available and arrears: the
    owner's afterwards, over all records of a merged customer. part_of_id: the transaction of which this is the part
    on another record of a merged customer; linked_id: the other side of a transfer, the hold that is captured or
    released.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id account_id currency transaction_kind operation_key fingerprint amount reason reason_data"
        " balance available arrears arrears_made written_off occurred_at recorded_at actor spender_id reverses_id"
        " linked_id part_of_id"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    account_id = models.UUIDField()
    currency = _currency()
    transaction_kind = models.CharField(max_length=12, choices=Kind.choices)
    operation_key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=32)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=60)
    reason_data = models.JSONField(null=True, blank=True)
    balance = models.BigIntegerField()
    available = models.BigIntegerField()
    arrears = models.BigIntegerField(default=0)
    arrears_made = models.BigIntegerField(default=0)
    written_off = models.BigIntegerField(default=0)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    spender_id = models.UUIDField(null=True, blank=True)
    reverses_id = models.UUIDField(null=True, blank=True)
    linked_id = models.UUIDField(null=True, blank=True)
    part_of_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "operation_key", "currency"], name="operation_key_once")
        ]
        indexes = [
            models.Index(fields=["reverses_id"], condition=Q(reverses_id__isnull=False), name="transaction_reverses"),
            models.Index(fields=["part_of_id"], condition=Q(part_of_id__isnull=False), name="transaction_part"),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_kind} {self.operation_key}"


class Entry(models.Model):
    """One side of a transaction: an account, or else a purpose of the issuer (null: the company itself)."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id transaction_id account_id purpose issuer_id currency amount occurred_at recorded_at"
    )

    owner_id = models.UUIDField()
    transaction_id = models.UUIDField(db_index=True)
    account_id = models.UUIDField(null=True, blank=True)
    purpose = models.CharField(max_length=12, choices=Purpose.choices, blank=True)
    issuer_id = models.UUIDField(null=True, blank=True)
    currency = _currency()
    amount = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            # For the lists behind figures: without it they read the whole ledger backwards.
            models.Index(
                fields=["currency", "purpose", "-occurred_at", "-id"],
                condition=Q(account_id__isnull=True),
                name="entry_moved",
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose or self.account_id} {self.amount}"


class Lot(models.Model):
    """Points earned together: what is left of them, from when and until when they may be spent, and why they are.

    remaining, held and is_open (something remains) are caches. activates_at is null while the lot waits for
    `awaits_event`, at most until `awaits_until`; first_expires_at is what was promised, where grace or an approved
    change moved expires_at since. thousand_cost: what 1,000 smallest units cost the issuer. from_lot_id: the lot that
    a transfer took them from.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id account_id transaction_id currency amount remaining held is_open activates_at"
        " awaits_event awaits_until expires_at first_expires_at expiry_kind expiry_count issuer_id thousand_cost"
        " cost_currency rule programme_version_id source from_lot_id occurred_at recorded_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    account_id = models.UUIDField()
    transaction_id = models.UUIDField(db_index=True)
    currency = _currency()
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    held = models.BigIntegerField(default=0)
    is_open = models.BooleanField(default=True)
    activates_at = models.DateTimeField(null=True, blank=True)
    awaits_event = models.CharField(max_length=80, blank=True)
    awaits_until = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    first_expires_at = models.DateTimeField(null=True, blank=True)
    expiry_kind = models.CharField(max_length=10, choices=ExpiryKind.choices)
    expiry_count = models.PositiveIntegerField(default=0)
    issuer_id = models.UUIDField(null=True, blank=True)
    thousand_cost = MoneyField(null=True, blank=True)
    cost_currency = models.CharField(max_length=3, blank=True)
    rule = models.CharField(max_length=80, blank=True)
    programme_version_id = models.UUIDField(null=True, blank=True)
    source = models.CharField(max_length=120, blank=True)
    from_lot_id = models.UUIDField(null=True, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        # is_open, not remaining: an index that names remaining would be written at every spending.
        indexes = [
            models.Index(fields=["owner_id", "currency"], condition=Q(is_open=True), name="lot_open"),
            models.Index(
                fields=["expires_at"], condition=Q(is_open=True, expires_at__isnull=False), name="lot_open_expires"
            ),
            models.Index(
                fields=["account_id"],
                condition=Q(is_open=True, expires_at__isnull=True, expiry_kind=ExpiryKind.INACTIVITY),
                name="lot_idle",
            ),
            models.Index(fields=["id"], condition=Q(is_open=True, activates_at__isnull=True), name="lot_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.remaining}/{self.amount}"


class Arrears(models.Model):
    """Points that were taken back and were not there: what is still owed is a cache."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id account_id transaction_id amount remaining is_open occurred_at recorded_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    account_id = models.UUIDField()
    transaction_id = models.UUIDField()
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    is_open = models.BooleanField(default=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "arrears"
        indexes = [
            models.Index(fields=["account_id"], condition=Q(is_open=True), name="arrears_open"),
            models.Index(fields=["transaction_id"], name="arrears_transaction"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.remaining}/{self.amount}"


class Allocation(models.Model):
    """Which transaction took how much of which lot; negative where a reversal gave it back.

    With `arrears_id`, what the lot filled of them; without a lot, what points of another record filled of them.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id transaction_id lot_id arrears_id amount occurred_at recorded_at"
    )

    owner_id = models.UUIDField()
    transaction_id = models.UUIDField(db_index=True)
    lot_id = models.UUIDField(null=True, blank=True, db_index=True)
    arrears_id = models.UUIDField(null=True, blank=True)
    amount = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["arrears_id"], condition=Q(arrears_id__isnull=False), name="allocation_arrears")
        ]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.amount}"


class Hold(models.Model):
    """Points set aside until they are captured or released; has the id of the transaction that made it.

    state, closed_at and captured_amount are caches of what its closing transaction says.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id account_id currency amount captured_amount state expires_at closed_at closed_by_id"
        " occurred_at recorded_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    account_id = models.UUIDField()
    currency = _currency()
    amount = models.BigIntegerField()
    captured_amount = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=HoldState.choices, default=HoldState.OPEN)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by_id = models.UUIDField(null=True, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="open"), name="hold_open_expires"),
            models.Index(fields=["account_id", "-occurred_at"], name="hold_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount} {self.state}"


class HoldLot(models.Model):
    """How much of which lot a hold set aside."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id hold_id lot_id amount")

    owner_id = models.UUIDField()
    hold_id = models.UUIDField(db_index=True)
    lot_id = models.UUIDField(db_index=True)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hold_id", "lot_id", "owner_id"], name="hold_lot_once")]

    def __str__(self) -> str:
        return f"{self.hold_id} {self.amount}"


class AdjustmentRequest(models.Model):
    """An adjustment above the limit: posted when a second person approves it."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_kind owner_id currency amount reason state transaction_id operation_key requested_at"
        " requested_by decided_at decided_by",
        personal="note",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_kind = models.CharField(max_length=10, choices=OwnerKind.choices)
    owner_id = models.UUIDField()
    currency = _currency()
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=60)
    note = models.CharField(max_length=500, blank=True)
    operation_key = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.WAITING)
    transaction_id = models.UUIDField(null=True, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "currency", "operation_key"], name="adjustment_key_once")
        ]
        indexes = [models.Index(fields=["requested_at"], condition=Q(state="waiting"), name="adjustment_waiting")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.amount}"


class PoolMember(models.Model):
    """Who may spend from a household's pool, and how much in a period (null: without limit)."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id member_id currency may_spend limit period updated_at")

    owner_id = models.UUIDField()  # the household
    member_id = models.UUIDField(db_index=True)
    currency = _currency()
    may_spend = models.BooleanField(default=True)
    limit = models.BigIntegerField(null=True, blank=True)
    period = models.CharField(max_length=5, choices=PoolPeriod.choices, default=PoolPeriod.MONTH)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "member_id", "currency"], name="pool_member_once")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.member_id}"


class ExpiryChange(models.Model):
    """A new expiry for lots that were earned under another: previewed, then approved by a second person."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id currency expiry_kind expiry_count preview state requested_at requested_by decided_at decided_by"
        " done_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    currency = _currency()
    expiry_kind = models.CharField(max_length=10, choices=ExpiryKind.choices)
    expiry_count = models.PositiveIntegerField(default=0)
    preview = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.WAITING)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.currency_id} {self.expiry_kind} {self.expiry_count}"
