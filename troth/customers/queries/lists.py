"""Lists of customers, filtered by the database."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from ..errors import FilterPersonalError
from ..models import Customer, CustomerTag, Identity, SavedView
from .search import found_ids

PERSONAL_FILTERS = ("city", "gender")


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What a list is narrowed to; empty values narrow nothing. Days are inclusive.

    among: a queryset or list of customer ids from another module, for example those of a segment or a value
    band; sees_personal: whether the one who asks may see personal data. Who may not finds by a whole identity
    and narrows by nothing personal: else one could guess what is masked, sign by sign.
    """

    text: str = ""
    customer_kind: str = ""
    country: str = ""
    city: str = ""
    source: str = ""
    gender: str = ""
    tag_id: int | None = None
    staff_owner_id: UUID | None = None
    joined_from: date | None = None
    joined_to: date | None = None
    has_phone: bool | None = None
    has_email: bool | None = None
    among: Any = None
    codes: tuple[str, ...] = field(default=())
    sees_personal: bool = True

    def used(self) -> list[str]:
        """Return the names of the filters that narrow, for the log: never their values."""
        names = [name for name in self.__slots__ if name not in ("among", "codes", "sees_personal")]
        return [name for name in names if getattr(self, name) not in ("", None)] + list(self.codes)


def customers_matching(narrow: CustomerFilter) -> QuerySet[Customer]:
    """Return the canonical customers that fit, unordered; erased and merged records are left out.

    Raises:
        FilterPersonalError: it narrows by personal data, for somebody who may not see them.
    """
    if not narrow.sees_personal:
        _refuse_personal(narrow)
    found = Customer.objects.filter(canonical_id__isnull=True, erased_at__isnull=True)
    if condition := found_ids(narrow.text, is_exact=not narrow.sees_personal):
        found = found.filter(condition)
    elif narrow.text.strip():
        return found.none()
    plain = ("customer_kind", "country", "city", "source", "gender", "staff_owner_id")
    found = found.filter(**{name: value for name in plain if (value := getattr(narrow, name))})
    if narrow.joined_from:
        found = found.filter(joined_date__gte=narrow.joined_from)
    if narrow.joined_to:
        found = found.filter(joined_date__lte=narrow.joined_to)
    if narrow.tag_id:
        found = found.filter(_tagged(narrow.tag_id))
    for kind, wanted in (("phone", narrow.has_phone), ("email", narrow.has_email)):
        if wanted is not None:
            holds = Exists(Identity.objects.filter(owner_id=OuterRef("id"), identity_kind=kind))
            found = found.filter(holds if wanted else ~holds)
    return found if narrow.among is None else found.filter(id__in=narrow.among)


def _refuse_personal(narrow: CustomerFilter) -> None:
    for name in PERSONAL_FILTERS:
        if getattr(narrow, name):
            raise FilterPersonalError(name)


def _tagged(tag_id: int) -> Q:
    owners = CustomerTag.objects.filter(tag_id=tag_id).values("owner_id")
    merged = Customer.objects.filter(id__in=owners, canonical_id__isnull=False).values("canonical_id")
    return Q(id__in=owners) | Q(id__in=merged)


def saved_views(user_id: UUID) -> QuerySet[SavedView]:
    """Return the views that somebody keeps, oldest first."""
    return SavedView.objects.filter(user_id=user_id).order_by("id")
