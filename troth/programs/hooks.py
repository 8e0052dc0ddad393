"""What upper modules do when a version is published; each registers its step at start-up."""

from collections.abc import Callable
from datetime import datetime

PublishStep = Callable[[datetime], None]

_publish_steps: dict[str, PublishStep] = {}


def register_publish_step(name: str, step: PublishStep) -> None:
    """Have this done, in the same transaction, with every version that is published; repeating a name replaces nothing.

    Raises:
        ValueError: another step has the name.
    """
    if _publish_steps.get(name, step) != step:
        raise ValueError(f"a step named {name!r} is registered already")
    _publish_steps[name] = step


def after_publishing(now: datetime) -> None:
    """Do every step, by name."""
    for name in sorted(_publish_steps):
        _publish_steps[name](now)
