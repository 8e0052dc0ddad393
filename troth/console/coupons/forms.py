"""The form of a campaign."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.console.numbers import DecimalField
from troth.rewards.models import Benefit, CodeKind, CouponCampaign, DiscountedGoods
from troth.rewards.services import CampaignFields

from .pictures import GOODS, goods_condition, goods_of

AMOUNTS = ("percent", "amount", "minimum_amount", "maximum_discount")
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _money(label: Any) -> forms.DecimalField:
    return DecimalField(label=label, max_digits=14, decimal_places=4, min_value=0, required=False)


def _short(number: Decimal | None) -> Decimal | None:
    """Return a number as people write it: 1, not 1.0000; 100, not 1E+2."""
    return None if number is None else Decimal(f"{number.normalize():f}")


class CampaignForm(forms.Form):
    """What a campaign says; who may use it is the editor's, beside the form."""

    name = forms.CharField(label=pgettext_lazy("catalogue", "Name"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    code = forms.SlugField(
        label=_("Short name for files and the API"), max_length=40, help_text=_("Small letters, digits, hyphens.")
    )
    description = forms.CharField(label=_("What members read"), max_length=500, required=False)
    description_zh = forms.CharField(label=_("What members read, in Chinese"), max_length=500, required=False)
    benefit = forms.ChoiceField(label=_("It gives"), choices=Benefit.choices)
    percent = DecimalField(
        label=_("Per cent"), max_digits=7, decimal_places=4, min_value=0, max_value=100, required=False
    )
    amount = _money(_("Amount"))
    gift_sku = forms.CharField(label=_("Article number of the gift"), max_length=80, required=False)
    minimum_amount = _money(_("Only from an amount of"))
    maximum_discount = _money(_("At most off"))
    discounted_goods = forms.ChoiceField(label=_("Goods that are reduced already"), choices=DiscountedGoods.choices)
    categories = forms.CharField(
        label=_("Only these categories"), required=False, help_text=_("Several with commas between. Empty: all goods.")
    )
    brands = forms.CharField(label=_("Or these brands"), required=False)
    skus = forms.CharField(label=_("Or these articles"), required=False)
    is_combinable = forms.BooleanField(label=_("May be used beside other coupons"), required=False)
    code_kind = forms.ChoiceField(label=_("Codes"), choices=CodeKind.choices)
    generic_code = forms.CharField(
        label=_("The one code"), max_length=32, required=False, help_text=_("3 to 32 letters and digits.")
    )
    size = forms.IntegerField(label=_("How many codes"), min_value=1, required=False)
    uses_per_coupon = forms.IntegerField(label=_("Uses of each coupon"), min_value=1, initial=1)
    uses_per_member = forms.IntegerField(label=_("Uses by each member"), min_value=1, required=False)
    uses_total = forms.IntegerField(label=_("Uses altogether"), min_value=1, required=False)
    coupons_per_member = forms.IntegerField(label=_("Coupons for each member"), min_value=1, required=False)
    starts_on = forms.DateField(label=_("First day"), required=False, widget=DATE)
    ends_on = forms.DateField(label=pgettext_lazy("rewards", "Last day"), required=False, widget=DATE)
    usable_days = forms.IntegerField(label=_("Days from being handed out"), min_value=1, required=False)
    reserve_minutes = forms.IntegerField(label=_("Minutes that a basket keeps it"), min_value=1, initial=30)

    control_percent = forms.IntegerField(
        label=_("Per cent that get none, by chance"), min_value=0, max_value=50, required=False,
        help_text=_("Of those to whom a segment or a journey would hand one out; against them is seen what it brings."
                    " What was earned, bought, asked for or given as amends is never withheld."),
    )  # fmt: skip
    spares_control_group = forms.BooleanField(
        label=_("Not for whoever is kept out of all offers"), required=False, initial=True
    )

    PARTS = (
        (_("What it is called"), ("name", "name_zh", "code", "description", "description_zh")),
        (_("What it gives"), ("benefit", "percent", "amount", "gift_sku", "minimum_amount", "maximum_discount")),
        (_("For which goods"), ("categories", "brands", "skus", "discounted_goods", "is_combinable")),
        (_("Codes and limits"), ("code_kind", "generic_code", "size", "uses_per_coupon", "uses_per_member",
                                 "uses_total", "coupons_per_member")),
        (pgettext_lazy("points", "When"), ("starts_on", "ends_on", "usable_days", "reserve_minutes")),
        (_("Who gets none, to compare with"), ("control_percent", "spares_control_group")),
    )  # fmt: skip

    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields by heading."""
        return [(head, [self[name] for name in names if name in self.fields]) for head, names in self.PARTS]

    @classmethod
    def of(cls, campaign: CouponCampaign, generic_code: str, data: Any = None) -> "CampaignForm":
        """Return the form of a draft; goods that it cannot write are kept as they are."""
        goods = goods_of(campaign.line_terms)
        initial = {name: getattr(campaign, name) for name in cls.base_fields if hasattr(campaign, name)}
        initial |= {name: _short(initial[name]) for name in AMOUNTS}
        initial |= {"generic_code": generic_code, **(goods or {})}
        initial["starts_on"] = timezone.localdate(campaign.starts_at) if campaign.starts_at else None
        last = campaign.ends_at - timedelta(microseconds=1) if campaign.ends_at else None
        initial["ends_on"] = timezone.localdate(last) if last else None
        form = cls(data, initial=initial)
        form.kept_goods = campaign.line_terms if goods is None else None
        if goods is None:
            for name in GOODS:
                del form.fields[name]
        return form

    kept_goods: dict[str, Any] | None = None

    def campaign_fields(self, terms: dict[str, Any] | None) -> CampaignFields:
        """Return what `create_campaign` and `change_campaign` take."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in (*GOODS, *_DAYS)}
        given["code_kind"], given["benefit"] = CodeKind(given["code_kind"]), Benefit(given["benefit"])
        given["control_percent"] = given["control_percent"] or 0
        given["discounted_goods"] = DiscountedGoods(given["discounted_goods"])
        if given["code_kind"] is CodeKind.GENERIC:
            given["size"] = None
        else:
            given["generic_code"] = ""
        return CampaignFields(
            **given,
            starts_at=_start(self.cleaned_data["starts_on"]),
            ends_at=_start(self.cleaned_data["ends_on"], days=1),
            terms=terms,
            line_terms=self.kept_goods or goods_condition(self.cleaned_data),
        )


_DAYS = ("starts_on", "ends_on")


def _start(day: date | None, days: int = 0) -> datetime | None:
    """Return the first moment of a day, or of one some days later, in the company's zone."""
    return None if day is None else timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))
