"""What customers are recognised by: unique over all customers, kept with the record that gave it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.staff import queries as staff

from ..errors import IdentityRefusedError, IdentityTakenError
from ..identifying import NewIdentity, normalized
from ..models import Identity, IdentityKind
from .records import canonical_id_of, locked_customer, record_ids


@transaction.atomic
def add_identity(
    *,
    actor: Actor,
    now: datetime,
    customer_id: UUID,
    kind: str,
    value: str,
    source: str = "",
    verified_at: datetime | None = None,
) -> Identity:
    """Let the customer be recognised by one more thing; called again with the same, it returns what is there.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        IdentityRefusedError: the value cannot be of that kind.
        IdentityTakenError: another customer holds it; its id is in the error's fields.
    """
    customer = locked_customer(customer_id)
    [identity] = normalized_all([NewIdentity(kind, value, source)], country=customer.country or company_country())
    existing = _find(identity)
    if existing is not None and existing.owner_id in record_ids(customer.id):
        return existing
    [added] = attach([identity], customer_id=customer.id, now=now, verified_at=verified_at)
    data = {"identity_kind": identity.kind, "source": identity.source}
    events.append("customers.identity.added", actor=actor, now=now, customer_id=customer.id, data=data)
    return added


@transaction.atomic
def remove_identity(*, actor: Actor, now: datetime, customer_id: UUID, identity_id: int) -> None:
    """Stop recognising the customer by this identity; it is free for another one then.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        IdentityRefusedError: the customer does not hold it.
    """
    customer = locked_customer(customer_id)
    identity = Identity.objects.filter(id=identity_id, owner_id__in=record_ids(customer.id)).first()
    if identity is None:
        raise IdentityRefusedError(_("This customer does not hold that identity."), field="identity", value=identity_id)
    identity.delete()
    _keep_one_primary(identity.owner_id, identity.identity_kind)
    data = {"identity_kind": identity.identity_kind, "source": identity.source}
    events.append("customers.identity.removed", actor=actor, now=now, customer_id=customer.id, data=data)


def company_country() -> str:
    """Return the country whose phone numbers are written without a country code."""
    company = staff.company_or_none()
    return company.country if company else "CN"


def normalized_all(identities: Iterable[NewIdentity], *, country: str) -> list[NewIdentity]:
    """Return the identities in stored form, each once.

    Raises:
        IdentityRefusedError: one cannot be of its kind.
    """
    return list(dict.fromkeys(normalized(identity, country=country) for identity in identities))


def taken_by_others(identities: Sequence[NewIdentity], *, customer_id: UUID) -> dict[NewIdentity, UUID]:
    """Return which of the identities another customer holds, and who, as canonical id."""
    held: dict[NewIdentity, UUID] = {}
    for identity in identities:
        existing = _find(identity)
        holder = existing and canonical_id_of(existing.owner_id)
        if holder and holder != customer_id:
            held[identity] = holder
    return held


def attach(
    identities: Sequence[NewIdentity],
    *,
    customer_id: UUID,
    now: datetime,
    verified_at: datetime | None = None,
) -> list[Identity]:
    """Store identities of one record; the first of its kind becomes the primary one.

    Raises:
        IdentityTakenError: another record holds one; nothing was stored.
    """
    with_primary = set(
        Identity.objects.filter(owner_id=customer_id, is_primary=True).values_list("identity_kind", flat=True)
    )
    rows = []
    for identity in identities:
        rows.append(
            Identity(
                owner_id=customer_id,
                identity_kind=identity.kind,
                source=identity.source,
                value=identity.value,
                tail=identity.value[-4:],
                is_primary=identity.kind not in with_primary,
                verified_at=verified_at,
                created_at=now,
            )
        )
        with_primary.add(identity.kind)
    try:
        with transaction.atomic():
            return Identity.objects.bulk_create(rows)
    except IntegrityError as error:
        raise _taken_error(identities, customer_id) from error


def _taken_error(identities: Sequence[NewIdentity], customer_id: UUID) -> IdentityTakenError:
    for identity in identities:
        if (holder := _find(identity)) is not None:
            label = IdentityKind(identity.kind).label
            message = _("%(kind)s %(value)s belongs to another customer. Open that one, or merge the two.")
            return IdentityTakenError(
                message % {"kind": label, "value": identity.value},
                field=identity.kind,
                value=identity.value,
                customer=str(canonical_id_of(holder.owner_id)),
            )
    return IdentityTakenError(_("Another customer was given the same identity at this moment; try again."))


def _find(identity: NewIdentity) -> Identity | None:
    return Identity.objects.filter(identity_kind=identity.kind, source=identity.source, value=identity.value).first()


def _keep_one_primary(owner_id: UUID, kind: str) -> None:
    left = Identity.objects.filter(owner_id=owner_id, identity_kind=kind).order_by("created_at", "id")
    first = left.first()
    if first and not left.filter(is_primary=True).exists():
        first.is_primary = True
        first.save(update_fields=["is_primary"])
