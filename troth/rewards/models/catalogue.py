"""The catalogue: what can be redeemed, what it costs whom, and who redeemed it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.money import MoneyField
from troth.kit.tables import TableKind, classify


class RewardKind(models.TextChoices):
    """What kind of thing a reward is."""

    GOODS = "goods", _("Goods")
    VOUCHER = "voucher", _("Coupon")
    EXPERIENCE = "experience", _("Experience")
    DONATION = "donation", _("Donation")


class RewardState(models.TextChoices):
    """Whether a reward is on offer."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("On offer")
    ARCHIVED = "archived", _("Archived")


class FulfilmentKind(models.TextChoices):
    """How a reward reaches the member."""

    INSTANT = "instant", _("At once")
    COLLECT = "collect", _("Collected at a store")
    SHIP = "ship", _("Sent")
    BOOK = "book", _("By appointment")


class PayOn(models.TextChoices):
    """When the points are taken; until then they are held."""

    REDEMPTION = "redemption", _("When it is redeemed")
    FULFILMENT = "fulfilment", _("When it is handed over")


class LimitPeriod(models.TextChoices):
    """The period in which a member's limit holds, by the company's calendar."""

    DAY = "day", _("a day")
    WEEK = "week", _("a week")
    MONTH = "month", _("a month")
    YEAR = "year", _("a year")
    EVER = "ever", pgettext_lazy("limit", "ever")


class Reward(models.Model):
    """Something that members can redeem.

    audience: condition over the customer; who does not meet it does not see the reward; None is everybody.
    weekdays: ISO numbers of the days on which it may be redeemed, empty is every day; member_limit: pieces a member
    may take in a limit_period; has_stock: counted in slices; unit_cost: what one piece costs us, in `cost_currency`;
    campaign: whose coupon a voucher is; hold_days: how long points are held, with `pay_on` fulfilment; what is not
    fulfilled by then is cancelled by itself.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh description description_zh reward_kind state position audience starts_at ends_at"
        " weekdays member_limit limit_period has_stock low_stock unit_cost cost_currency campaign fulfilment pay_on"
        " hold_days revision created_at created_by updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    description_zh = models.CharField(_("description in Chinese"), max_length=500, blank=True)
    reward_kind = models.CharField(max_length=10, choices=RewardKind.choices)
    state = models.CharField(max_length=8, choices=RewardState.choices, default=RewardState.DRAFT)
    position = models.PositiveIntegerField(default=100)
    audience = models.JSONField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    weekdays = models.JSONField(default=list, blank=True)
    member_limit = models.PositiveIntegerField(null=True)
    limit_period = models.CharField(max_length=5, choices=LimitPeriod.choices, default=LimitPeriod.EVER)
    has_stock = models.BooleanField(default=False)
    low_stock = models.PositiveIntegerField(default=0)
    unit_cost = MoneyField(null=True, blank=True)
    cost_currency = models.CharField(max_length=3, blank=True)
    campaign = models.ForeignKey(
        "rewards.CouponCampaign", on_delete=models.PROTECT, null=True, blank=True, related_name="rewards"
    )
    fulfilment = models.CharField(max_length=8, choices=FulfilmentKind.choices, default=FulfilmentKind.INSTANT)
    pay_on = models.CharField(max_length=10, choices=PayOn.choices, default=PayOn.REDEMPTION)
    hold_days = models.PositiveIntegerField(default=30)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


class RewardPrice(models.Model):
    """What a piece costs: points, or points and money. `option` names a way to pay, such as "points" or "mixed".

    programme, tier, segment: for whom; without them, for everybody. Of several that a member may use under one option,
    the one with the fewest points, then the least money, is the member's.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id reward option points point_currency money_amount money_currency programme tier segment"
    )

    reward = models.ForeignKey(Reward, on_delete=models.CASCADE, related_name="prices")
    option = models.SlugField(max_length=20, default="points")
    points = models.PositiveBigIntegerField()
    point_currency = models.CharField(max_length=40)
    money_amount = MoneyField(default=0)
    money_currency = models.CharField(max_length=3, blank=True)
    programme = models.CharField(max_length=64, blank=True)
    tier = models.CharField(max_length=64, blank=True)
    segment = models.ForeignKey("segments.Segment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reward", "option", "programme", "tier", "segment"],
                name="reward_price_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.reward_id} {self.option} {self.points}"


class RedemptionState(models.TextChoices):
    """Where a redemption stands."""

    REQUESTED = "requested", _("Requested")
    PREPARED = "prepared", _("Ready")
    SENT = "sent", pgettext_lazy("redemption", "Sent")
    FULFILLED = "fulfilled", _("Handed over")
    CANCELLED = "cancelled", pgettext_lazy("redemption", "Cancelled")


class Redemption(models.Model):
    """A member took a reward. The points are in the ledger under `ledger_key`: spent, or held until `hold_until`.

    points, money_amount: for all pieces; unit_cost: of one, as it was; is_gift: at no charge, such as for a birthday;
    stock_count: pieces that it keeps out of the counted stock; household_id: whose pool paid, null for own points.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id reward operation_key quantity option points point_currency money_amount"
        " money_currency unit_cost cost_currency is_gift state stock_count is_held ledger_key coupon_ids store_id"
        " household_id period_date cancel_reason occurred_at recorded_at hold_until fulfilled_at cancelled_at"
        " updated_at",
        personal="delivery",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="redemptions")
    operation_key = models.CharField(max_length=120)
    quantity = models.PositiveIntegerField(default=1)
    option = models.CharField(max_length=20, blank=True)
    points = models.PositiveBigIntegerField(default=0)
    point_currency = models.CharField(max_length=40, blank=True)
    money_amount = MoneyField(default=0)
    money_currency = models.CharField(max_length=3, blank=True)
    unit_cost = MoneyField(null=True)
    cost_currency = models.CharField(max_length=3, blank=True)
    is_gift = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=RedemptionState.choices)
    stock_count = models.PositiveIntegerField(default=0)
    is_held = models.BooleanField(default=False)
    ledger_key = models.CharField(max_length=160, blank=True)
    coupon_ids = models.JSONField(default=list)
    store_id = models.BigIntegerField(null=True)
    household_id = models.UUIDField(null=True)
    period_date = models.DateField(null=True)
    delivery = models.CharField(_("delivery"), max_length=300, blank=True)
    cancel_reason = models.CharField(max_length=40, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    hold_until = models.DateTimeField(null=True)
    fulfilled_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "operation_key"], name="redemption_once")]
        indexes = [
            models.Index(fields=["owner_id", "-occurred_at"], name="redemption_owner"),
            models.Index(fields=["state", "hold_until"], name="redemption_state"),
            models.Index(fields=["reward", "state"], name="redemption_reward"),
        ]

    def __str__(self) -> str:
        return f"{self.operation_key} {self.state}"
