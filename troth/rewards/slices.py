"""Counters in slices: exact for any number of askers, without one row that all of them wait for.

Taking first looks at slices that nobody holds. Only if those do not suffice, it lets go of them (by a savepoint) and
waits for all, in their order: so nobody is told "none left" because of a transaction that then fails. Callers take from
several counters in the order of their ids. So no two transactions wait for each other.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet, Sum

from .models import Slice, SliceKind

SLICES = 16


@dataclass(frozen=True, slots=True)
class Range:
    """Consecutive pieces of one slice. first: number of the first, where the counter numbers them."""

    slice_no: int
    first: int
    count: int


class _ScarceError(Exception):
    """The slices that nobody holds do not suffice."""


class Pool:
    """Pieces taken ahead, used from the front; what is left is the end of each range, and can go back."""

    def __init__(self, ranges: Sequence[Range]) -> None:
        self._ranges = list(ranges)[::-1]

    def pop(self) -> int | None:
        """Return the number of the next piece, None if there is none left."""
        if not self._ranges:
            return None
        last = self._ranges.pop()
        if last.count > 1:
            self._ranges.append(Range(last.slice_no, last.first + 1, last.count - 1))
        return last.first

    def count(self) -> int:
        """Return how many there are."""
        return sum(part.count for part in self._ranges)

    def left(self) -> list[Range]:
        """Return what was not used."""
        return self._ranges


def open_counter(counter_id: UUID, kind: SliceKind, size: int, *, slices: int = SLICES) -> None:
    """Make a counter that may give `size` pieces, numbered from 0."""
    share, rest = divmod(size, slices)
    first, rows = 0, []
    for slice_no in range(slices):
        own = share + (slice_no < rest)
        rows.append(Slice(counter_id=counter_id, slice_kind=kind, slice_no=slice_no, first=first, size=own))
        first += own
    Slice.objects.bulk_create(rows)


def take(counter_id: UUID, kind: SliceKind, count: int) -> list[Range]:
    """Take up to `count` pieces and return what there was: all of it, or the last ones, or nothing."""
    if count <= 0:
        return []
    if connection.vendor == "postgresql":
        try:
            with transaction.atomic():
                return _take_from(_free(counter_id, kind), count, is_all=True)
        except _ScarceError:
            pass
    rows = list(_slices(counter_id, kind).order_by("slice_no").select_for_update())
    return _take_from(rows, count, is_all=False)


def hold(counter_id: UUID, kind: SliceKind) -> None:
    """Wait for all slices, in their order, and hold them: whoever restores later in the transaction does so first."""
    list(_slices(counter_id, kind).order_by("slice_no").select_for_update())


def give_back(counter_id: UUID, kind: SliceKind, ranges: Iterable[Range]) -> None:
    """Put pieces back that this transaction took, into the slices they came from."""
    for taken in ranges:
        _slices(counter_id, kind).filter(slice_no=taken.slice_no).update(taken=F("taken") - taken.count)


def settle(kind: SliceKind, pools: Mapping[UUID, Pool]) -> None:
    """Put back what of the pieces taken ahead was not used, by counter."""
    for counter_id, pool in pools.items():
        give_back(counter_id, kind, pool.left())


def restore(counter_id: UUID, kind: SliceKind, count: int) -> int:
    """Put pieces back that an earlier transaction took, into any slices, and return how many found room.

    Only for counters whose pieces have no numbers.
    """
    left = count
    for row in _slices(counter_id, kind).order_by("slice_no").select_for_update():
        room = min(left, row.taken)
        if room:
            _slices(counter_id, kind).filter(id=row.id).update(taken=F("taken") - room)
            left -= room
    return count - left


def resize(counter_id: UUID, kind: SliceKind, change: int) -> int:
    """Add pieces to a counter without numbers, or take free ones away, and return by how many its size changed."""
    rows = list(_slices(counter_id, kind).order_by("slice_no").select_for_update())
    if change >= 0:
        for row in rows:
            row.size += change // len(rows) + (row.slice_no < change % len(rows))
        Slice.objects.bulk_update(rows, ["size"])
        return change
    left = -change
    for row in rows:
        gone = min(left, row.size - row.taken)
        row.size -= gone
        left -= gone
    Slice.objects.bulk_update(rows, ["size"])
    return change + left


def extend(counter_id: UUID, kind: SliceKind, more: int) -> None:
    """Add `more` pieces, numbered on from the last, as further slices."""
    rows = list(_slices(counter_id, kind).order_by("slice_no").select_for_update())
    end = max(row.first + row.size for row in rows)
    number = rows[-1].slice_no + 1
    share, rest = divmod(more, SLICES)
    added = []
    for index in range(SLICES):
        own = share + (index < rest)
        added.append(
            Slice(counter_id=counter_id, slice_kind=kind, slice_no=number + index, first=end, size=own),
        )
        end += own
    Slice.objects.bulk_create(added)


def sizes(counter_ids: Iterable[UUID], kind: SliceKind) -> dict[UUID, tuple[int, int]]:
    """Return size and taken of each counter that exists."""
    rows = Slice.objects.filter(counter_id__in=list(counter_ids), slice_kind=kind).order_by()
    sums = rows.values("counter_id").annotate(whole=Sum("size"), gone=Sum("taken"))
    return {row["counter_id"]: (row["whole"], row["gone"]) for row in sums}


def _slices(counter_id: UUID, kind: SliceKind) -> QuerySet[Slice]:
    return Slice.objects.filter(counter_id=counter_id, slice_kind=kind)


def _free(counter_id: UUID, kind: SliceKind) -> Iterable[Slice]:
    """Yield slices with something left that nobody holds, one by one, beginning anywhere; each is held from then on."""
    start = random.randrange(SLICES)  # noqa: S311  spreads load, guards nothing
    left = _slices(counter_id, kind).filter(taken__lt=F("size")).select_for_update(skip_locked=True)
    for part in (left.filter(slice_no__gte=start), left.filter(slice_no__lt=start)):
        while True:
            row = part.order_by("slice_no").first()
            if row is None:
                break
            yield row


def _take_from(rows: Iterable[Slice], count: int, *, is_all: bool) -> list[Range]:
    """Take from the rows, which this transaction holds.

    Raises:
        _ScarceError: all were wanted and there are not as many; the caller rolls back.
    """
    ranges = []
    for row in rows:
        own = min(count, row.size - row.taken)
        if own:
            Slice.objects.filter(id=row.id).update(taken=F("taken") + own)
            ranges.append(Range(row.slice_no, row.first + row.taken, own))
            count -= own
        if not count:
            return ranges
    if is_all:
        raise _ScarceError
    return ranges
