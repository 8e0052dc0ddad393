"""E-mail by a provider's interface, through django-anymail: one channel, the provider chosen in its settings.

Resend and Brevo send what comes twice under one key once, Resend within a day, Brevo within half an hour; the others
know no such key, so what became of a message without an answer stays unknown.
"""

from collections.abc import Mapping
from typing import Any

import requests
import structlog
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import get_connection
from django.core.mail.message import BadHeaderError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.customers.models import ConsentChannel, IdentityKind

from . import email, http
from .addresses import AddressRefusedError
from .http import BoundedAdapter, never_left, state_of
from .one_by_one import OneByOne
from .protocol import Handover, HandoverState, Health, Outgoing, Setting

log = structlog.get_logger("troth.messaging")

# Provider: name, backend, and what the key and the domain are called there.
PROVIDERS: dict[str, tuple[str, str, str, str]] = {
    "mailgun": ("Mailgun", "anymail.backends.mailgun.EmailBackend", "api_key", "sender_domain"),
    "sendgrid": ("SendGrid", "anymail.backends.sendgrid.EmailBackend", "api_key", ""),
    "postmark": ("Postmark", "anymail.backends.postmark.EmailBackend", "server_token", ""),
    "brevo": ("Brevo", "anymail.backends.brevo.EmailBackend", "api_key", ""),
    "resend": ("Resend", "anymail.backends.resend.EmailBackend", "api_key", ""),
    "sparkpost": ("SparkPost", "anymail.backends.sparkpost.EmailBackend", "api_key", ""),
}
TRACKED_BY_ACCOUNT = frozenset({"brevo", "resend"})
"""Who cannot be told by message to follow nobody: a mail that says so is refused by anymail."""


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
        if values["provider"] not in TRACKED_BY_ACCOUNT:
            message.track_opens = message.track_clicks = False
        adapter = BoundedAdapter()
        state, reason = _sent(message, one.key, values, adapter)
        if adapter.is_hung_up:  # what came until then passes for an answer, or for a broken one
            state, reason = HandoverState.UNKNOWN, "timeout"
        is_sent = state is HandoverState.SENT
        return Handover(one.contact_id, state, str(message.anymail_status.message_id or "") if is_sent else "", reason)

    def ask_health(self, values: Mapping[str, Any]) -> Health:
        """Providers have no common question that sends nothing; whether the settings are complete can be told."""
        if values["provider"] == "mailgun" and not values["domain"]:
            return Health(False, _("Mailgun needs the sending domain."))
        try:
            connection(values)
        except (AnymailError, ImportError) as error:
            return Health(False, str(error)[:300])
        return Health(True, _("The settings are complete; a test message shows whether the provider takes them."))


def _sent(message: Any, key: str, values: Mapping[str, Any], adapter: BoundedAdapter) -> tuple[HandoverState, str]:
    """Have anymail send a message as guardedly as we ask others, and return what came of it."""
    try:
        _send(message, key, values, adapter)
    except AnymailRecipientsRefused:
        return HandoverState.FAILED, "address_refused"
    except AnymailAPIError as error:
        return (HandoverState.SENT, "") if _is_known(error, values["provider"]) else (_state(error), _reason(error))
    except (AnymailError, BadHeaderError, AddressRefusedError, ValueError) as error:
        return HandoverState.FAILED, type(error).__name__
    except Exception:  # reading the answer failed: the request had gone
        log.exception("messaging.answer_broken")
        return HandoverState.UNKNOWN, "answer_broken"
    return HandoverState.SENT, ""


def _send(message: Any, key: str, values: Mapping[str, Any], adapter: BoundedAdapter) -> None:
    """Hand it over under its key, where the provider heeds one: by a header of the request, or by one of the mail."""
    if values["provider"] == "brevo":
        message.extra_headers["idempotencyKey"] = key
    with connection(values) as opened, http.bounded(opened.session, adapter, http.ANSWER_SECONDS):
        if values["provider"] == "resend":
            opened.session.headers["Idempotency-Key"] = key
        opened.send_messages([message])


def _is_known(error: AnymailAPIError, provider: str) -> bool:
    """Tell whether Brevo refuses a message since it has taken the same one already."""
    if provider != "brevo" or getattr(error, "status_code", None) != 400:
        return False
    try:
        said = error.response.json()
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("code") == "duplicate_parameter"


def connection(values: Mapping[str, Any]) -> Any:
    """Return anymail's connection to the provider."""
    _name, backend, key, domain = PROVIDERS[values["provider"]]
    given = {key: values["api_key"], "requests_timeout": (http.CONNECT_SECONDS, http.ANSWER_SECONDS)}
    if domain:
        given[domain] = values["domain"]
    if values.get("endpoint"):
        given["api_url"] = values["endpoint"]
    return get_connection(backend, fail_silently=False, **given)


def _state(error: AnymailAPIError) -> HandoverState:
    if _has_never_left(error):
        return HandoverState.RETRY
    status = getattr(error, "status_code", None)
    if status is None or status < 300:  # it was taken, but the answer cannot be read
        return HandoverState.UNKNOWN
    # Resend knows the key from another request, with another text or still under way: that one may have gone.
    return HandoverState.UNKNOWN if status == 409 else state_of(status)


def _has_never_left(error: AnymailAPIError) -> bool:
    cause = error.__cause__
    return isinstance(cause, requests.exceptions.ConnectionError) and never_left(cause)


def _reason(error: AnymailAPIError) -> str:
    if _has_never_left(error):
        return "no_connection"
    status = getattr(error, "status_code", None)
    return f"http_{status}" if status else "no_answer"
