"""Handlers of background work: a module declares its own in `tasks.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from .lanes import Lane

if TYPE_CHECKING:
    from .running import JobContext

Handler = Callable[["JobContext"], dict[str, Any] | None]
ResultText = Callable[[Mapping[str, Any]], Sequence[str]]
NoteText = Callable[[str], str]


def _as_stored(note: str) -> str:
    return note


@dataclass(frozen=True, slots=True)
class JobType:
    """A kind of job: "module.verb", label for screens, the function that does it, how often it may be tried.

    result_text: what came out, in sentences of the active language, from the handler's result.
    note_text: what is being done, in the active language, from the note that the handler stored.
    is_counted: whether the progress counts things that tell people something, rather than parts of a whole.
    lane: `PROMPT` for what ticks every few minutes or is waited for, and is over in seconds or gives way.
    """

    name: str
    label: str | Promise
    run: Handler
    max_attempts: int
    result_text: ResultText | None = None
    note_text: NoteText = _as_stored
    is_counted: bool = True
    lane: Lane = Lane.LONG


_types: dict[str, JobType] = {}


def handler(
    name: str,
    *,
    label: str | Promise,
    max_attempts: int = 5,
    result_text: ResultText | None = None,
    note_text: NoteText = _as_stored,
    is_counted: bool = True,
    lane: Lane = Lane.LONG,
) -> Callable[[Handler], Handler]:
    """Declare the decorated function as the handler of jobs of this name; `JobType` explains the wording.

    It must be safe to run again from its checkpoint: `context.save_checkpoint` stands in the transaction of the rows
    it covers.

    Raises:
        ValueError: the name is taken.
    """

    def register(function: Handler) -> Handler:
        if name in _types and _types[name].run is not function:
            raise ValueError(f"job {name!r} is declared twice")
        _types[name] = JobType(name, label, function, max_attempts, result_text, note_text, is_counted, lane)
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


def all_types() -> list[JobType]:
    """Return every declared job type, by name."""
    return [_types[name] for name in sorted(_types)]


def result_of(name: str, result: Mapping[str, Any]) -> Sequence[str]:
    """Return in sentences what came out of a job; nothing if the job is not over or its handler is gone."""
    tell = _types[name].result_text if name in _types else None
    return tell(result) if tell and result else ()


def note_of(name: str, note: str) -> str:
    """Return in the active language what a job is doing."""
    return _types[name].note_text(note) if note and name in _types else note


def is_counted(name: str) -> bool:
    """Return whether the progress of such a job counts things."""
    return name not in _types or _types[name].is_counted


def lane_of(name: str) -> Lane:
    """Return the lane in which such a job is done; that of a job whose handler is gone is the long one."""
    return _types[name].lane if name in _types else Lane.LONG


def names_in(lane: Lane) -> list[str]:
    """Return the names of the jobs that are done in the lane, sorted."""
    return [job_type.name for job_type in all_types() if job_type.lane == lane]
