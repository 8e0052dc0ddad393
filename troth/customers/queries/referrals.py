"""Who brought whom: told by the attribute `referred_by`, in any way in which the introducer is recognised."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from troth.staff import queries as staff

from ..identifying import phone_number
from ..models import AttributeDefinition, AttributeType, CustomerAttribute, Identity
from .people import canonical_ids

CODE = "referred_by"
"""The attribute that holds an introducer's phone, e-mail, card, other identity or customer id."""

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Referrals:
    """links: canonical customer → canonical introducer, without rings; told: how many customers have the attribute.

    unknown: introducers whom nobody, or more than one customer, is recognised by; circular: links that would lead back
    to the customer, the later ones of a ring, and those to the customer themselves.
    """

    links: dict[UUID, UUID]
    told: int
    unknown: int
    circular: int


def referrals() -> Referrals | None:
    """Return who brought whom, over merged records; None where the company keeps no such attribute."""
    known = AttributeDefinition.objects.filter(code=CODE, attribute_type=AttributeType.TEXT, is_active=True).first()
    if known is None:
        return None
    rows = CustomerAttribute.objects.filter(definition=known).exclude(text_value__isnull=True).exclude(text_value="")
    told = list(rows.order_by("updated_at", "owner_id").values_list("owner_id", "text_value"))
    found = dict(_introducers({text for _owner, text in told if text}))
    canonical = canonical_ids({owner for owner, _text in told})
    links: dict[UUID, UUID] = {}
    unknown = circular = 0
    for owner, text in told:
        customer, introducer = canonical.get(owner), found.get(text or "")
        if customer is None or customer in links:
            continue  # erased, or told of a merged record already
        if introducer is None:
            unknown += 1
        elif _leads_to(customer, introducer, links):
            circular += 1
        else:
            links[customer] = introducer
    return Referrals(links, len(told), unknown, circular)


def introducer(told: str) -> UUID | None:
    """Return the canonical customer whom a value of the attribute means; None where it means nobody, or several."""
    return dict(_introducers({told})).get(told)


def _introducers(texts: Iterable[str]) -> Iterator[tuple[str, UUID]]:
    """The canonical customer that each text means, where it means one only."""
    company = staff.company_or_none()
    country = company.country if company else "CN"
    every_text = sorted(texts)
    for start in range(0, len(every_text), CHUNK):
        chunk = every_text[start : start + CHUNK]
        forms = {text: _forms(text, country) for text in chunk}
        wanted = {form for every in forms.values() for form in every}
        owners: dict[str, set[UUID]] = {}
        for value, owner in Identity.objects.filter(value__in=wanted).values_list("value", "owner_id"):
            owners.setdefault(value, set()).add(owner)
        ids = {form: UUID(form) for form in wanted if _is_id(form)}
        canonical = canonical_ids({owner for every in owners.values() for owner in every} | set(ids.values()))
        for text, every in forms.items():
            meant = {canonical[owner] for form in every for owner in owners.get(form, ()) if owner in canonical}
            meant |= {canonical[ids[form]] for form in every if form in ids and ids[form] in canonical}
            if len(meant) == 1:
                yield text, meant.pop()


def _forms(text: str, country: str) -> set[str]:
    """How an identity may be stored that people wrote so."""
    bare = text.strip()
    return {bare, bare.lower(), bare.upper(), *filter(None, [phone_number(bare, country=country)])}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _leads_to(customer: UUID, introducer: UUID, links: dict[UUID, UUID]) -> bool:
    at: UUID | None = introducer
    while at is not None:
        if at == customer:
            return True
        at = links.get(at)
    return False
