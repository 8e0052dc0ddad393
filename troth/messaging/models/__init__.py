"""Messages: contacts and what governs their sending."""

from .brand import DEFAULT_COLOR, Brand
from .channels import ChannelSetup, InboxMessage, Receipt, ReceiptKind, Reply
from .consents import ConsentRequest
from .contacts import REACHED, WAITING, Contact, ContactKey, ContactState, Suppression, SuppressionReason
from .controls import ControlDraw
from .sending import PauseReason, SendingPolicy, SendingState
from .templates import Template, TemplateVersion

__all__ = [
    "DEFAULT_COLOR",
    "REACHED",
    "WAITING",
    "Brand",
    "ChannelSetup",
    "ConsentRequest",
    "Contact",
    "ContactKey",
    "ContactState",
    "ControlDraw",
    "InboxMessage",
    "PauseReason",
    "Receipt",
    "ReceiptKind",
    "Reply",
    "SendingPolicy",
    "SendingState",
    "Suppression",
    "SuppressionReason",
    "Template",
    "TemplateVersion",
]
