"""Names of events: a module declares its own in `events.py`; an undeclared one is refused by `append`."""

from dataclasses import dataclass, field

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event.

    name: "module.thing.happened"; label: for the timeline; fields: what `data` holds and what it means;
    icon: name in the console's icon set; on_timeline: shown in a customer's history.
    """

    name: str
    label: str | Promise
    fields: dict[str, str] = field(default_factory=dict)
    icon: str = "point"
    on_timeline: bool = True


_types: dict[str, EventType] = {}


def declare(*types: EventType) -> None:
    """Register event types; repeating a name with other content is a programming error.

    Raises:
        ValueError: the name is taken or does not have three dotted parts.
    """
    for kind in types:
        if kind.name.count(".") != 2:
            raise ValueError(f"event name {kind.name!r} is not module.thing.happened")
        if _types.get(kind.name, kind) != kind:
            raise ValueError(f"event name {kind.name!r} is declared twice")
        _types[kind.name] = kind


def get(name: str) -> EventType:
    """Return the declared type.

    Raises:
        LookupError: nobody declared the name.
    """
    try:
        return _types[name]
    except KeyError:
        raise LookupError(f"event {name!r} is not declared; declare it in the module's events.py") from None


def all_types() -> list[EventType]:
    """Return every declared type, by name."""
    return [_types[name] for name in sorted(_types)]
