"""Birthday gifts: what is given to whom, and who had one this year."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.tables import TableKind, classify


class BirthdayGift(models.Model):
    """A present for the birthday, by the calendar that the customer keeps: a coupon, or a reward at no charge.

    audience: condition over the customer, None is everybody; days_before: handed out so many days ahead;
    usable_days: a coupon is over so many days after the birthday began, at the latest, None leaves it to its campaign.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh audience days_before usable_days campaign reward is_active"
        " revision created_at created_by updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    audience = models.JSONField(null=True, blank=True)
    days_before = models.PositiveSmallIntegerField(default=0)
    usable_days = models.PositiveSmallIntegerField(null=True, blank=True)
    campaign = models.ForeignKey(
        "rewards.CouponCampaign", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reward = models.ForeignKey("rewards.Reward", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


class GiftIssue(models.Model):
    """A customer got a birthday gift for one birthday; the next one comes no sooner than 300 days later.

    birthday_date: the day on which this year's birthday falls, by the solar calendar.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id gift coupon_id redemption_id issued_at refusal", personal="birthday_date"
    )

    owner_id = models.UUIDField()
    gift = models.ForeignKey(BirthdayGift, on_delete=models.PROTECT, related_name="issues")
    birthday_date = models.DateField()
    coupon_id = models.UUIDField(null=True)
    redemption_id = models.UUIDField(null=True)
    refusal = models.CharField(max_length=60, blank=True)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "gift", "birthday_date"], name="birthday_gift_once")]

    def __str__(self) -> str:
        return f"{self.gift_id} {self.owner_id}"
