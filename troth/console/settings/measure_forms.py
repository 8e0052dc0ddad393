"""The form of the measure settings: people write percent, the settings keep shares."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from troth.insights.models import MeasureSettings

HUNDRED = Decimal(100)
BAND_NAMES = ("diamond", "gold", "silver")


class MeasureForm(forms.Form):
    """By which rules customers are measured."""

    margin = forms.DecimalField(
        label=_("Assumed margin, %"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text=_("Profit in a hundred of revenue, used only for order lines whose cost is not known."),
    )
    measure = forms.ChoiceField(
        label=_("Bands are ranked by"), choices=[("revenue", _("Revenue")), ("profit", _("Profit"))]
    )
    by = forms.ChoiceField(
        label=_("Bands begin at"),
        choices=[("share", _("a share of the customers, in %")), ("amount", _("an amount of money"))],
    )
    diamond = forms.DecimalField(label=_("Diamond"), min_value=0, decimal_places=2)
    gold = forms.DecimalField(label=_("Gold"), min_value=0, decimal_places=2)
    silver = forms.DecimalField(
        label=_("Silver"), min_value=0, decimal_places=2, help_text=_("All below silver are ordinary.")
    )
    window_days = forms.IntegerField(
        label=_("Days that count"), min_value=1, help_text=_("Who bought nothing in these days is inactive.")
    )
    new_days = forms.IntegerField(
        label=_("Days that a customer counts as new"), min_value=0, help_text=_("After the first purchase.")
    )
    sleeping_after = forms.DecimalField(
        label=_("Sleeping after so many usual gaps"),
        min_value=0,
        decimal_places=2,
        help_text=_("The usual gap is the customer's own time between purchases."),
    )
    lost_after = forms.DecimalField(label=_("Lost after so many usual gaps"), min_value=0, decimal_places=2)
    floor_days = forms.IntegerField(
        label=_("Never sleeping before so many days"),
        min_value=0,
        help_text=_("So that a week of holiday of a daily customer is not a loss."),
    )

    def parts(self, old: MeasureSettings) -> dict[str, Any]:
        """Return the arguments of `insights.change_settings`; what the form does not show stays as it is."""
        data = self.cleaned_data
        scale = HUNDRED if data["by"] == "share" else Decimal(1)
        bands = {name: str(data[name] / scale) for name in BAND_NAMES}
        bands |= {name: data[name] for name in ("by", "measure", "window_days", "new_days")}
        rhythm = {name: str(data[name]) for name in ("sleeping_after", "lost_after")}
        rhythm |= {"floor_days": data["floor_days"]}
        return {
            "assumed_margin": data["margin"] / HUNDRED,
            "bands": {**old.bands, **bands},
            "rhythm": {**old.rhythm, **rhythm},
        }


def shown(stored: MeasureSettings) -> dict[str, Any]:
    """Return the stored settings as the form shows them."""
    scale = HUNDRED if stored.bands["by"] == "share" else Decimal(1)
    bands = {name: _plain(Decimal(stored.bands[name]) * scale) for name in BAND_NAMES}
    rhythm = {name: _plain(Decimal(stored.rhythm[name])) for name in ("sleeping_after", "lost_after")}
    return {
        **stored.bands,
        **stored.rhythm,
        **bands,
        **rhythm,
        "margin": _plain(stored.assumed_margin * HUNDRED),
    }


def _plain(number: Decimal) -> str:
    """Write 3.0000 as 3 and 2.50 as 2.5."""
    return f"{number.normalize():f}"
