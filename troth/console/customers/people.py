"""How customers are shown to somebody: names and contacts in full, or masked without the right to them."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import phonenumbers
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console import formats
from troth.customers import queries as customers
from troth.customers.models import Customer, Identity


class Faces:
    """The names and main contacts of a set of customers, as one actor may see them."""

    def __init__(self, actor: Actor, customer_ids: Iterable[UUID]) -> None:
        self.is_open = actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)
        self._contacts = customers.primary_identities(customer_ids, ["phone", "email", "card"])

    def name(self, customer: Customer) -> str:
        """Return the name, the masked name, or what to call a customer without one."""
        return shown_name(customer, self.is_open)

    def phone(self, customer: Customer) -> str:
        """Return the main phone number, grouped for reading, or "" without one."""
        return self._shown(customer, "phone")

    def email(self, customer: Customer) -> str:
        """Return the main e-mail address, or "" without one."""
        return self._shown(customer, "email")

    def contact(self, customer: Customer) -> str:
        """Return the first of phone, e-mail and card that there is."""
        found = (self._shown(customer, kind) for kind in ("phone", "email", "card"))
        return next((value for value in found if value), "")

    def _shown(self, customer: Customer, kind: str) -> str:
        value = self._contacts.get(customer.id, {}).get(kind, "")
        return shown_identity(kind, value, self.is_open) if value else ""


def shown_name(customer: Customer, is_open: bool) -> str:
    """Return how to call a customer on a screen."""
    if customer.erased_at is not None:
        return _("Erased customer")
    if not customer.name:
        return _("Customer without a name")
    return customer.name if is_open or customer.customer_kind == "company" else customers.mask_name(customer.name)


def shown_identity(kind: str, value: str, is_open: bool) -> str:
    """Return an identity for a screen: phones grouped, others as they are, masked where they must be."""
    if not is_open:
        return customers.mask_identity(kind, value)
    return grouped_phone(value) if kind == "phone" else value


def grouped_phone(phone: str) -> str:
    """Return a phone number in the groups of its country: +86 138 1234 5678, +49 1715 512742."""
    if phone.startswith("+86") and len(phone) == 14:
        return f"+86 {phone[3:6]} {phone[6:10]} {phone[10:]}"
    if phone.startswith("+1") and len(phone) == 12:
        return f"+1 {phone[2:5]} {phone[5:8]} {phone[8:]}"
    try:
        return phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return phone


def shown_birthday(day: date | None, is_open: bool) -> str:
    """Return a birthday, or only its decade."""
    if day is None:
        return ""
    return formats.day(day) if is_open else customers.mask_birthday(day)


def shown_address(customer: Customer, is_open: bool) -> str:
    """Return the address in one line, or nothing of it."""
    if not is_open:
        return ""
    parts = [customer.region, customer.city, customer.district, customer.street, customer.postcode]
    filled = [part for part in parts if part]
    return "".join(filled[:4]) if formats.is_chinese() and customer.country == "CN" else ", ".join(filled)


def shown_identities(identities: Iterable[Identity], is_open: bool) -> list[tuple[Identity, str]]:
    """Return identities with the text to show for each."""
    return [(row, shown_identity(row.identity_kind, row.value, is_open)) for row in identities]
