"""The sources that are always there. `register` is called once, when the app is ready."""

from . import journeys, messages, occasions, points


def register() -> None:
    """Register every source of this folder."""
    occasions.register()
    points.register()
    journeys.register()
    messages.register()
