"""Ways to a customer. Import as one thing: `from troth.messaging import channels`.

A channel takes a batch of finished messages and says of each what became of it. It decides nothing: whether, when and
what is the send decision's. See `protocol.py` for the types, `registry.py` for which channels there are.
"""

from .protocol import Channel, Handover, HandoverState, Health, Outgoing, Setting
from .registry import all_channels, get, is_known, register

__all__ = [
    "Channel",
    "Handover",
    "HandoverState",
    "Health",
    "Outgoing",
    "Setting",
    "all_channels",
    "get",
    "is_known",
    "register",
]
