"""Adding and changing customers in sets, the way files bring them; the same rules as `services` one by one.

A customer is found by the first identity of its row, in the order of IDENTITIES. Other identities of the
row are added if they are free; one that another customer holds stays there, and the two are listed as a
suspected duplicate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit.ids import new_id
from troth.value.later import later, pl

from . import bulk_attributes, bulk_consents, search_terms
from .bulk_attributes import SaidAttribute
from .bulk_consents import SaidConsent
from .identifying import NewIdentity, normalized, phone_number
from .models import Customer, CustomerTag, Identity, IdentityKind, SearchTerm, Tag
from .services.duplicates import suggest_duplicate
from .services.people import CustomerFields, apply_fields
from .visible import visible

if TYPE_CHECKING:
    from troth.kit import frames
else:
    frames = later("troth.kit.frames")

IDENTITIES: dict[str, IdentityKind] = {
    "customer_id": IdentityKind.EXTERNAL,
    "card": IdentityKind.CARD,
    "phone": IdentityKind.PHONE,
    "email": IdentityKind.EMAIL,
    "wechat_openid": IdentityKind.WECHAT_OPENID,
}
FIELDS = (
    "customer_kind", "name", "family_name", "given_name", "birth_date", "gender", "country", "region", "city",
    "district", "street", "postcode", "joined_date",
)  # fmt: skip
_UNSOURCED = (IdentityKind.PHONE, IdentityKind.EMAIL)
_LOOKUP_ROWS = 5_000


@dataclass
class Written:
    """What became of a set of rows.

    Args:
        counts: created, changed, unchanged, erased (left alone: the person's data were erased).
        attributes: values of attributes set.
        consents: acts of consent recorded; refused_before: yeses left out, since the customer said no here.
        taken: row number of the frame and column of each identity that another customer holds.
    """

    counts: Counter[str] = field(default_factory=Counter)
    taken: list[tuple[int, str]] = field(default_factory=list)
    consents: int = 0
    attributes: int = 0
    refused_before: int = 0


def resolve(column: str, values: pl.Series, *, source: str) -> pl.DataFrame:
    """Return value and owner_id (text, of the record that holds it) of those values that are known.

    Args:
        column: a key of IDENTITIES.
        values: as they stand in the file; phones in E.164.
    """
    kind = IDENTITIES[column]
    unique = values.drop_nulls().unique(maintain_order=True)
    forms = pl.Series("stored", [_stored(kind, value) for value in unique], dtype=pl.String)
    stored = pl.DataFrame({"value": unique, "stored": forms})
    found = frames.find(
        Identity,
        ("value", "owner_id"),
        among=("value", forms.unique()),
        identity_kind=kind.value,
        source=_source(kind, source),
    )
    return stored.join(found.rename({"value": "stored"}), on="stored", maintain_order="left").drop("stored")


def phone_numbers(texts: pl.Series, *, country: str) -> pl.Series:
    """Return phones in E.164, null where there is none (see `identifying.phone_number`)."""
    numbers = [None if text is None else phone_number(text, country=country) for text in texts]
    return pl.Series(texts.name, numbers, dtype=pl.String)


def canonical(record_ids: Iterable[str]) -> dict[str, str]:
    """Return the record that stands for each of these: itself, unless it was merged."""
    wanted = set(record_ids)
    if not wanted:
        return {}
    merged = frames.find(Customer, ("id", "canonical_id"), among=("id", wanted)).drop_nulls()
    return {record: record for record in wanted} | dict(merged.iter_rows())


@transaction.atomic
def upsert(
    people: pl.DataFrame,
    *,
    source: str,
    import_id: UUID,
    is_made_up: bool,
    actor: Actor,
    now: datetime,
    is_dry_run: bool = False,
) -> Written:
    """Add the customers who are not known and change those who are; empty cells change nothing.

    Args:
        people: one row per customer: columns of IDENTITIES and FIELDS as far as there are any, `tags`
            separated by "|", columns of `bulk_consents.CONSENTS` with "yes" or "no", and such as
            `bulk_attributes` describes.
        source: the system whose customer and card numbers these are.
    """
    writer = _Writer(source, import_id, is_made_up, actor, now)
    writer.read(people)
    if not is_dry_run:
        writer.write()
    return writer.written


class _Writer:
    """One set of rows on its way in."""

    def __init__(self, source: str, import_id: UUID, is_made_up: bool, actor: Actor, now: datetime) -> None:
        self.written = Written()
        self._source = source
        self._import_id = import_id
        self._is_made_up = is_made_up
        self._actor = actor
        self._now = now
        self._new: list[Customer] = []
        self._changed: list[tuple[Customer, list[str]]] = []
        self._identities: list[Identity] = []
        self._suspicions: list[tuple[UUID, UUID, str]] = []
        self._tags: list[tuple[UUID, str]] = []
        self._consents: list[SaidConsent] = []
        self._attributes: list[SaidAttribute] = []

    def read(self, people: pl.DataFrame) -> None:
        """Decide what happens to each row; nothing is written yet."""
        columns = [column for column in IDENTITIES if column in people.columns]
        consents = [column for column in bulk_consents.CONSENTS if column in people.columns]
        attributes = bulk_attributes.columns_of(people.columns)
        holders = self._holders(people, columns)
        known = self._known(holders.values())
        claimed: dict[tuple[str, str], UUID] = {}
        for number, row in enumerate(people.iter_rows(named=True)):
            identities = self._identities_of(row, columns)
            customer, is_new = self._customer(identities, holders, known, claimed)
            if customer.erased_at is not None:
                self.written.counts["erased"] += 1
                continue
            changed = self._fill(customer, row)
            added = self._claim(number, customer, identities, holders, claimed)
            tags = [tag for tag in (row.get("tags") or "").split("|") if tag]
            self._tags += [(customer.id, tag) for tag in tags]
            self._consents += [
                SaidConsent(customer.id, column, row[column] == "yes") for column in consents if row[column]
            ]
            self._attributes += bulk_attributes.said(customer.id, row, attributes)
            if is_new:
                self._new.append(customer)
                self.written.counts["created"] += 1
            elif changed or added:
                self._changed.append((customer, changed))
                self.written.counts["changed"] += 1
            else:
                self.written.counts["unchanged"] += 1
        self._consents, self.written.refused_before = bulk_consents.settle(self._consents)
        self.written.consents = len(self._consents)
        self._attributes = bulk_attributes.settle(self._attributes)
        self.written.attributes = len(self._attributes)

    def _holders(self, people: pl.DataFrame, columns: list[str]) -> dict[tuple[str, str], UUID]:
        """Return (column, stored value) -> canonical id of who holds it."""
        found = {
            (column, _stored(IDENTITIES[column], value)): owner
            for column in columns
            for value, owner in resolve(column, people[column], source=self._source).iter_rows()
        }
        targets = canonical(found.values())
        return {key: UUID(targets[owner]) for key, owner in found.items()}

    def _known(self, customer_ids: Iterable[UUID]) -> dict[UUID, Customer]:
        known: dict[UUID, Customer] = {}
        for some in _parts(sorted({str(customer_id) for customer_id in customer_ids})):
            locked = Customer.objects.select_for_update().filter(id__in=some).order_by("id")
            known |= {customer.id: customer for customer in locked}
        return known

    def _identities_of(self, row: dict[str, Any], columns: list[str]) -> list[tuple[str, str]]:
        return [(column, _stored(IDENTITIES[column], row[column])) for column in columns if row[column]]

    def _customer(
        self,
        identities: list[tuple[str, str]],
        holders: dict[tuple[str, str], UUID],
        known: dict[UUID, Customer],
        claimed: dict[tuple[str, str], UUID],
    ) -> tuple[Customer, bool]:
        """Return the customer that the row's first identity names, a new one if nobody holds it."""
        holder = holders.get(identities[0])
        if holder is not None:
            return known[holder], False
        customer = Customer(
            id=new_id(),
            source=self._source,
            is_made_up=self._is_made_up,
            created_at=self._now,
            updated_at=self._now,
        )
        return customer, True

    def _fill(self, customer: Customer, row: dict[str, Any]) -> list[str]:
        """Take over the filled cells; return the names of the fields that changed."""
        said = {name: row[name] for name in FIELDS if row.get(name) not in (None, "")}
        shown: dict[str, Any] = {
            name: visible(said[name]) if isinstance(said[name], str) else said[name] for name in said
        }
        given = {name: value for name, value in shown.items() if value != ""}
        fields = CustomerFields(**given)  # type: ignore[typeddict-item]  # names are those of FIELDS
        before = {name: getattr(customer, name) for name in FIELDS}
        if any(before[name] != value for name, value in given.items()):
            apply_fields(customer, fields)
        return sorted(name for name in FIELDS if getattr(customer, name) != before[name])

    def _claim(
        self,
        number: int,
        customer: Customer,
        identities: list[tuple[str, str]],
        holders: dict[tuple[str, str], UUID],
        claimed: dict[tuple[str, str], UUID],
    ) -> bool:
        """Give the customer those of the identities that are free; tell whether there were any."""
        added = False
        for column, value in identities:
            holder = holders.get((column, value)) or claimed.get((column, value))
            if holder is None:
                claimed[column, value] = customer.id
                self._identities.append(self._identity(customer.id, column, value))
                added = True
            elif holder != customer.id:
                self.written.taken.append((number, column))
                self._suspicions.append((customer.id, holder, IDENTITIES[column]))
        return added

    def _identity(self, owner_id: UUID, column: str, value: str) -> Identity:
        kind = IDENTITIES[column]
        return Identity(
            owner_id=owner_id,
            identity_kind=kind,
            source=_source(kind, self._source),
            value=value,
            tail=value[-4:],
            created_at=self._now,
        )

    def write(self) -> None:
        """Write what `read` decided."""
        frames.insert(Customer, _customer_rows(self._new))
        self._write_identities()
        self._write_changes()
        self._write_terms()
        self._write_tags()
        bulk_consents.write(
            self._consents, source=self._source, import_id=self._import_id, actor=self._actor, now=self._now
        )
        new = frozenset(customer.id for customer in self._new)
        bulk_attributes.write(self._attributes, actor=self._actor, now=self._now, new=new)
        happened = pl.DataFrame({"customer_id": [str(customer.id) for customer in self._new]}).select(
            pl.col("customer_id").cast(pl.String),
            pl.lit(self._now).dt.convert_time_zone("UTC").alias("occurred_at"),
            pl.lit(str(self._import_id)).alias("import"),
        )
        events.append_frame(happened, name="customers.customer.imported", actor=self._actor, now=self._now)
        for one, other, kind in self._suspicions:
            suggest_duplicate(one, other, identity_kind=kind, now=self._now)

    def _write_identities(self) -> None:
        owners = {identity.owner_id for identity in self._identities}
        changed = {customer.id for customer, _fields in self._changed}
        held: set[tuple[UUID, str]] = set()
        for some in _parts(sorted(str(owner) for owner in owners & changed)):
            primary = Identity.objects.filter(owner_id__in=some, is_primary=True)
            held |= set(primary.values_list("owner_id", "identity_kind"))
        for identity in self._identities:
            identity.is_primary = (identity.owner_id, identity.identity_kind) not in held
            held.add((identity.owner_id, identity.identity_kind))
        frames.insert(Identity, _identity_rows(self._identities))
        for identity in self._identities:
            if identity.owner_id in changed:
                data = {"identity_kind": identity.identity_kind, "source": identity.source}
                events.append(
                    "customers.identity.added",
                    actor=self._actor,
                    now=self._now,
                    customer_id=identity.owner_id,
                    data=data,
                )

    def _write_changes(self) -> None:
        changed = [(customer, names) for customer, names in self._changed if names]
        for customer, _names in changed:
            customer.revision += 1
            customer.updated_at = self._now
        columns = [*FIELDS, "search_key", "revision", "updated_at"]
        Customer.objects.bulk_update([customer for customer, _names in changed], columns, batch_size=500)
        updates = [
            events.NewEvent("customers.customer.updated", customer.id, {"fields": names}) for customer, names in changed
        ]
        events.append_many(updates, actor=self._actor, now=self._now)

    def _write_terms(self) -> None:
        renamed = [customer for customer, names in self._changed if set(names) & _NAME_FIELDS]
        search_terms.remove([customer.id for customer in renamed])
        terms = [
            (str(customer.id), term)
            for customer in (*self._new, *renamed)
            for term in sorted(search_terms.terms_of(customer))
        ]
        schema = {"owner_id": pl.String, "term": pl.String}
        frames.insert(SearchTerm, pl.DataFrame(terms, schema=schema, orient="row"))

    def _write_tags(self) -> None:
        if not self._tags:
            return
        names = sorted({name for _customer_id, name in self._tags})
        Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
        ids = dict(Tag.objects.filter(name__in=names).values_list("name", "id"))
        new = {customer.id for customer in self._new}
        wanted = {(owner, ids[name]) for owner, name in self._tags}
        there: set[tuple[UUID, int]] = set()
        for some in _parts(sorted({str(owner) for owner, _name in self._tags if owner not in new})):
            held = CustomerTag.objects.filter(owner_id__in=some)
            there |= set(held.values_list("owner_id", "tag_id"))
        added = sorted(wanted - there)
        rows = [CustomerTag(owner_id=owner, tag_id=tag, created_at=self._now) for owner, tag in added]
        CustomerTag.objects.bulk_create(rows, batch_size=1000)
        tagged = [
            events.NewEvent("customers.tag.added", owner, {"tag": tag}) for owner, tag in added if owner not in new
        ]
        events.append_many(tagged, actor=self._actor, now=self._now)


_NAME_FIELDS = {"name", "family_name", "given_name", "customer_kind"}
_STRINGS = ("id", "search_key", "language", "time_zone", "source")


def _customer_rows(customers: list[Customer]) -> pl.DataFrame:
    schema: dict[str, Any] = {
        **dict.fromkeys((*_STRINGS, *FIELDS), pl.String),
        "birth_date": pl.Date,
        "joined_date": pl.Date,
        "is_lunar_birthday": pl.Boolean,
        "is_made_up": pl.Boolean,
        "created_at": pl.Datetime("us", "UTC"),
        "updated_at": pl.Datetime("us", "UTC"),
        "revision": pl.Int64,
    }
    rows = [
        tuple(str(customer.id) if name == "id" else getattr(customer, name) for name in schema)
        for customer in customers
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _identity_rows(identities: list[Identity]) -> pl.DataFrame:
    schema: dict[str, Any] = {
        **dict.fromkeys(("owner_id", "identity_kind", "source", "value", "tail"), pl.String),
        "is_primary": pl.Boolean,
        "created_at": pl.Datetime("us", "UTC"),
    }
    rows = [
        (
            str(identity.owner_id),
            str(identity.identity_kind),
            identity.source,
            identity.value,
            identity.tail,
            identity.is_primary,
            identity.created_at,
        )
        for identity in identities
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


@lru_cache(maxsize=65_536)  # the same customers come again and again
def _stored(kind: IdentityKind, value: str) -> str:
    """Return the form in which `identifying` keeps a value; phones and e-mails have it already."""
    if kind in _UNSOURCED:
        return value
    return normalized(NewIdentity(kind, value), country="").value


def _source(kind: IdentityKind, source: str) -> str:
    return "" if kind in _UNSOURCED else source


def _parts(values: Iterable[str]) -> Iterator[list[str]]:
    """A statement has room for so many values only."""
    listed = list(values)
    for start in range(0, len(listed), _LOOKUP_ROWS):
        yield listed[start : start + _LOOKUP_ROWS]
