"""Handlers of background work: a module declares its own in `tasks.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from .running import JobContext

Handler = Callable[["JobContext"], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class JobType:
    """A kind of job: "module.verb", label for screens, the function that does it, how often it may be tried."""

    name: str
    label: str | Promise
    run: Handler
    max_attempts: int


_types: dict[str, JobType] = {}


def handler(name: str, *, label: str | Promise, max_attempts: int = 5) -> Callable[[Handler], Handler]:
    """Declare the decorated function as the handler of jobs of this name.

    It must be safe to run again from its checkpoint: `context.save_checkpoint` stands in the transaction of the rows
    it covers.

    Raises:
        ValueError: the name is taken.
    """

    def register(function: Handler) -> Handler:
        if name in _types and _types[name].run is not function:
            raise ValueError(f"job {name!r} is declared twice")
        _types[name] = JobType(name=name, label=label, run=function, max_attempts=max_attempts)
        return function

    return register


def get(name: str) -> JobType:
    """Return the declared job type.

    Raises:
        LookupError: nobody declared the name.
    """
    try:
        return _types[name]
    except KeyError:
        raise LookupError(f"job {name!r} has no handler") from None


def label_of(name: str) -> str:
    """Return the label for screens, or the bare name of a job whose handler is gone."""
    return str(_types[name].label) if name in _types else name
