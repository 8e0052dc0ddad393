"""Shared budgets, exact while many draw on them: kept in slices, each locked by one transaction at a time.

A transaction claims everything it needs in one call, keys in order. It takes one free slice that has enough, or, when
none has, all slices of the key in order; so no two transactions wait for each other.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, F, QuerySet, Sum
from django.db.models.functions import Cast

from troth.kit.transactions import joining

from .models import BudgetSlice

SLICES = 8


class BudgetKey(NamedTuple):
    """A shared budget of a programme."""

    programme_id: UUID
    key: str


def left_of(keys: Iterable[BudgetKey]) -> dict[BudgetKey, int]:
    """Return what budgets have left; those nobody has drawn on are not listed."""
    wanted = set(keys)
    if not wanted:
        return {}
    rows = (
        BudgetSlice.objects.filter(
            programme_id__in={one.programme_id for one in wanted}, key__in={one.key for one in wanted}
        )
        .order_by()
        .values_list("programme_id", "key")
        .annotate(left=Cast(Sum(F("size") - F("used")), BigIntegerField()))
    )
    found = {BudgetKey(programme_id, key): int(left) for programme_id, key, left in rows}
    return {one: left for one, left in found.items() if one in wanted}


@joining()
def claim(wanted: Mapping[BudgetKey, int], sizes: Mapping[BudgetKey, int]) -> dict[BudgetKey, int]:
    """Take from budgets in the caller's transaction; return how much of each was to be had.

    wanted: more than 0 each; sizes: how large each budget is by the programme in force, which enlarges (or, as far
    as it is unused, cuts) one that another version had sized.
    """
    granted: dict[BudgetKey, int] = {}
    for one in sorted(wanted, key=lambda key: (str(key.programme_id), key.key)):
        granted[one] = _claim(one, wanted[one], sizes[one])
    return granted


@joining()
def give_back(amounts: Mapping[BudgetKey, int]) -> None:
    """Return what was claimed, amounts above 0; never more than was taken, which a check of the database holds."""
    for one in sorted(amounts, key=lambda key: (str(key.programme_id), key.key)):
        _give_back(one, amounts[one])


def _claim(one: BudgetKey, wanted: int, size: int) -> int:
    free = _slices(one).annotate(left=F("size") - F("used")).filter(left__gte=wanted)
    found = free.select_for_update(skip_locked=True).order_by("number").first()
    if found is not None and _total_size(one) == size:
        BudgetSlice.objects.filter(id=found.id).update(used=F("used") + wanted)
        return wanted
    return _claim_from_all(one, wanted, size)


def _claim_from_all(one: BudgetKey, wanted: int, size: int) -> int:
    slices = _locked(one, size)
    granted = 0
    for found in slices:
        part = min(found.size - found.used, wanted - granted)
        if part > 0:
            found.used += part
            granted += part
    BudgetSlice.objects.bulk_update(slices, ["size", "used"])
    return granted


def _locked(one: BudgetKey, size: int) -> list[BudgetSlice]:
    """Return all slices locked in order, made where missing and of the size wanted."""
    slices = list(_slices(one).select_for_update().order_by("number"))
    if not slices:
        made = [
            BudgetSlice(programme_id=one.programme_id, key=one.key, number=number, size=part)
            for number, part in enumerate(_parts(size))
        ]
        BudgetSlice.objects.bulk_create(made, ignore_conflicts=True)
        slices = list(_slices(one).select_for_update().order_by("number"))
    if sum(found.size for found in slices) != size:
        _resize(slices, size)
    return slices


def _parts(size: int) -> list[int]:
    count = min(SLICES, size)
    return [size // count + (number < size % count) for number in range(count)]


def _resize(slices: list[BudgetSlice], size: int) -> None:
    """Share the new size over the slices: none below what it has given already."""
    spare = max(size - sum(found.used for found in slices), 0)
    for number, found in enumerate(slices):
        found.size = found.used + spare // len(slices) + (number < spare % len(slices))


def _give_back(one: BudgetKey, amount: int) -> None:
    found = _slices(one).filter(used__gte=amount).select_for_update(skip_locked=True).order_by("number").first()
    if found is not None:
        BudgetSlice.objects.filter(id=found.id).update(used=F("used") - amount)
        return
    slices = list(_slices(one).select_for_update().order_by("number"))
    rest = amount
    for slice_ in slices:
        part = min(slice_.used, rest)
        slice_.used -= part
        rest -= part
    if rest:
        raise ValueError(f"budget {one.key}: {rest} more would come back than was ever taken")
    BudgetSlice.objects.bulk_update(slices, ["used"])


def _slices(one: BudgetKey) -> QuerySet[BudgetSlice]:
    return BudgetSlice.objects.filter(programme_id=one.programme_id, key=one.key)


def _total_size(one: BudgetKey) -> int:
    return int(_slices(one).aggregate(size=Cast(Sum("size"), BigIntegerField()))["size"] or 0)
