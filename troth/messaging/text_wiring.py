"""What templates and channels register at start-up."""

from typing import Any

from . import control_gate, objection_gate, text_privacy
from .channels import registry
from .channels.email import Smtp
from .channels.local import Console, Sink
from .channels.own import Inbox, Person
from .channels.providers import Provider
from .channels.sms import Aliyun, Tencent, Twilio
from .channels.webhook import Webhook
from .channels.wechat import OfficialAccount, WeCom
from .gates import register_gate
from .templates import known_facts
from .text_events import declare_events

# Any: each class names its settings as what they are, which the protocol's changeable field does not allow.
BUILT_IN: tuple[Any, ...] = (
    Smtp(),
    Provider(),
    Aliyun(),
    Tencent(),
    Twilio(),
    OfficialAccount(),
    WeCom(),
    Inbox(),
    Person(),
    Webhook(),
    Console(),
    Sink(),
)


def register() -> None:
    """Declare the events, register the built-in channels and facts."""
    declare_events()
    known_facts.register_all()
    register_gate(objection_gate.GATE)
    register_gate(control_gate.GATE)
    text_privacy.register()
    for channel in BUILT_IN:
        registry.register(channel)
