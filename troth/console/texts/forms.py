"""Forms of templates and channels."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.customers.models import ConsentPurpose
from troth.messaging.channels.setups import SetUp
from troth.messaging.templates.editing import PURPOSES

from .words import PURPOSE_HINTS

_PURPOSES = [(code, ConsentPurpose(code).label) for code in PURPOSES]


class NewTemplateForm(forms.Form):
    """A template's name and purpose."""

    name = forms.CharField(label=pgettext_lazy("template", "Name"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    code = forms.SlugField(
        label=_("Code"), max_length=60, help_text=_("Journeys, surveys and programs name the template by it.")
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=_PURPOSES)


def purposes() -> list[tuple[str, Any, Any]]:
    """Return code, name and hint of each purpose."""
    return [(code, label, PURPOSE_HINTS[code]) for code, label in _PURPOSES]


class ChannelForm(forms.Form):
    """The settings of one channel, made of what it says it needs. A secret that is there is never shown."""

    is_enabled = forms.BooleanField(label=_("In use"), required=False)

    def __init__(self, *args: Any, found: SetUp, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["is_enabled"] = found.is_enabled
        for setting in found.channel.settings:
            choices = setting.choices if setting.default else (("", "–"), *setting.choices)
            field: Any = _field(setting.kind, choices)
            field.label, field.help_text = setting.label, setting.hint
            field.is_needed = setting.is_required  # a channel that is not in use is kept without them, too
            if setting.kind == "secret" and setting.code in found.has_secret:
                field.help_text = _("It is kept encrypted and not shown. Leave it empty to keep it.")
            if setting.code in found.from_environment:
                field.disabled, field.help_text = True, _("It comes from the environment.")
            self.fields[setting.code] = field
            if setting.kind != "secret":
                self.initial[setting.code] = found.values.get(setting.code, "")

    def values(self) -> dict[str, Any]:
        """Return the settings without what the environment gives."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "is_enabled" and not self.fields[name].disabled
        }


def _field(kind: str, choices: Any) -> forms.Field:
    if kind == "secret":
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        return forms.CharField(required=False, max_length=500, widget=widget)
    if kind == "choice":
        return forms.ChoiceField(required=False, choices=choices)
    if kind == "boolean":
        return forms.BooleanField(required=False)
    if kind == "number":
        return forms.IntegerField(required=False, min_value=1, max_value=65_535)
    return forms.CharField(required=False, max_length=500)
