"""Claims about stored data that must always hold, how to count what breaks them, and how to name the first that does.

A module lists its own as `PROOFS` in its `proofs.py`; `all_proofs` finds them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from django.apps import apps
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule


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
    """What came of one proof. first: the first broken row, "" where none is broken or its proof cannot name it."""

    proof: Proof
    violations: int
    first: str = ""

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
    violations = proof.count_violations()
    first = proof.first_violation() if violations and proof.first_violation is not None else ""
    return Verdict(proof, violations, first)
