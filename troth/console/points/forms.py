"""The forms of what people do with points by hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.ledger.models import PointCurrency

from .said import ADJUSTED, TAKEN


def _amount(currency: PointCurrency) -> forms.DecimalField:
    return forms.DecimalField(label=_("How many"), max_digits=15, decimal_places=currency.decimals)


class AmountForm(forms.Form):
    """An amount of points as people write it, in whole or broken units of the currency."""

    def __init__(self, *args: Any, currency: PointCurrency, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}-%s")  # several of them stand on one page
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields = {"amount": _amount(currency), **self.fields}

    def units(self) -> int:
        """Return the amount in the currency's smallest unit."""
        return int(self.cleaned_data["amount"].scaleb(self.currency.decimals))


class AdjustForm(AmountForm):
    """A correction by hand."""

    reason = forms.ChoiceField(label=pgettext_lazy("points", "Why"), choices=list(ADJUSTED.items()))
    note = forms.CharField(
        label=_("In your words"),
        max_length=500,
        required=False,
        help_text=_("Seen by whoever approves it. It is erased with the customer."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = _("With a minus, points are taken away.")


class SpendForm(AmountForm):
    """Points taken without a reward of the catalogue."""

    reason = forms.ChoiceField(label=pgettext_lazy("points", "What for"), choices=list(TAKEN.items()))


class HoldForm(AmountForm):
    """Points set aside for a while."""

    days = forms.IntegerField(label=_("For how many days"), min_value=1, max_value=365, initial=7)
    reason = forms.ChoiceField(label=pgettext_lazy("points", "What for"), choices=list(TAKEN.items()))


class GrantForm(forms.Form):
    """A tier given by hand."""

    tier = forms.ChoiceField(label=_("Tier"))
    until = forms.DateField(
        label=pgettext_lazy("points", "Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    is_match = forms.BooleanField(label=_("To match a status held elsewhere"), required=False)
    note = forms.CharField(label=pgettext_lazy("points", "Why"), max_length=300, required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tier: Any = self.fields["tier"]
        tier.choices = choices
