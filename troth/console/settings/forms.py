"""The form of the company's settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from troth.console.staff.forms import country_choices, locale, zone_choices
from troth.staff.models import Company


class CompanyForm(forms.Form):
    """What the company is called and how it counts."""

    name = forms.CharField(label=_("Company name"), max_length=120)
    country = forms.ChoiceField(
        label=_("Country"),
        help_text=_("Phone numbers without a country code are read as numbers of this country."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Decides to which day an order belongs."))
    currency = forms.ChoiceField(
        label=_("Currency"),
        help_text=_("The currency of new figures. Amounts that are stored are not converted."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("For messages and files; each person chooses the language of the screens."),
    )
    as_of_date = forms.DateField(
        label=_("Day that counts as today"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("For demonstrations on old data. Leave it empty in real life."),
    )

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = locale()
        choices = {
            "country": country_choices(),
            "currency": [(code, f"{code} · {name}") for code, name in sorted(names.currencies.items())],
            "time_zone": zone_choices(),
        }
        for field, offered in choices.items():
            choice = self.fields[field]
            assert isinstance(choice, forms.ChoiceField)
            choice.choices = _with_present(offered, getattr(company, field))
        self.initial = {field: getattr(company, field) for field in self.fields}


def _with_present(offered: list[tuple[str, str]], present: str) -> list[tuple[str, str]]:
    """A value that is stored already stays choosable, even if nobody offers it."""
    return offered if present in dict(offered) else [(present, present), *offered]
