"""The records the matcher compares, and the columns it compares them by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from troth.value.later import pa

from .addresses import address_forms
from .names import NameForms, fold, name_forms

# Days that forms and tills write when nobody asked.
PLACEHOLDER_BIRTHDAYS = frozenset({"1900-01-01", "1970-01-01", "1901-01-01", "2000-01-01", "1899-12-30"})


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What the matcher may know of one person; empty where unknown.

    phones in E.164 or as written; given and family name where they are known apart.
    """

    id: str
    full_name: str = ""
    family_name: str = ""
    given_name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    birth_date: date | None = None
    address: str = ""


_KINDS = {
    "unique_id": "text",
    "name_full": "text",
    "name_family": "text",
    "name_given": "text",
    "name_latin": "text",
    "name_letters": "text",
    "name_initials": "text",
    "name_parts": "texts",
    "name_is_han": "flag",
    "phones": "texts",
    "phone_first": "text",
    "emails": "texts",
    "email_first": "text",
    "email_locals": "texts",
    "birth_date": "text",
    "birth_year": "text",
    "birth_digits": "text",
    "address_words": "text",
    "address_numbers": "text",
}


def schema() -> pa.Schema:
    """Return the columns of what is compared."""
    types = {"text": pa.string(), "texts": pa.list_(pa.string()), "flag": pa.bool_()}
    return pa.schema([(name, types[kind]) for name, kind in _KINDS.items()])


def comparison_table(records: Iterable[PersonRecord]) -> pa.Table:
    """Return one row a record, in the columns of `schema`; what is unknown is null."""
    return pa.Table.from_pylist([_row(record) for record in records], schema=schema())


def _row(record: PersonRecord) -> dict[str, Any]:
    emails = [email for email in (fold(raw) for raw in record.emails) if "@" in email]
    phones = [tail for tail in (_phone_tail(raw) for raw in record.phones) if tail]
    address = address_forms(record.address)
    name = name_forms(record.full_name, record.family_name, record.given_name)
    return {
        "unique_id": record.id,
        **_name_columns(name),
        "phones": phones or None,
        "phone_first": phones[0] if phones else None,
        "emails": emails or None,
        "email_first": emails[0] if emails else None,
        "email_locals": _telling_locals(emails, name) or None,
        **_birth_columns(record.birth_date),
        "address_words": address.words or None,
        "address_numbers": address.numbers or None,
    }


def _telling_locals(emails: list[str], name: NameForms) -> list[str]:
    """Return the parts before the @ that say more than the name: every namesake tries for "zhangwei"."""
    bare = ("".join(c for c in email.partition("@")[0] if c.isalnum()) for email in emails)
    return [local for local in bare if len(local) >= 5 and "".join(sorted(local)) != name.letters]


def _name_columns(name: NameForms) -> dict[str, Any]:
    return {
        "name_full": name.full or None,
        "name_family": name.family or None,
        "name_given": name.given or None,
        "name_latin": name.latin or None,
        "name_letters": name.letters or None,
        "name_initials": name.initials or None,
        "name_parts": list(name.parts) or None,
        "name_is_han": name.is_han,
    }


def _birth_columns(birth_date: date | None) -> dict[str, Any]:
    iso = birth_date.isoformat() if birth_date else None
    if iso is None or iso in PLACEHOLDER_BIRTHDAYS:
        return {"birth_date": None, "birth_year": None, "birth_digits": None}
    return {"birth_date": iso, "birth_year": iso[:4], "birth_digits": "".join(sorted(iso))}


def _phone_tail(phone: str) -> str:
    """Return the last ten digits: enough to tell people apart, blind to how the country code was written."""
    digits = "".join(c for c in fold(phone) if c.isdigit())
    return digits[-10:] if len(digits) >= 7 else ""
