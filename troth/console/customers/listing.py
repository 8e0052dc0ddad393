"""Pages of the list of customers: narrowed, sorted and cut by the database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.console import formats
from troth.console.components import CursorPage
from troth.customers import queries as customers
from troth.customers.models import Customer, Tag
from troth.insights.models import CustomerScore
from troth.staff import queries as staff

from . import scores
from .filters import CUSTOMER_SORTS, SCORE_SORTS, ListRequest
from .people import Faces

PAGE_SIZE = 50
COUNTED_TO = 100_000
PAGES = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One customer of the list with everything the columns show."""

    customer: Customer
    name: str
    phone: str
    email: str
    score: CustomerScore | None
    tags: list[Tag]
    owner: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of rows, how many there are in all ("100,000+" beyond what is counted), links to others."""

    rows: list[Row]
    total: str
    total_count: int
    links: CursorPage


def default_sort() -> str:
    """Return the order that nobody asked for: the best first, the newest where nothing is measured."""
    return "-revenue" if scores.all_scores().exists() else "-created"


def page_of(asked: ListRequest, actor: Actor, number: int) -> ListPage:
    """Return one page, from 1 on."""
    number = min(max(number, 1), PAGES)
    start = (number - 1) * PAGE_SIZE
    found = customers.customers_matching(asked.narrow)
    rows = _slice(asked, found, start, PAGE_SIZE + 1)
    counted = found.order_by()[: COUNTED_TO + 1].count()
    total = f"{formats.count(COUNTED_TO)}+" if counted > COUNTED_TO else formats.count(counted)
    return ListPage(
        rows=rows_of(rows[:PAGE_SIZE], actor),
        total=total,
        total_count=counted,
        links=_links(asked.query, number, start, len(rows), total),
    )


def ordered(asked: ListRequest, found: QuerySet[Customer]) -> QuerySet[Customer]:
    """Return the customers in the order asked for; who has no score comes last."""
    name = asked.sort.removeprefix("-")
    is_falling = asked.sort.startswith("-")
    if name in CUSTOMER_SORTS:
        key = F(CUSTOMER_SORTS[name])
        return found.order_by(key.desc(nulls_last=True) if is_falling else key.asc(nulls_last=True), "id")
    measured = scores.all_scores().filter(owner_id=OuterRef("id")).values(SCORE_SORTS[name])
    found = found.annotate(sorted_by=Subquery(measured[:1]))
    key = F("sorted_by")
    return found.order_by(key.desc(nulls_last=True) if is_falling else key.asc(nulls_last=True), "-id")


def rows_of(found: Iterable[Customer], actor: Actor) -> list[Row]:
    """Return the rows of some customers, with one query for each kind of thing beside them."""
    people = list(found)
    ids = [customer.id for customer in people]
    faces, measured, tags = Faces(actor, ids), scores.of_many(ids), customers.tags_of_many(ids)
    owners = _owner_names(people)
    return [
        Row(
            customer=customer,
            name=faces.name(customer),
            phone=faces.phone(customer),
            email=faces.email(customer),
            score=measured.get(customer.id),
            tags=tags.get(customer.id, []),
            owner=owners.get(customer.staff_owner_id, "") if customer.staff_owner_id else "",
        )
        for customer in people
    ]


def all_rows(asked: ListRequest, actor: Actor) -> Iterator[Row]:
    """Yield every row of the list, a batch at a time: an export of a million is never in memory."""
    found = ordered(asked, customers.customers_matching(asked.narrow))
    batch: list[Customer] = []
    for customer in found.iterator(chunk_size=1000):
        batch.append(customer)
        if len(batch) == 1000:
            yield from rows_of(batch, actor)
            batch = []
    yield from rows_of(batch, actor)


def _slice(asked: ListRequest, found: QuerySet[Customer], start: int, size: int) -> list[Customer]:
    """Return a piece of the ordered list.

    A list of nearly everybody, sorted by a score, walks the score's index and looks the customers up; sorting
    a million rows for fifty would take seconds. Who has no score follows after the last one.
    """
    name = asked.sort.removeprefix("-")
    if name in CUSTOMER_SORTS or asked.is_selective:
        return list(ordered(asked, found)[start : start + size])
    walk = scores.all_scores().filter(Exists(found.filter(id=OuterRef("owner_id"))))
    key = ("-" if asked.sort.startswith("-") else "") + SCORE_SORTS[name]
    ids = list(walk.order_by(key, "owner_id").values_list("owner_id", flat=True)[start : start + size])
    people = found.in_bulk(ids)
    rows = [people[customer_id] for customer_id in ids if customer_id in people]
    if len(ids) == size:
        return rows
    rest = found.filter(~Exists(scores.all_scores().filter(owner_id=OuterRef("id")))).order_by("-created_at", "id")
    skipped = max(start - walk.count(), 0) if not ids else 0
    return rows + list(rest[skipped : skipped + size - len(rows)])


def _links(query: str, number: int, start: int, found: int, total: str) -> CursorPage:
    base = f"?{query}&" if query else "?"
    shown = min(found, PAGE_SIZE)
    values = {"first": formats.count(start + 1), "last": formats.count(start + shown), "total": total}
    return CursorPage(
        previous_url=f"{base}page={number - 1}" if number > 1 else "",
        next_url=f"{base}page={number + 1}" if found > PAGE_SIZE and number < PAGES else "",
        note=_("%(first)s–%(last)s of %(total)s") % values if shown else "",
    )


def _owner_names(people: list[Customer]) -> dict[UUID, str]:
    wanted = {customer.staff_owner_id for customer in people if customer.staff_owner_id}
    found: dict[UUID, Any] = staff.people().in_bulk(list(wanted)) if wanted else {}
    return {owner_id: member.name for owner_id, member in found.items()}
