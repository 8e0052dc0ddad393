"""The form of the company's settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from troth.console.staff.forms import zone_choices
from troth.kit import clock, regions
from troth.messaging.brand import LOGO_MAX_BYTES, brand
from troth.staff.models import Company
from troth.staff.services import COMPANY_FIELDS


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

    color = forms.CharField(
        label=_("Colour"),
        required=False,
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_("Of what customers see: public pages and e-mails."),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
        help_text=_("PNG, JPEG, WebP or GIF of at most 32 kB, on a clear or white ground."),
    )
    without_logo = forms.BooleanField(label=_("Show the name instead of the logo"), required=False)

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "country": regions.country_choices(),
            "currency": regions.currency_choices(clock.utc_now().date()),
            "time_zone": zone_choices(),
        }
        for field, offered in choices.items():
            choice = self.fields[field]
            assert isinstance(choice, forms.ChoiceField)
            choice.choices = regions.with_present(offered, getattr(company, field))
        look = brand()
        self.initial = {field: getattr(company, field) for field in COMPANY_FIELDS} | {"color": look.color}
        if not look.logo_hash:
            del self.fields["without_logo"]

    def clean_color(self) -> str:
        """Return the colour; left out, it stays as it is."""
        return self.cleaned_data["color"] or str(self.initial["color"])

    def logo_content(self) -> bytes | None:
        """Return the new logo, no bytes to take it away, or None to leave it."""
        if (upload := self.cleaned_data.get("logo")) is not None:
            return bytes(upload.read(LOGO_MAX_BYTES + 1))
        return b"" if self.cleaned_data.get("without_logo") else None

    def company_fields(self) -> dict[str, Any]:
        """Return what the company itself keeps."""
        return {field: value for field, value in self.cleaned_data.items() if field in COMPANY_FIELDS}
