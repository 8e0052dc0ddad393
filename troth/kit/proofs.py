"""Claims about stored data that must always hold, how to count what breaks them, and how to name the first that does.

A module lists its own as `PROOFS` in its `proofs.py`; `all_proofs` finds them.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module

from django.apps import apps
from django.db import connection
from django.utils import translation
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule

AT_ONCE = 2
"""How many proofs are examined at a time where the database is a server: a large one keeps one of its cores busy, and
half a gigabyte of its memory."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One claim.

    code: "module.claim"; claim: the sentence that holds; count_violations: how many rows break it; first_violation:
    names the first of them, asked only where there is one.
    """

    code: str
    claim: str | Promise
    count_violations: Callable[[], int]
    first_violation: Callable[[], str] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one proof, and how long it took.

    first: the first broken row, "" where none is broken or its proof cannot name it.
    """

    proof: Proof
    violations: int
    first: str = ""
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Tell whether nothing breaks the claim."""
        return self.violations == 0


def all_proofs() -> list[Proof]:
    """Return the proofs of every module, module by module in the order in which they are installed."""
    found: list[Proof] = []
    for app in apps.get_app_configs():
        if app.name.startswith("troth.") and app.module is not None and module_has_submodule(app.module, "proofs"):
            found += import_module(f"{app.name}.proofs").PROOFS
    return found


def examine(proof: Proof) -> Verdict:
    """Count what breaks the claim, and name the first such row."""
    started = time.perf_counter()
    violations = proof.count_violations()
    first = proof.first_violation() if violations and proof.first_violation is not None else ""
    return Verdict(proof, violations, first, time.perf_counter() - started)


def examine_all(proofs: Sequence[Proof]) -> Iterator[Verdict]:
    """Examine proofs and yield what came of each, in their order.

    On PostgreSQL some at a time, each on a connection of its own; but not where the caller has a transaction, whose
    writing other connections do not see.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield from map(examine, proofs)
        return
    language = translation.get_language()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="proof") as pool:
        yield from pool.map(lambda proof: _examine_apart(proof, language), proofs)


def _examine_apart(proof: Proof, language: str | None) -> Verdict:
    """Examine in a thread of its own; its connection is its own too."""
    try:
        with translation.override(language):
            return examine(proof)
    finally:
        connection.close()
