"""Finding customers by a few signs: name in characters, pinyin or letters, phone ending, e-mail, card, id."""

from typing import Any

import phonenumbers
from django.db import connection
from django.db.models import Q, QuerySet

from troth.staff import queries as staff

from ..errors import IdentityRefusedError
from ..identifying import NewIdentity, normalized
from ..matching.names import fold
from ..models import Customer, CustomerKind, Identity, IdentityKind, SearchTerm
from ..search_terms import query_words

MAX_QUERY = 100
LAST_CHARACTER = "\U0010ffff"
TAIL = 4


def find(text: str, *, limit: int, sees_personal: bool = True) -> list[Customer]:
    """Return the customers that a search box finds, exact hits first; an empty text finds nobody.

    sees_personal: see `CustomerFilter`.
    """
    condition = found_ids(text, is_exact=not sees_personal)
    if condition is None:
        return []
    found = Customer.objects.filter(condition, canonical_id__isnull=True, erased_at__isnull=True)
    folded = fold(text)
    hits = list(found.order_by("search_key", "id")[: limit * 3])
    return sorted(hits, key=lambda hit: (fold(hit.name) != folded, not hit.name, hit.search_key))[:limit]


def found_ids(text: str, *, is_exact: bool = False) -> Q | None:
    """Return the condition on canonical customers that a search text means, or None for an empty text.

    Everything is looked up on an index: names by the beginning of a word, numbers whole or by their last
    digits. is_exact: only whole phones, e-mails, cards and ids, and a number's last four digits, which everybody
    sees; names of companies only.
    """
    text = text.strip()[:MAX_QUERY]
    words = query_words(text)
    if not words:
        return None
    named = Q(id__in=_name_owners(words))
    if is_exact:
        here = Q(id__in=_exact_owners(text)) | named & Q(customer_kind=CustomerKind.COMPANY)
    else:
        here = Q(id__in=_identity_owners(text)) | named
    merged = Customer.objects.filter(here, canonical_id__isnull=False).values("canonical_id")
    return here | Q(id__in=merged)


def _name_owners(words: list[str]) -> QuerySet[SearchTerm, Any]:
    """Return who has a word beginning with each of the words, or with all of them written together."""
    together = SearchTerm.objects.filter(_begins("term", "".join(words))).values("owner_id")
    if len(words) == 1:
        return together
    each = SearchTerm.objects.filter(_begins("term", max(words, key=len)))
    for word in words:
        each = each.filter(owner_id__in=SearchTerm.objects.filter(_begins("term", word)).values("owner_id"))
    return each.values("owner_id").union(together)


def _exact_owners(text: str) -> QuerySet[Identity, Any]:
    condition = Q(value=text) | Q(value=fold(text)) | Q(value=text.upper())
    if len(text) == TAIL and text.isdigit():
        condition |= Q(tail=text)
    if phone := _as_phone(text):
        condition |= Q(identity_kind=IdentityKind.PHONE, value=phone)
    return Identity.objects.filter(condition).values("owner_id")


def _identity_owners(text: str) -> QuerySet[Identity, Any]:
    folded = fold(text)
    digits = "".join(character for character in folded if character.isdigit())
    is_number = len(digits) >= TAIL and len(digits) >= len(folded) - 6
    condition = Q(value=text) | Q(value=folded) | Q(value=text.upper())
    if len(text) >= TAIL:
        condition |= _begins("value", folded)
        if folded != text:
            condition |= _begins("value", text)
    if is_number:
        condition |= Q(tail=digits[-TAIL:], value__endswith=digits)
        condition |= Q(identity_kind=IdentityKind.PHONE, value=_as_phone(text))
        condition |= _begins("value", f"+{_calling_code()}{digits.lstrip('0')}")
    return Identity.objects.filter(condition).values("owner_id")


def _calling_code() -> int:
    return int(phonenumbers.country_code_for_region(_company_country()))


def _company_country() -> str:
    company = staff.company_or_none()
    return company.country if company else "CN"


def _as_phone(text: str) -> str:
    try:
        return normalized(NewIdentity(IdentityKind.PHONE, text), country=_company_country()).value
    except IdentityRefusedError:
        return ""


def _begins(field: str, prefix: str) -> Q:
    """Return "begins with" in the form that the database answers from the column's index.

    PostgreSQL has a pattern index beside each text index; SQLite's LIKE uses none, but a range does.
    """
    if connection.vendor == "sqlite":
        return Q(**{f"{field}__gte": prefix, f"{field}__lt": prefix + LAST_CHARACTER})
    return Q(**{f"{field}__startswith": prefix})
