"""Who brought whom, as a tree: the people a customer brought, and those these brought, with what each is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from .models import CustomerOutlook, Introduction

DEPTH = 4
MOST = 60


@dataclass(slots=True)
class Branch:
    """One customer of the tree. made: profit so far, None before the first purchase; credited: influence value;
    referred: how many the customer brought; branches: those shown of them, who brought most first.
    """

    customer_id: UUID
    made: Decimal | None = None
    credited: Decimal | None = None
    referred: int = 0
    branches: list["Branch"] = field(default_factory=list)

    @property
    def shown(self) -> int:
        """Return how many people stand in the tree, this one among them."""
        return 1 + sum(branch.shown for branch in self.branches)


def trees(roots: Sequence[UUID], *, depth: int = DEPTH, most: int = MOST) -> list[Branch]:
    """Return the trees that grow from customers, in the order given; a query or two a level, at most so many people."""
    found = [Branch(root) for root in roots]
    known: dict[UUID, Branch] = {branch.customer_id: branch for branch in found}
    level = list(found)
    for _level in range(depth):
        if not level:
            break
        level = _grown(level, known, most)
    _told(known)
    for branch in known.values():
        branch.branches.sort(key=lambda one: (-(one.credited or 0), -(one.made or 0), one.customer_id))
    return found


def introducers(customer_id: UUID) -> list[UUID]:
    """Return who brought a customer, who brought that one, and so on, the nearest first."""
    found: list[UUID] = []
    at = customer_id
    while by := Introduction.objects.filter(owner_id=at).values_list("introducer_id", flat=True).first():
        if by in found or by == customer_id:
            break  # merged since the analysis into a ring
        found.append(by)
        at = by
    return found


def firsts(customer_ids: Iterable[UUID]) -> list[UUID]:
    """Return with whom the chains of these customers begin, each once, in their order."""
    return list(dict.fromkeys((introducers(one) or [one])[-1] for one in customer_ids))


def has_any(customer_id: UUID) -> bool:
    """Tell whether a customer was brought or brought somebody."""
    both = Introduction.objects.filter(introducer_id=customer_id) | Introduction.objects.filter(owner_id=customer_id)
    return both.exists()


def _grown(level: Sequence[Branch], known: dict[UUID, Branch], most: int) -> list[Branch]:
    by = {branch.customer_id: branch for branch in level}
    rows = Introduction.objects.filter(introducer_id__in=by).order_by("owner_id")
    following: list[Branch] = []
    for owner, introducer in rows.values_list("owner_id", "introducer_id"):
        by[introducer].referred += 1
        if owner in known or len(known) >= most:
            continue
        known[owner] = Branch(owner)
        by[introducer].branches.append(known[owner])
        following.append(known[owner])
    return following


def _told(known: dict[UUID, Branch]) -> None:
    for row in CustomerOutlook.objects.filter(owner_id__in=known):
        branch = known[row.owner_id]
        branch.made, branch.credited = row.made_value, row.influence_value
        branch.referred = row.referred if row.referred is not None else branch.referred
