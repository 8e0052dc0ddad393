"""What the caller hears: of an operation just carried out, and of one that was posted before."""

from .book import Record
from .errors import OperationConflictError
from .models import Allocation, Kind, Lot, Transaction
from .operations import LotMove, Outcome, Posted


def posted(record: Record, outcome: Outcome = Outcome.POSTED) -> Posted:
    """Return the answer to an operation of this batch."""
    return Posted(
        key=record.key,
        outcome=outcome,
        transaction_id=record.id,
        amount=record.amount,
        balance=record.balance,
        available=record.available,
        arrears=record.arrears,
        arrears_made=record.arrears_made,
        written_off=record.written_off,
        from_own_lot=record.from_own_lot,
        from_other_lots=record.from_other_lots,
        already_expired=record.already_expired,
        lots=record.moves(),
    )


def repeated(known: Transaction | Record, key: str, fingerprint: str) -> Posted:
    """Return the first result again.

    Raises:
        OperationConflictError: the content is another.
    """
    if known.fingerprint != fingerprint:
        raise OperationConflictError(key)
    if isinstance(known, Record):
        return posted(known, Outcome.REPEATED)
    moves, own, others = _moves(known)
    is_taking_back = known.transaction_kind == Kind.REVERSE and not any(move.amount > 0 for move in moves)
    expired = known.amount - own - others - known.arrears_made - known.written_off if is_taking_back else 0
    return Posted(
        key=key,
        outcome=Outcome.REPEATED,
        transaction_id=known.id,
        amount=known.amount,
        balance=known.balance,
        available=known.available,
        arrears=known.arrears,
        arrears_made=known.arrears_made,
        written_off=known.written_off,
        from_own_lot=own if is_taking_back else 0,
        from_other_lots=others if is_taking_back else 0,
        already_expired=expired,
        lots=moves,
    )


def _moves(known: Transaction) -> tuple[tuple[LotMove, ...], int, int]:
    """Return the moves of lots, and how much of them left the lot of what was reversed, and other lots."""
    parts = Transaction.objects.filter(part_of_id=known.id)
    ids = [known.id, *parts.values_list("id", flat=True)]
    settling = {part.id for part in parts if part.transaction_kind == Kind.SETTLE}
    made = Lot.objects.filter(transaction_id__in=ids).order_by("id").values_list("id", "amount")
    taken = list(Allocation.objects.filter(transaction_id__in=ids, lot_id__isnull=False).order_by("id"))
    origins = dict(Lot.objects.filter(id__in=[row.lot_id for row in taken]).values_list("id", "transaction_id"))
    moves = [LotMove(lot_id, amount) for lot_id, amount in made]
    own = others = 0
    for row in taken:
        if row.lot_id is None:
            continue
        moves.append(LotMove(row.lot_id, -row.amount))
        if row.arrears_id is None and row.transaction_id not in settling:
            if origins[row.lot_id] == known.reverses_id:
                own += row.amount
            else:
                others += row.amount
    return tuple(moves), own, others
