"""One movement explained: the rules that fired and those that did not, its credits, and what it was used for."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from troth.activity import queries as activity
from troth.activity.models import Order, OrderLine
from troth.ledger import queries as ledger
from troth.ledger.models import PointCurrency, Transaction
from troth.ledger.queries import Link, LotView
from troth.programs import queries as programs
from troth.programs import words
from troth.programs.naming import shown
from troth.programs.outcomes import RuleOutcome
from troth.sales import queries as sales

from .people import who
from .said import Narrator, Said, rules_of, uuid_of


@dataclass(frozen=True, slots=True)
class LinkView:
    """Points that went between two movements, and the other one in words."""

    transaction_id: UUID
    said: Said
    link: Link
    amount: int


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule of the programme with what it gave to this order, or why it gave nothing."""

    name: str
    text: str
    amount: int
    has_fired: bool
    is_this: bool


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """What one programme made of the order. version: its number."""

    name: str
    version: int
    rules: list[RuleView]


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything about one movement."""

    row: Transaction
    currency: PointCurrency
    said: Said
    moved: int
    who: str
    order: Order | None
    order_lines: list[OrderLine]
    programmes: list[ProgrammeView]
    sources: list[LinkView]
    uses: list[LinkView]
    remaining: int
    gave: bool
    arrears: int
    reversals: list[tuple[Transaction, Said]]


GIVING = {"earn", "transfer_in"}


def explained(customer_id: UUID, transaction_id: UUID, *, may_see_orders: bool) -> Explained:
    """Return everything about one movement.

    Raises:
        TransactionUnknownError: it is none of this customer's.
    """
    found = ledger.explain(customer_id, transaction_id)
    row = found.transaction
    others = [link.other for link in (*found.sources, *found.uses)]
    narrator = Narrator([row, *others, *found.reversals])
    order = narrator.orders.get(uuid_of((row.reason_data or {}).get("order")) or UUID(int=0))
    gave = row.transaction_kind in GIVING or (row.transaction_kind == "adjust" and row.amount > 0)
    return Explained(
        row=row,
        currency=row.currency,
        said=narrator.say(row),
        moved=_moved(row, gave),
        who=who(row.actor),
        order=order if may_see_orders else None,
        order_lines=activity.lines_of([order.id]).get(order.id, []) if order is not None and may_see_orders else [],
        programmes=_programmes(order.id, row) if order is not None else [],
        sources=_links(found.sources, narrator),
        uses=_links(found.uses, narrator),
        remaining=found.remaining,
        gave=gave,
        arrears=found.arrears,
        reversals=[(one, narrator.say(one)) for one in found.reversals],
    )


def _moved(row: Transaction, gave: bool) -> int:
    """Return how the movement changed the balance, as far as one row tells."""
    if row.transaction_kind in ("hold", "release", "activate"):
        return 0
    if row.transaction_kind == "adjust":
        return row.amount
    return row.amount if gave else -row.amount


def _links(links: Sequence[Link], narrator: Narrator) -> list[LinkView]:
    """Return links with the other side in words; several lots of one movement are one line."""
    merged: dict[tuple[UUID, bool], LinkView] = {}
    for link in links:
        key = (link.other.id, link.fills_arrears)
        before = merged[key].amount if key in merged else 0
        merged[key] = LinkView(link.other.id, narrator.say(link.other), link, before + link.amount)
    return [one for one in merged.values() if one.amount]


def _programmes(order_id: UUID, row: Transaction) -> list[ProgrammeView]:
    wanted = str((row.reason_data or {}).get("programme", ""))
    own = rules_of(row.reason_data or {})
    found = []
    for brought in sales.brought_by([order_id]).get(order_id, ()):
        if brought.programme == wanted:
            version = programs.version(brought.version_id)
            document = programs.document_of(programs.version_row(version.programme_id, version.number))
            speaker = words.Speaker(document)
            rules = [_rule(one, speaker, own) for one in brought.outcomes]
            found.append(ProgrammeView(shown(document.name), version.number, sorted(rules, key=_first_fired)))
    return found


def _rule(outcome: RuleOutcome, speaker: words.Speaker, own: Sequence[str]) -> RuleView:
    return RuleView(
        name=speaker.name_of(outcome.rule),
        text=speaker.outcome(outcome),
        amount=outcome.amount,
        has_fired=outcome.has_fired,
        is_this=outcome.rule in own,
    )


def _first_fired(one: RuleView) -> bool:
    return not one.has_fired


def narrator_of_lots(rows: Sequence[LotView]) -> Narrator:
    """Return who says why lots came."""
    return Narrator([_earned(one) for one in rows])


def of_lot(narrator: Narrator, lot: LotView) -> Said:
    """Return why a lot came."""
    return narrator.say(_earned(lot))


def _earned(lot: LotView) -> Transaction:
    """Return as much of the earning transaction as words need."""
    kind = "earn" if rules_of(lot.reason_data or {}) else "adjust"
    return Transaction(transaction_kind=kind, reason=lot.reason, reason_data=lot.reason_data)
