"""What a repeat of a known order or return answers: the first result, whatever happened since.

Read back, never reckoned again: awards, reasons and movements from the steps that the first recording wrote; tier,
balances and points paid from what was answered beside them, which each step keeps. An order's first result is that of
its content as it stands: of the order as it came, or of its last correction. What returns undid since is told by the
order's evaluations. Orders that no programme judged have no steps; what paid for them is read from the ledger.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from troth.activity import queries as activity
from troth.programs import queries as programs
from troth.programs.services import Standing

from . import paying, steps
from .answers import BalanceAfter, Brought, PaidFromPool
from .awarding import answer
from .models import Cause, OrderEvaluation
from .postings import Posting

KEPT = "answer"
"""Where a step keeps it, among its figures."""


@dataclass(slots=True)
class First:
    """What recording a document answered, beside the document itself; see `answers.Sold`."""

    brought: tuple[Brought, ...] = ()
    balances: Mapping[str, BalanceAfter] = field(default_factory=dict)
    points_paid: Mapping[str, int] = field(default_factory=dict)
    pools: tuple[PaidFromPool, ...] = ()


def kept(standing: Standing, first: First | None) -> dict[str, Any]:
    """Return what a step keeps of the answer, as plain JSON values. first: once a document, None on its other steps."""
    return {KEPT: _plain(standing, first)}


def _plain(standing: Standing, first: First | None) -> dict[str, Any]:
    found: dict[str, Any] = {"standing": standing.to_json()}
    if first is None:
        return found
    if first.balances:
        found["balances"] = {
            code: [one.balance, one.available, one.arrears] if one.arrears else [one.balance, one.available]
            for code, one in first.balances.items()
        }
    if first.points_paid:
        found["paid"] = dict(first.points_paid)
    if first.pools:
        found["pools"] = [[str(one.household_id), one.currency, one.points, one.available] for one in first.pools]
    return found


def of_orders(order_ids: Collection[UUID]) -> dict[UUID, First]:
    """Return the first result of each order's content as it stands."""
    rows = _rows(order_ids, (Cause.ORDER, Cause.CORRECTION))
    last: dict[tuple[UUID, str], OrderEvaluation] = {(row.order_id, row.programme): row for row in rows}
    found = _first_results(last.values(), lambda row: row.order_id)
    stepless = [order_id for order_id in order_ids if order_id not in found]
    return found | _only_paid({order_id: (order_id, None) for order_id in stepless})


def of_returns(order_ids: Mapping[UUID, UUID]) -> dict[UUID, First]:
    """Return the first result of each return. order_ids: return → the order that it names."""
    rows = [row for row in _rows(set(order_ids.values()), (Cause.RETURN,)) if row.source_id in order_ids]
    found = _first_results(rows, lambda row: row.source_id)
    stepless = {one: (order_id, one) for one, order_id in order_ids.items() if one not in found}
    return found | _only_paid(stepless)


def _rows(order_ids: Collection[UUID], causes: Sequence[Cause]) -> list[OrderEvaluation]:
    """Return the steps of these orders for these causes, as they were written one after the other."""
    owners = set(activity.orders().filter(id__in=order_ids).values_list("owner_id", flat=True))
    wanted = OrderEvaluation.objects.filter(owner_id__in=owners, order_id__in=order_ids, cause__in=causes)
    return list(wanted.order_by("step", "id"))


def _first_results(
    rows: Iterable[OrderEvaluation], document_of: Callable[[OrderEvaluation], UUID]
) -> dict[UUID, First]:
    by_document: dict[UUID, list[OrderEvaluation]] = defaultdict(list)
    for row in rows:
        by_document[document_of(row)].append(row)
    return {document: _first(sorted(some, key=lambda row: row.id)) for document, some in by_document.items()}


def _first(rows: Sequence[OrderEvaluation]) -> First:
    found = First(brought=tuple(map(_brought, rows)))
    for said in (row.figures.get(KEPT, {}) for row in rows):
        if balances := said.get("balances"):
            found.balances = {code: BalanceAfter(*(*some, 0)[:3]) for code, some in balances.items()}
        if paid := said.get("paid"):
            found.points_paid = paid
        if pools := said.get("pools"):
            found.pools = tuple(PaidFromPool(UUID(household), *rest) for household, *rest in pools)
    return found


def _brought(row: OrderEvaluation) -> Brought:
    standing = row.figures.get(KEPT, {}).get("standing")
    return answer(
        programs.version(row.version_id),
        steps.evaluation_of(row),
        tuple(Posting.from_json(one) for one in row.postings),
        None if standing is None else Standing.from_json(standing),
    )


def _only_paid(documents: Mapping[UUID, tuple[UUID, UUID | None]]) -> dict[UUID, First]:
    """Return what points paid for orders without steps. documents: document → order, and return if it is one."""
    wanted = {order_id for order_id, _return_id in documents.values()}
    orders = {row.id: row for row in activity.orders().filter(id__in=wanted)} if wanted else {}
    found: dict[UUID, First] = {}
    for document, (order_id, return_id) in documents.items():
        if (order := orders.get(order_id)) is not None and paying.is_paid(order.tags):
            paid, pools, balances = paying.answer(paying.settled_before(order, return_id))
            found[document] = First((), balances, paid, pools)
    return found
