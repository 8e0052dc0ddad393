"""The form of an attribute."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from troth.customers.models import AttributeDefinition, AttributeType

MAX_CHOICES = 200


class AttributeForm(forms.Form):
    """What an attribute is called, what it holds, and who may see it."""

    label = forms.CharField(label=_("Attribute name"), max_length=80)
    label_zh = forms.CharField(label=_("Name in Chinese"), max_length=80, required=False)
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("For imports, the API and figures; it cannot be changed later."),
    )
    attribute_type = forms.ChoiceField(label=_("What it holds"), choices=AttributeType.choices)
    choices = forms.CharField(
        label=_("What may be chosen"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One to a line; only for “One of a list”."),
    )
    unit = forms.CharField(
        label=_("Unit"), max_length=20, required=False, help_text=_("Only for numbers, for example cm.")
    )
    is_personal = forms.BooleanField(
        label=_("Personal data"),
        required=False,
        initial=True,
        help_text=_("Masked for whoever may not see names and phones."),
    )
    is_active = forms.BooleanField(
        label=_("In use"),
        required=False,
        initial=True,
        help_text=_("Out of use, it is no longer shown, imported or offered in conditions; its values stay."),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, definition: AttributeDefinition | None) -> None:
        initial = {}
        if definition:
            named = ("label", "label_zh", "attribute_type", "unit", "is_personal", "is_active")
            initial = {name: getattr(definition, name) for name in named}
            initial["choices"] = "\n".join(definition.choices)
        super().__init__(data, initial=initial)
        if definition:
            del self.fields["code"]

    def clean_choices(self) -> list[str]:
        """Return what may be chosen, each once, in the order given."""
        lines = (line.strip() for line in self.cleaned_data["choices"].splitlines())
        found = list(dict.fromkeys(line for line in lines if line))
        if len(found) > MAX_CHOICES:
            raise forms.ValidationError(_("At most %(limit)s values."), params={"limit": MAX_CHOICES})
        return found

    def fields_given(self) -> dict[str, Any]:
        """Return the fields as the service takes them."""
        return dict(self.cleaned_data)
