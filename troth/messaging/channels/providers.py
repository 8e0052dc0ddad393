"""E-mail by a provider's interface, through django-anymail: one channel, the provider chosen in its settings."""

from collections.abc import Mapping
from typing import Any

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import get_connection
from django.core.mail.message import BadHeaderError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.customers.models import ConsentChannel, IdentityKind

from . import email
from .http import ANSWER_SECONDS, CONNECT_SECONDS
from .one_by_one import OneByOne
from .protocol import Handover, HandoverState, Health, Outgoing, Setting

# Provider: name, backend, and what the key and the domain are called there.
PROVIDERS: dict[str, tuple[str, str, str, str]] = {
    "mailgun": ("Mailgun", "anymail.backends.mailgun.EmailBackend", "api_key", "sender_domain"),
    "sendgrid": ("SendGrid", "anymail.backends.sendgrid.EmailBackend", "api_key", ""),
    "postmark": ("Postmark", "anymail.backends.postmark.EmailBackend", "server_token", ""),
    "brevo": ("Brevo", "anymail.backends.brevo.EmailBackend", "api_key", ""),
    "resend": ("Resend", "anymail.backends.resend.EmailBackend", "api_key", ""),
    "sparkpost": ("SparkPost", "anymail.backends.sparkpost.EmailBackend", "api_key", ""),
}


class Provider(OneByOne):
    """E-mail by Mailgun, SendGrid, Postmark, Brevo, Resend or SparkPost."""

    code = "email_provider"
    label = gettext_lazy("E-mail by a provider")
    consent = ConsentChannel.EMAIL.value
    identity = IdentityKind.EMAIL.value
    body = "email"
    settings = (
        Setting(
            "provider",
            gettext_lazy("Provider"),
            "choice",
            is_required=True,
            choices=tuple((code, parts[0]) for code, parts in PROVIDERS.items()),
        ),
        Setting("api_key", gettext_lazy("API key"), "secret", is_required=True),
        Setting("domain", gettext_lazy("Sending domain"), hint=gettext_lazy("Mailgun needs it.")),
        Setting(
            "endpoint", gettext_lazy("Address of the interface"), "url", hint=gettext_lazy("Empty: the provider's own.")
        ),
        Setting(
            "receipt_secret",
            gettext_lazy("Secret that signs receipts"),
            "secret",
            hint=gettext_lazy("The provider's webhook signing key, or “user:password” for its webhook's address."),
        ),
        *email.FROM[:3],
    )

    def hand_over(self, one: Outgoing, values: Mapping[str, Any]) -> Handover:
        """Hand one e-mail to the provider."""
        try:
            message: Any = email.compose(one, values)
        except (BadHeaderError, ValueError):
            return Handover(one.contact_id, HandoverState.FAILED, reason="bad_header")
        # Anymail reads these; receipts bring them back.
        message.metadata = {"contact": str(one.contact_id)}
        message.track_opens = message.track_clicks = False
        try:
            connection(values).send_messages([message])
        except AnymailRecipientsRefused:
            return Handover(one.contact_id, HandoverState.FAILED, reason="address_refused")
        except AnymailAPIError as error:
            return Handover(one.contact_id, _state(error), reason=_reason(error))
        except (AnymailError, BadHeaderError, ValueError) as error:
            return Handover(one.contact_id, HandoverState.FAILED, reason=type(error).__name__)
        status = message.anymail_status
        return Handover(one.contact_id, HandoverState.SENT, str(status.message_id or ""))

    def ask_health(self, values: Mapping[str, Any]) -> Health:
        """Providers have no common question that sends nothing; whether the settings are complete can be told."""
        if values["provider"] == "mailgun" and not values["domain"]:
            return Health(False, _("Mailgun needs the sending domain."))
        try:
            connection(values)
        except (AnymailError, ImportError) as error:
            return Health(False, str(error)[:300])
        return Health(True, _("The settings are complete; a test message shows whether the provider takes them."))


def connection(values: Mapping[str, Any]) -> Any:
    """Return anymail's connection to the provider."""
    _name, backend, key, domain = PROVIDERS[values["provider"]]
    given = {key: values["api_key"], "requests_timeout": (CONNECT_SECONDS, ANSWER_SECONDS)}
    if domain:
        given[domain] = values["domain"]
    if values.get("endpoint"):
        given["api_url"] = values["endpoint"]
    return get_connection(backend, fail_silently=False, **given)


def _state(error: AnymailAPIError) -> HandoverState:
    cause = error.__cause__
    if isinstance(cause, requests.exceptions.ConnectTimeout):
        return HandoverState.RETRY
    status = getattr(error, "status_code", None)
    if status is None or status >= 500:
        return HandoverState.UNKNOWN
    if status < 300:  # it was taken, but the answer cannot be read
        return HandoverState.UNKNOWN
    return HandoverState.RETRY if status == 429 else HandoverState.FAILED


def _reason(error: AnymailAPIError) -> str:
    status = getattr(error, "status_code", None)
    return f"http_{status}" if status else "no_answer"
