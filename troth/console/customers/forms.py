"""The forms of a customer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.console import formats
from troth.customers import queries as customers
from troth.customers.models import (
    AttributeDefinition,
    ConsentChannel,
    ConsentPurpose,
    Customer,
    CustomerKind,
    IdentityKind,
)
from troth.customers.queries import AttributeState
from troth.kit import regions
from troth.kit.languages import in_language
from troth.staff import queries as staff

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CustomerForm(forms.Form):
    """Who a customer is and where they live; a new one also by what they are recognised."""

    customer_kind = forms.ChoiceField(label=_("Kind"), choices=CustomerKind.choices)
    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("As it is written: 王小明, Anna Berg.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=200, required=False)
    card = forms.CharField(label=_("Card number"), max_length=60, required=False)
    birth_date = forms.DateField(label=_("Birthday"), required=False, widget=DATE)
    is_lunar_birthday = forms.BooleanField(label=_("Birthday by the lunar calendar"), required=False)
    gender = forms.ChoiceField(
        label=_("Gender"),
        required=False,
        choices=[("", "–"), ("female", _("Female")), ("male", _("Male")), ("other", _("Other"))],
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    region = forms.CharField(label=_("Province or state"), max_length=80, required=False)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    district = forms.CharField(label=_("District"), max_length=80, required=False)
    street = forms.CharField(label=_("Street address"), max_length=200, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", "–"), ("zh-hans", "简体中文"), ("en", "English")]
    )
    joined_date = forms.DateField(label=_("Customer since"), required=False, widget=DATE)
    staff_owner_id = forms.TypedChoiceField(label=_("Our person"), required=False, coerce=UUID, empty_value=None)

    IDENTITIES = ("phone", "email", "card")

    def __init__(self, *args: Any, customer: Customer | None = None, **kwargs: Any) -> None:
        initial = {name: getattr(customer, name) for name in self.base_fields if customer and hasattr(customer, name)}
        super().__init__(*args, **kwargs)
        self.initial = initial | {"staff_owner_id": str(initial.get("staff_owner_id") or "")}
        owner: Any = self.fields["staff_owner_id"]
        owner.choices = [("", "–"), *((str(member.id), member.name) for member in staff.people())]
        country: Any = self.fields["country"]
        country.choices = regions.with_present([("", "–"), *regions.country_choices()], initial.get("country", ""))
        if customer is not None:
            for name in self.IDENTITIES:
                del self.fields[name]
            del self.fields["customer_kind"]
        # In two columns the birthday and its calendar stand beside each other.
        self.order_fields(
            ["customer_kind", "name", "phone", "email", "card", "gender", "birth_date", "is_lunar_birthday"]
        )

    def customer_fields(self) -> dict[str, Any]:
        """Return what `create_customer` and `update_customer` take."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.IDENTITIES}


class IdentityForm(forms.Form):
    """One more thing to recognise a customer by."""

    kind = forms.ChoiceField(label=_("Kind"), choices=IdentityKind.choices)
    value = forms.CharField(label=_("Number, address or id"), max_length=200)
    source = forms.CharField(
        label=_("Issued by"),
        max_length=64,
        required=False,
        help_text=_("For cards and ids: the system they come from."),
    )


CONFIRM = "confirm"


class ConsentForm(forms.Form):
    """One act of consent."""

    purpose = forms.ChoiceField(label=_("For what"), choices=ConsentPurpose.choices)
    channel = forms.ChoiceField(label=_("By which way"), choices=ConsentChannel.choices)
    is_given = forms.ChoiceField(
        label=_("The customer"),
        choices=[
            ("1", _("agrees")),
            ("0", _("refuses or withdraws")),
            (CONFIRM, _("is asked to confirm it by a link")),
        ],
    )
    source = forms.CharField(label=_("Where it was said"), max_length=64)
    proof = forms.CharField(
        label=_("Proof"),
        max_length=300,
        required=False,
        help_text=_("Needed for a yes: the form, the recording, the words agreed to."),
    )


class AttributesForm(forms.Form):
    """The attributes that this company keeps, each by its type."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, customer_id: UUID) -> None:
        held = {state.definition.code: state.value for state in customers.attributes_of(customer_id)}
        super().__init__(data)
        for definition in customers.attribute_definitions():
            self.fields[definition.code] = _attribute_field(definition, held.get(definition.code))


def attribute_label(definition: AttributeDefinition) -> str:
    """Return the attribute's label in the active language, with its unit."""
    label = in_language(definition.label, definition.label_zh)
    return f"{label} ({definition.unit})" if definition.unit else label


def plain(number: Decimal) -> str:
    """Return a number without the noughts at its end: 2.500000 → 2.5, 40.0000 → 40."""
    return f"{number.normalize():f}"


@dataclass(frozen=True, slots=True)
class AttributeText:
    """An attribute as people read it. customer_id: of the customer whom it names."""

    label: str
    text: str
    customer_id: UUID | None = None


def attribute_texts(states: Iterable[AttributeState]) -> list[AttributeText]:
    """Return label and value of each attribute as people read them; an introducer by name."""
    return [_attribute(state) for state in states]


def _attribute(state: AttributeState) -> AttributeText:
    label, text = attribute_label(state.definition), _attribute_text(state.value)
    if state.definition.code == customers.REFERRED_BY:
        known = customers.introducer(text)
        if known is not None:
            return AttributeText(label, customers.customer_names([known])[known], known)
    return AttributeText(label, text)


def _attribute_text(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, Decimal):
        return plain(value)
    return formats.day(value) if isinstance(value, date) else str(value)


def _attribute_field(definition: AttributeDefinition, value: Any) -> forms.Field:
    common: dict[str, Any] = {"label": attribute_label(definition), "required": False, "initial": value}
    match definition.attribute_type:
        case "number":
            if isinstance(value, Decimal):
                common["initial"] = plain(value)
            return forms.DecimalField(**common, max_digits=18, decimal_places=4)
        case "date":
            return forms.DateField(**common, widget=DATE)
        case "boolean":
            answers = [("", "–"), ("yes", _("Yes")), ("no", _("No"))]
            common["initial"] = {True: "yes", False: "no"}.get(value, "")
            return forms.ChoiceField(**common, choices=answers)
        case "choice":
            return forms.ChoiceField(**common, choices=[("", "–"), *((item, item) for item in definition.choices)])
    return forms.CharField(**common, max_length=300)
