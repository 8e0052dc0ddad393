"""What upper modules add to a merge, an erasure and an export; each registers its step at start-up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor


@dataclass(frozen=True, slots=True)
class MergeStep:
    """What a module does when two records become one customer, in the same transaction.

    merge(canonical, merged, actor, now) returns what undoing needs; unmerge gets exactly that back.
    Rows of the merged record keep their owner: a step links or moves balances, it rewrites nothing.
    """

    name: str
    merge: Callable[[UUID, UUID, Actor, datetime], dict[str, Any]]
    unmerge: Callable[[UUID, UUID, dict[str, Any], Actor, datetime], None]


@dataclass(frozen=True, slots=True)
class ErasureStep:
    """What a module erases of these records, in the same transaction; totals stay, personal fields go."""

    name: str
    erase: Callable[[Sequence[UUID], Actor, datetime], None]


@dataclass(frozen=True, slots=True)
class ExportStep:
    """What a module adds to the data handed to a customer: plain values that JSON can hold."""

    name: str
    export: Callable[[Sequence[UUID]], Any]


@dataclass(frozen=True, slots=True)
class ConsentStep:
    """What a module does at once when a customer gives or withdraws consent, in the same transaction.

    act(records, purpose, channel, is_given, actor, now); purposes: of which consents it wants to be told.
    """

    name: str
    purposes: frozenset[str]
    act: Callable[[Sequence[UUID], str, str, bool, Actor, datetime], None]


_consent_steps: dict[str, ConsentStep] = {}
_merge_steps: dict[str, MergeStep] = {}
_erasure_steps: dict[str, ErasureStep] = {}
_export_steps: dict[str, ExportStep] = {}


def register_merge_step(step: MergeStep) -> None:
    """Add a step to every merge and unmerge; repeating a name replaces nothing.

    Raises:
        ValueError: another step has the name.
    """
    _add(_merge_steps, step.name, step)


def register_erasure_step(step: ErasureStep) -> None:
    """Add a step to every erasure. Raises ValueError like `register_merge_step`."""
    _add(_erasure_steps, step.name, step)


def register_export_step(step: ExportStep) -> None:
    """Add a section to every export. Raises ValueError like `register_merge_step`."""
    _add(_export_steps, step.name, step)


def register_consent_step(step: ConsentStep) -> None:
    """Add a step to every consent given or withdrawn. Raises ValueError like `register_merge_step`."""
    _add(_consent_steps, step.name, step)


def consent_steps(purpose: str) -> list[ConsentStep]:
    """Return the steps that want to be told of a purpose, by name."""
    return [_consent_steps[name] for name in sorted(_consent_steps) if purpose in _consent_steps[name].purposes]


def merge_steps() -> list[MergeStep]:
    """Return the merge steps by name: always the same order, so that locks are taken in one."""
    return [_merge_steps[name] for name in sorted(_merge_steps)]


def merge_step(name: str) -> MergeStep | None:
    """Return the step of this name, or None if its module is gone."""
    return _merge_steps.get(name)


def erasure_steps() -> list[ErasureStep]:
    """Return the erasure steps by name."""
    return [_erasure_steps[name] for name in sorted(_erasure_steps)]


def export_steps() -> list[ExportStep]:
    """Return the export steps by name."""
    return [_export_steps[name] for name in sorted(_export_steps)]


def _add(steps: dict[str, Any], name: str, step: Any) -> None:
    if steps.get(name, step) != step:
        raise ValueError(f"a step named {name!r} is registered already")
    steps[name] = step
