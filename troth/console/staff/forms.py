"""Forms of logins, people and stores. They check shape; the services decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from troth.access import queries as access
from troth.access.models import User
from troth.access.permissions import Role
from troth.kit import clock
from troth.staff import queries as staff
from troth.staff.models import StaffMember, Store


def zone_choices() -> list[tuple[str, str]]:
    """Return the time zones of the world's cities, by name."""
    return [
        (zone, zone.replace("_", " "))
        for zone in sorted(clock.time_zones())
        if "/" in zone and not zone.startswith("Etc/")
    ]


class InviteForm(forms.Form):
    """Somebody new who may sign in."""

    email = forms.EmailField(label=_("E-mail"))
    name = forms.CharField(label=_("Name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.AGENT)


class RoleForm(forms.Form):
    """Another role for a login."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class NewCodeMixin(forms.Form):
    """Keeps a new record from overwriting another one of the same code, which the services would take as a
    change.
    """

    is_new = True

    def is_taken(self, code: str) -> bool:
        """Tell whether a record has the code already."""
        raise NotImplementedError

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if self.is_new and self.is_taken(code):
            raise forms.ValidationError(_("The code “%(code)s” is taken."), params={"code": code})
        return code


class StoreForm(NewCodeMixin):
    """A place that sells."""

    code = forms.SlugField(
        label=_("Code"),
        max_length=64,
        help_text=_("As it stands in your order files; it cannot be changed later."),
    )
    name = forms.CharField(label=_("Store name"), max_length=120)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, help_text=_("Only if it differs from the company's.")
    )
    is_active = forms.BooleanField(label=_("Trading"), required=False, initial=True)

    def __init__(self, *args: Any, store: Store | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = self.fields["time_zone"]
        assert isinstance(zones, forms.ChoiceField)
        zones.choices = [("", _("As the company")), *zone_choices()]
        if store is not None:
            self.is_new = False
            self.fields["code"].disabled = True
            self.initial = {name: getattr(store, name) for name in self.fields}

    def is_taken(self, code: str) -> bool:
        return staff.stores().filter(code=code).exists()


class PersonForm(NewCodeMixin):
    """A member of staff."""

    code = forms.CharField(
        label=_("Staff number"),
        max_length=64,
        help_text=_("As it stands in your order files; it cannot be changed later."),
    )
    name = forms.CharField(label=_("Name"), max_length=150)
    job_title = forms.CharField(label=_("Position"), max_length=80, required=False)
    store: "forms.ModelChoiceField[Store]" = forms.ModelChoiceField(
        label=_("Store"), queryset=None, required=False, to_field_name="code"
    )
    user: "forms.ModelChoiceField[User]" = forms.ModelChoiceField(
        label=_("Login"),
        queryset=None,
        required=False,
        help_text=_("If this person signs in here."),
    )
    left_date = forms.DateField(
        label=_("Left on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, person: StaffMember | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("store", staff.stores()), ("user", access.users())):
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = rows
        if person is not None:
            self.is_new = False
            self.fields["code"].disabled = True
            self.initial = {name: getattr(person, name) for name in self.fields}
            self.initial["store"] = person.store.code if person.store else None

    def is_taken(self, code: str) -> bool:
        return staff.people().filter(code=code).exists()
