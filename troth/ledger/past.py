"""What was posted before, as far as operations refer to it: to undo, capture, release or activate it."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from .book import AccountState, Book, HoldState, Past, Record
from .models import Allocation, Entry, Hold, HoldLot, Kind, Lot, Purpose, Transaction
from .reading import read_lots


def load_pasts(book: Book, ids: Iterable[UUID]) -> None:
    """Load these transactions with the lots they made or took, and what was undone of them since."""
    accounts = {account.id: account for account in book.accounts.values()}
    found = Transaction.objects.filter(id__among=ids, account_id__among=accounts)
    rows = {row.id: row for row in found}
    book.pasts |= {
        row.id: Past(row.id, accounts[row.account_id], row.transaction_kind, row.amount) for row in rows.values()
    }
    book.keys |= {(row.account_id, row.operation_key): row for row in rows.values()}
    main_of = {row.id: row.id for row in rows.values()}
    for part in Transaction.objects.filter(part_of_id__among=rows):
        if part.part_of_id is not None and part.transaction_kind == rows[part.part_of_id].transaction_kind:
            main_of[part.id] = part.part_of_id
    _load_taken(book, main_of, accounts)
    _load_made(book, accounts, rows)
    _load_reversals(book, main_of)
    _load_holds(book, accounts, rows)


def _load_taken(book: Book, main_of: Mapping[UUID, UUID], accounts: Mapping[UUID, AccountState]) -> None:
    taken = list(
        Allocation.objects.filter(transaction_id__among=main_of, arrears_id=None, amount__gt=0)
        .exclude(lot_id=None)
        .order_by("id")
    )
    read_lots(book, Lot.objects.filter(id__among={row.lot_id for row in taken}), accounts)
    for row in taken:
        if row.lot_id is not None:
            past = book.pasts[main_of[row.transaction_id]]
            past.taken.append((book.lots[row.lot_id], row.amount, row.transaction_id))


def _load_made(book: Book, accounts: Mapping[UUID, AccountState], rows: Mapping[UUID, Transaction]) -> None:
    """Load the lots that earns made, and how much of them expired."""
    lots = read_lots(book, Lot.objects.filter(transaction_id__among=rows), accounts)
    for lot in lots:
        book.pasts[lot.transaction_id].lots.append(lot)
    moved = list(Allocation.objects.filter(lot_id__among={lot.id for lot in lots}, arrears_id=None))
    kinds = _kinds(row.transaction_id for row in moved)
    undone = _kinds(reverses_id for _kind, reverses_id in kinds.values() if reverses_id is not None)
    for row in moved:
        kind, reverses_id = kinds[row.transaction_id]
        is_expiry = kind == Kind.EXPIRE or (reverses_id is not None and undone[reverses_id][0] == Kind.EXPIRE)
        if is_expiry and row.lot_id is not None:
            book.lots[row.lot_id].expired += row.amount


def _kinds(ids: Iterable[UUID]) -> dict[UUID, tuple[str, UUID | None]]:
    found = Transaction.objects.filter(id__among=set(ids)).values_list("id", "transaction_kind", "reverses_id")
    return {transaction_id: (kind, reverses_id) for transaction_id, kind, reverses_id in found}


def _load_reversals(book: Book, main_of: Mapping[UUID, UUID]) -> None:
    """Load how much was undone already, and from which lots."""
    origins: dict[UUID, UUID] = {}
    for row in Transaction.objects.filter(reverses_id__among=main_of):
        if row.reverses_id is not None:
            origins[row.id] = row.reverses_id
            if row.part_of_id is None and row.reverses_id in book.pasts:
                book.pasts[row.reverses_id].reversed_amount += row.amount
    for allocation in Allocation.objects.filter(transaction_id__among=origins, amount__lt=0):
        origin = origins[allocation.transaction_id]
        back = book.pasts[main_of[origin]].given_back
        if allocation.lot_id is not None:
            place = (allocation.lot_id, origin)
            back[place] = back.get(place, 0) - allocation.amount
    gone = Entry.objects.filter(transaction_id__among=origins, purpose=Purpose.EXPIRED)
    for transaction_id, amount in gone.values_list("transaction_id", "amount"):
        book.pasts[main_of[origins[transaction_id]]].expired_before -= amount


def _load_holds(book: Book, accounts: Mapping[UUID, AccountState], rows: Mapping[UUID, Transaction]) -> None:
    holds = list(Hold.objects.filter(id__among=rows))
    aside = list(HoldLot.objects.filter(hold_id__among=[hold.id for hold in holds]).order_by("id"))
    read_lots(book, Lot.objects.filter(id__among=[row.lot_id for row in aside]), accounts)
    for hold in holds:
        book.holds[hold.id] = HoldState(
            id=hold.id,
            account=accounts[hold.account_id],
            amount=hold.amount,
            state=hold.state,
            expires_at=hold.expires_at,
            spender_id=rows[hold.id].spender_id,
            lots=[(book.lots[row.lot_id], row.amount) for row in aside if row.hold_id == hold.id],
        )


def past_of_record(record: Record) -> Past:
    """Return what undoing needs of an operation of this very batch."""
    found = Past(record.id, record.account, record.kind, record.amount, lots=list(record.lots))
    found.taken = [
        (lot, amount, part.id)
        for part, lot, debt, amount in record.in_turn()
        if part.kind == record.kind and lot and not debt and amount > 0
    ]
    return found
