"""Words for kinds of text, purposes and languages."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.messaging.templates.document import BODY_KINDS, LANGUAGES

KINDS = {
    "email": (
        pgettext_lazy("text", "E-mail"),
        "mail",
        _("In simple markup: # heading, - list, **bold**, [link](address), [[button]](address)."),
    ),
    "sms": (
        _("SMS"),
        "device-mobile",
        _("In China the text is registered with the provider; name its template below."),
    ),
    "wechat": (
        _("WeChat"),
        "message",
        _("A template message: its registered template, and what its places are filled with."),
    ),
    "text": (_("Short text"), "message-circle", _("For the inbox in our app, WeCom and webhooks.")),
    "script": (
        _("Script for a person"),
        "phone",
        _("What a member of staff says; the task shows it with the facts filled in."),
    ),
}
LANGUAGE_NAMES = {"zh-hans": "中文", "en": "English"}
PURPOSE_HINTS = {
    "marketing": _("Needs the customer's consent; each message can be unsubscribed."),
    "service": _("About orders, points and requests; goes also to those who want no offers."),
    "survey": _("Needs consent to surveys; each message can be unsubscribed."),
}

__all__ = ["BODY_KINDS", "KINDS", "LANGUAGES", "LANGUAGE_NAMES", "PURPOSE_HINTS"]
