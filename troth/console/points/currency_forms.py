"""The forms of a point currency: what it is, when it ends, what happens when points are missing, who may give them."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.console.numbers import DecimalField
from troth.kit.money import minor_unit_places
from troth.ledger.models import ExpiryKind, PointCurrency, Shortfall, TransferRule, UnitKind
from troth.ledger.services import CurrencyRules

EXPIRY = [choice for choice in ExpiryKind.choices if choice[0] != ExpiryKind.FIXED]
AMOUNTS = ("arrears_limit", "adjust_approval_limit", "transfer_minimum", "transfer_day_limit")


class ExpiryForm(forms.Form):
    """When points end."""

    expiry_kind = forms.ChoiceField(label=_("Points end"), choices=EXPIRY, initial=ExpiryKind.DAYS)
    expiry_count = forms.IntegerField(
        label=_("Days, months or years"),
        min_value=0,
        initial=365,
        required=False,
        help_text=_("Not needed for “Never”."),
    )

    def rule(self) -> tuple[str, int]:
        """Return kind and count."""
        kind = self.cleaned_data["expiry_kind"]
        return kind, 0 if kind == ExpiryKind.NEVER else self.cleaned_data["expiry_count"] or 0


class CurrencyForm(ExpiryForm):
    """Rules of a currency, those that may change; limits as people write them, in whole or broken units."""

    name = forms.CharField(label=pgettext_lazy("points", "Name"), max_length=80)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=80, required=False)
    is_active = forms.BooleanField(
        label=_("In use"),
        required=False,
        initial=True,
        help_text=_("Otherwise nobody earns it any more; it can be spent."),
    )
    grace_days = forms.IntegerField(
        label=_("Days of grace"),
        min_value=0,
        max_value=3650,
        initial=0,
        help_text=_("How long points live on that come back after their end, as with a cancelled redemption."),
    )
    shortfall = forms.ChoiceField(label=_("If more is taken back than is there"), choices=Shortfall.choices)
    takes_other_lots = forms.BooleanField(
        label=_("Take it from the member's other points first"), required=False, initial=True
    )
    arrears_limit = DecimalField(
        label=_("Most that may be owed"), min_value=0, required=False, help_text=_("Empty: without limit.")
    )
    adjust_approval_limit = DecimalField(
        label=_("One person adjusts up to"),
        min_value=0,
        required=False,
        help_text=_("Above it a second person approves. Empty: without limit."),
    )
    transfer_rule = forms.ChoiceField(label=_("Who may give points"), choices=TransferRule.choices)
    transfer_minimum = DecimalField(label=_("Least at once"), min_value=0, initial=1)
    transfer_day_limit = DecimalField(
        label=_("Most a member gives in a day"), min_value=0, required=False, help_text=_("Empty: without limit.")
    )

    parts_of = (
        (_("What it is"), ("code", "name", "name_zh", "unit_kind", "money_currency", "decimals", "is_active")),
        (_("When points end"), ("expiry_kind", "expiry_count", "grace_days")),
        (_("When points are missing"), ("shortfall", "takes_other_lots", "arrears_limit")),
        (
            _("Corrections and gifts"),
            ("adjust_approval_limit", "transfer_rule", "transfer_minimum", "transfer_day_limit"),
        ),
    )

    def __init__(self, *args: Any, currency: PointCurrency, **kwargs: Any) -> None:
        if "initial" not in kwargs:
            kwargs["initial"] = _initial(currency) if currency.pk else {}
        super().__init__(*args, **kwargs)
        self.currency = currency

    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the fields by heading."""
        return [(head, [self[name] for name in names if name in self.fields]) for head, names in self.parts_of]

    def changes(self) -> dict[str, Any]:
        """Return the rules by name, amounts in the smallest unit."""
        given = dict(self.cleaned_data)
        places = given.get("decimals", self.currency.decimals) or 0
        for name in AMOUNTS:
            given[name] = None if given[name] is None else int(given[name].scaleb(places))
        given["expiry_kind"], given["expiry_count"] = self.rule()
        return given


class NewCurrencyForm(CurrencyForm):
    """A currency with what cannot change any more once it exists."""

    code = forms.SlugField(
        label=_("Short name for files and the API"), max_length=40, help_text=_("Small letters, digits, hyphens.")
    )
    unit_kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices)
    money_currency = forms.CharField(
        label=_("Currency of the money"), max_length=3, required=False, help_text=_("For cashback only, such as CNY.")
    )
    decimals = forms.IntegerField(label=_("Decimal places"), min_value=0, max_value=4, initial=0)

    def rules(self, time_zone: str) -> tuple[str, CurrencyRules]:
        """Return its code and rules; cashback has the places in which its money is paid."""
        given = self.changes()
        code = given.pop("code")
        return code, CurrencyRules(**given, time_zone=time_zone)

    def clean(self) -> dict[str, Any]:
        """Give cashback the decimal places of its money."""
        given = super().clean() or self.cleaned_data
        money = given["money_currency"] = (given.get("money_currency") or "").upper()
        if given.get("unit_kind") == UnitKind.CASHBACK and len(money) == 3:
            given["decimals"] = minor_unit_places(money)
        return given


def _initial(currency: PointCurrency) -> dict[str, Any]:
    found = {name: getattr(currency, name) for name in CurrencyForm.base_fields}
    for name in AMOUNTS:
        if found[name] is not None:
            found[name] = Decimal(found[name]).scaleb(-currency.decimals)
    return found
