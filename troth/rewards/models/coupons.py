"""Coupons: the campaign that states the terms, the codes, who holds one, who used it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.money import FixedPointField, MoneyField
from troth.kit.tables import TableKind, classify


class CodeKind(models.TextChoices):
    """Which codes a campaign has."""

    GENERIC = "generic", _("One code for everybody")
    UNIQUE = "unique", _("A code of its own for each coupon")


class CampaignState(models.TextChoices):
    """Where a campaign stands. Its terms can be changed as long as it is a draft."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Running")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")


class Benefit(models.TextChoices):
    """What a coupon gives."""

    PERCENT = "percent", _("Per cent off")
    AMOUNT = "amount", _("Amount off")
    GIFT = "gift", _("A gift with the order")
    SHIPPING = "shipping", _("Free shipping")


class DiscountedGoods(models.TextChoices):
    """How a coupon treats goods whose price is reduced already."""

    EXCLUDE = "exclude", _("Not on reduced goods")
    BETTER = "better", _("Of the full price; only what it gives beyond the reduction")
    STACK = "stack", _("Of the reduced price")


class CouponCampaign(models.Model):
    """A kind of coupon: what it gives, under which terms, how many codes, how often each.

    terms: condition over the basket and the customer; line_terms: condition over a line, the goods it counts for;
    code_key: secret of the permutation that makes the codes; prefix: the first four signs of each;
    size: number of unique codes, None for generic ones; usable_days: from assignment, both days counted, None
    until `ends_at`; uses_*: None is unlimited; minimum_amount and maximum_discount are in `currency`.

    control_percent: of those to whom a segment or a journey would give one get none, by chance; spares_control_group:
    nor does whoever is kept out of all offers.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh description description_zh state code_kind prefix body_length size"
        " benefit percent amount currency gift_sku maximum_discount minimum_amount discounted_goods terms line_terms"
        " is_combinable starts_at ends_at usable_days uses_per_coupon uses_per_member uses_total coupons_per_member"
        " reserve_minutes control_percent spares_control_group revision created_at created_by updated_at",
        sensitive="code_key",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    description_zh = models.CharField(_("description in Chinese"), max_length=500, blank=True)
    state = models.CharField(max_length=8, choices=CampaignState.choices, default=CampaignState.DRAFT)
    code_kind = models.CharField(max_length=8, choices=CodeKind.choices)
    prefix = models.CharField(max_length=4, null=True, unique=True)
    body_length = models.PositiveSmallIntegerField(default=0)
    code_key = models.BinaryField(max_length=32, default=bytes)
    size = models.PositiveBigIntegerField(null=True)
    benefit = models.CharField(max_length=8, choices=Benefit.choices)
    percent = FixedPointField(null=True, blank=True)
    amount = MoneyField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    gift_sku = models.CharField(max_length=80, blank=True)
    maximum_discount = MoneyField(null=True, blank=True)
    minimum_amount = MoneyField(null=True, blank=True)
    discounted_goods = models.CharField(max_length=7, choices=DiscountedGoods.choices, default=DiscountedGoods.EXCLUDE)
    terms = models.JSONField(null=True, blank=True)
    line_terms = models.JSONField(null=True, blank=True)
    is_combinable = models.BooleanField(_("may be used beside other coupons"), default=False)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    usable_days = models.PositiveIntegerField(null=True)
    uses_per_coupon = models.PositiveIntegerField(default=1)
    uses_per_member = models.PositiveIntegerField(null=True)
    uses_total = models.PositiveBigIntegerField(null=True)
    coupons_per_member = models.PositiveIntegerField(null=True)
    reserve_minutes = models.PositiveIntegerField(default=30)
    control_percent = models.PositiveSmallIntegerField(default=0)
    spares_control_group = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


class CodeBatch(models.Model):
    """A range of unique codes handed out without a holder, for print or another system: such a code is good for
    whoever brings it first. Its codes have no rows before that.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id campaign operation_key first count issued_at issued_by")

    campaign = models.ForeignKey(CouponCampaign, on_delete=models.PROTECT, related_name="batches")
    operation_key = models.CharField(max_length=120)
    first = models.PositiveBigIntegerField()
    count = models.PositiveBigIntegerField()
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "first"], name="code_batch_once")]
        indexes = [models.Index(fields=["campaign", "operation_key"], name="code_batch_key")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.first} +{self.count}"


class CouponCode(models.Model):
    """Finds the campaign, and the coupon if the code is one's own, by the code as it is typed."""

    kind: ClassVar = TableKind.DIRECTORY
    data_map: ClassVar = classify(business="id code campaign coupon_id owner_id")

    code = models.CharField(max_length=32, unique=True)
    campaign = models.ForeignKey(CouponCampaign, on_delete=models.PROTECT, related_name="codes")
    coupon_id = models.UUIDField(null=True)
    owner_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return self.code


class CouponState(models.TextChoices):
    """Where a coupon stands. Used up is no state of its own: it has no use left."""

    ACTIVE = "active", _("Usable")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Withdrawn")


class Coupon(models.Model):
    """A coupon with a unique code. The company owns one that was brought in by a stranger.

    use_count: uses that hold: reserved or redeemed; max_uses: promised when it was handed out; source, source_id: why
    the holder has it (rule, redemption, gift, api …) and the id there.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id campaign code serial_no state use_count max_uses operation_key source source_id"
        " assigned_at expires_at ended_at recorded_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    campaign = models.ForeignKey(CouponCampaign, on_delete=models.PROTECT, related_name="coupons")
    code = models.CharField(max_length=32)
    serial_no = models.PositiveBigIntegerField()
    state = models.CharField(max_length=8, choices=CouponState.choices, default=CouponState.ACTIVE)
    use_count = models.PositiveIntegerField(default=0)
    max_uses = models.PositiveIntegerField(default=1)
    operation_key = models.CharField(max_length=120)
    source = models.CharField(max_length=20, blank=True)
    source_id = models.CharField(max_length=80, blank=True)
    assigned_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "operation_key"], name="coupon_operation_once"),
            models.CheckConstraint(condition=Q(use_count__lte=F("max_uses")), name="coupon_within_uses"),
        ]
        indexes = [
            models.Index(fields=["owner_id", "state", "expires_at"], name="coupon_owner"),
            models.Index(fields=["state", "expires_at"], name="coupon_expiry"),
            models.Index(fields=["campaign", "state"], name="coupon_campaign"),
        ]

    def __str__(self) -> str:
        return self.code


class UseState(models.TextChoices):
    """Where one use of a coupon stands."""

    RESERVED = "reserved", _("Reserved")
    REDEEMED = "redeemed", pgettext_lazy("coupon", "Redeemed")
    RELEASED = "released", _("Released")
    REVERSED = "reversed", pgettext_lazy("coupon", "Reversed")


class CouponUse(models.Model):
    """One use of a coupon, named by its caller for its whole life: reserved, redeemed, released or reversed.

    owner_id: the customer, or the company where nobody was named; holder_id and coupon_id: of the unique code,
    None for a generic one; order_ref: the order's number as its source writes it.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id campaign coupon_id holder_id operation_key state source order_ref"
        " discount_amount currency occurred_at reserved_at reserved_until redeemed_at ended_at recorded_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    campaign = models.ForeignKey(CouponCampaign, on_delete=models.PROTECT, related_name="uses")
    coupon_id = models.UUIDField(null=True, db_index=True)
    holder_id = models.UUIDField(null=True)
    operation_key = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=UseState.choices)
    source = models.CharField(max_length=64, blank=True)
    order_ref = models.CharField(max_length=120, blank=True)
    discount_amount = MoneyField(default=0)
    currency = models.CharField(max_length=3)
    occurred_at = models.DateTimeField()
    reserved_at = models.DateTimeField(null=True)
    reserved_until = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "operation_key"], name="coupon_use_once")]
        indexes = [
            models.Index(fields=["owner_id", "-occurred_at"], name="coupon_use_owner"),
            models.Index(fields=["state", "reserved_until"], name="coupon_use_timeout"),
            models.Index(fields=["campaign", "state"], name="coupon_use_campaign"),
            models.Index(fields=["order_ref"], name="coupon_use_order"),
        ]

    def __str__(self) -> str:
        return f"{self.operation_key} {self.state}"
