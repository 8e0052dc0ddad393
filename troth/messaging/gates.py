"""The gates that every contact passes: each says pass, delay or stop, with the values it went by.

A module above registers its own at start-up (`register_gate`): open complaints, fresh detractors, control groups.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from .intents import Candidate, Verdict

Explain = Callable[[Verdict], str]
Judge = Callable[[Sequence[Candidate], datetime], Sequence[Verdict]]


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule that a contact must pass.

    code: as verdicts name it; label: for screens; order: where it stands among the others, from 100 on for registered
    ones; judge: returns a verdict for each candidate, in their order, and writes nothing, a delay with its moment;
    explain: a verdict as a sentence of the active language, else screens list its values.
    """

    code: str
    label: str | Promise
    order: int
    judge: Judge
    explain: Explain | None = None


_gates: dict[str, Gate] = {}


def register_gate(gate: Gate) -> None:
    """Add a gate to every decision; registering the same again changes nothing.

    Raises:
        ValueError: another gate has the code.
    """
    if _gates.get(gate.code, gate) != gate:
        raise ValueError(f"a gate of code {gate.code!r} is registered already")
    _gates[gate.code] = gate


def registered() -> list[Gate]:
    """Return the registered gates in their order."""
    return sorted(_gates.values(), key=lambda gate: (gate.order, gate.code))
