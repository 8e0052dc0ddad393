"""The forms of a reward: what it is, what it costs whom, its stock."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.console.numbers import DecimalField
from troth.console.points.purse import currency_name
from troth.ledger import queries as ledger
from troth.programs import queries as programs
from troth.programs.naming import shown
from troth.rewards import queries as rewards
from troth.rewards.models import CodeKind, FulfilmentKind, LimitPeriod, PayOn, Reward, RewardKind, RewardPrice
from troth.rewards.services import PriceFields, RewardFields
from troth.segments import queries as segments
from troth.staff import queries as staff

from .pictures import weekday

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
SPARE_PRICES = 2


class RewardForm(forms.Form):
    """What a reward is, and under which rules it is redeemed."""

    name = forms.CharField(label=pgettext_lazy("catalogue", "Name"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    code = forms.SlugField(
        label=_("Short name for files and the API"), max_length=40, help_text=_("Small letters, digits, hyphens.")
    )
    reward_kind = forms.ChoiceField(label=_("Kind"), choices=RewardKind.choices)
    campaign = forms.ChoiceField(label=_("Coupon of the campaign"), required=False)
    description = forms.CharField(label=_("What members read"), max_length=500, required=False)
    description_zh = forms.CharField(label=_("What members read, in Chinese"), max_length=500, required=False)
    position = forms.IntegerField(
        label=_("Place in the catalogue"), min_value=0, initial=100, help_text=_("Small numbers stand first.")
    )
    starts_on = forms.DateField(label=_("First day"), required=False, widget=DATE)
    ends_on = forms.DateField(label=pgettext_lazy("rewards", "Last day"), required=False, widget=DATE)
    weekdays = forms.MultipleChoiceField(
        label=_("Only on these days"), required=False, widget=forms.CheckboxSelectMultiple
    )
    member_limit = forms.IntegerField(label=_("Most for each member"), min_value=1, required=False)
    limit_period = forms.ChoiceField(
        label=pgettext_lazy("limit", "In"), choices=LimitPeriod.choices, initial=LimitPeriod.EVER
    )
    stock = forms.IntegerField(
        label=_("Pieces in stock"), min_value=0, required=False, help_text=_("Empty: they are not counted.")
    )
    low_stock = forms.IntegerField(label=_("Warn when so few are left"), min_value=0, initial=0)
    unit_cost = DecimalField(
        label=_("What a piece costs us"), max_digits=14, decimal_places=4, min_value=0, required=False
    )
    fulfilment = forms.ChoiceField(label=_("How it reaches the member"), choices=FulfilmentKind.choices)
    pay_on = forms.ChoiceField(label=_("Points are taken"), choices=PayOn.choices)
    hold_days = forms.IntegerField(label=_("Days that points are held at most"), min_value=1, initial=30)

    PARTS = (
        (_("What it is"), ("name", "name_zh", "code", "reward_kind", "campaign", "description", "description_zh")),
        (_("When, and how many"), ("starts_on", "ends_on", "weekdays", "member_limit", "limit_period", "position")),
        (_("Stock and cost"), ("stock", "low_stock", "unit_cost")),
        (_("Handing over"), ("fulfilment", "pay_on", "hold_days")),
    )

    def __init__(self, *args: Any, reward: Reward | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reward = reward
        unique = [one for one in rewards.campaigns() if one.code_kind == CodeKind.UNIQUE]
        fields: dict[str, Any] = self.fields
        fields["campaign"].choices = [("", "–"), *((one.code, str(one)) for one in unique)]
        fields["weekdays"].choices = [(str(number), weekday(number)) for number in range(1, 8)]
        if reward is not None:
            del self.fields["stock"]
            self.initial = _initial(reward)

    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields by heading."""
        return [(head, [self[name] for name in names if name in self.fields]) for head, names in self.PARTS]

    def reward_fields(self, prices: tuple[PriceFields, ...], audience: Any) -> RewardFields:
        """Return what `create_reward` and `change_reward` take. audience: a condition, None for everybody."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("starts_on", "ends_on")}
        given["reward_kind"] = RewardKind(given["reward_kind"])
        given["limit_period"] = LimitPeriod(given["limit_period"])
        given["fulfilment"], given["pay_on"] = FulfilmentKind(given["fulfilment"]), PayOn(given["pay_on"])
        given["weekdays"] = tuple(int(number) for number in given["weekdays"])
        if given["reward_kind"] is not RewardKind.VOUCHER:
            given["campaign"] = ""
        return RewardFields(
            **given,
            prices=prices,
            audience=audience,
            cost_currency=staff.company().currency if given["unit_cost"] is not None else "",
            starts_at=_start(self.cleaned_data["starts_on"]),
            ends_at=_start(self.cleaned_data["ends_on"], days=1),
        )


class PriceForm(forms.Form):
    """What a piece costs under one option, for somebody."""

    points = forms.IntegerField(label=_("Points"), min_value=0, required=False)
    point_currency = forms.ChoiceField(label=pgettext_lazy("points", "Currency"), required=False)
    money_amount = DecimalField(label=_("and money"), max_digits=14, decimal_places=4, min_value=0, required=False)
    whom = forms.ChoiceField(label=_("For whom"), required=False)
    option = forms.SlugField(label=_("Option"), max_length=20, required=False)

    def __init__(
        self, *args: Any, whom: list[tuple[str, Any]], currencies: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["whom"].choices, fields["point_currency"].choices = whom, currencies
        for name, field in fields.items():
            field.widget.attrs["aria-label"] = str(field.label)
            field.widget.attrs["class"] = "form-select" if name in ("whom", "point_currency") else "form-control"

    def price(self, money_currency: str) -> PriceFields | None:
        """Return the price, None for an empty row."""
        given = self.cleaned_data
        points, money = given.get("points"), given.get("money_amount")
        if points is None and money is None:
            return None
        kind, _mark, rest = given["whom"].partition(":")
        programme, _mark, tier = rest.partition(":")
        return PriceFields(
            points=points or 0,
            point_currency=given["point_currency"] if points else "",
            option=given["option"] or ("points" if points and not money else "mixed"),
            money_amount=money or Decimal(0),
            money_currency=money_currency if money else "",
            programme=programme if kind == "tier" else "",
            tier=tier if kind == "tier" else "",
            segment_id=UUID(rest) if kind == "segment" else None,
        )


def price_forms(prices: list[RewardPrice], data: Any = None) -> Any:
    """Return the rows of prices, with some empty ones to add more."""
    known = sorted(ledger.currencies().filter(is_active=True), key=lambda one: (one.unit_kind != "points", one.code))
    currencies = [(one.code, currency_name(one)) for one in known]
    initial = [
        {
            "points": one.points,
            "point_currency": one.point_currency,
            "money_amount": one.money_amount.normalize() if one.money_amount else None,
            "option": one.option,
            "whom": _whom_of(one),
        }
        for one in prices
    ]
    made = forms.formset_factory(PriceForm, extra=SPARE_PRICES if prices else 1 + SPARE_PRICES, max_num=50)
    keywords = {"whom": whom_choices(), "currencies": currencies}
    return made(data, initial=initial, prefix="price", form_kwargs=keywords)


def whom_choices() -> list[tuple[str, Any]]:
    """Return whom a price may be for: everybody, a tier, a segment."""
    found: list[tuple[str, Any]] = [("", _("everybody"))]
    found += [(f"tier:{programme}:{tier}", name) for (programme, tier), name in tier_names().items()]
    published = segments.segments().filter(version_number__gt=0)
    return [*found, *((f"segment:{one.id}", str(one)) for one in published)]


def tier_names() -> dict[tuple[str, str], str]:
    """Return the names of the tiers of every programme's newest version, by programme and tier."""
    found = {}
    for programme in programs.programmes():
        newest = programs.versions(programme.id).first()
        tiers = programs.document_of(newest).tiers if newest is not None else None
        for tier in tiers.ladder if tiers else ():
            found[programme.code, tier.code] = shown(tier.name)
    return found


def _whom_of(price: RewardPrice) -> str:
    if price.segment_id is not None:
        return f"segment:{price.segment_id}"
    return f"tier:{price.programme}:{price.tier}" if price.tier else ""


def _initial(reward: Reward) -> dict[str, Any]:
    last = reward.ends_at - timedelta(microseconds=1) if reward.ends_at else None
    initial = {name: getattr(reward, name) for name in RewardForm.base_fields if hasattr(reward, name)}
    return initial | {
        "campaign": reward.campaign.code if reward.campaign else "",
        "weekdays": [str(number) for number in reward.weekdays],
        "starts_on": timezone.localdate(reward.starts_at) if reward.starts_at else None,
        "ends_on": timezone.localdate(last) if last else None,
    }


def _start(day: date | None, days: int = 0) -> datetime | None:
    """Return the first moment of a day, or of one some days later, in the company's zone."""
    return None if day is None else timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))
