"""What templates and channels register at start-up."""

from .channels import registry
from .channels.local import Console, Sink
from .templates import known_facts
from .text_events import declare_events


def register() -> None:
    """Declare the events, register the built-in channels and facts."""
    declare_events()
    known_facts.register_all()
    for channel in (Sink(), Console()):
        if not registry.is_known(channel.code):
            registry.register(channel)
