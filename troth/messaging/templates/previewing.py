"""How a draft will look: with the facts of a real customer, or with examples; and sent to oneself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from troth.customers import queries as customers
from troth.kit.ids import new_id

from .. import channels, links
from ..brand import brand
from ..channels import HandoverState, Outgoing
from ..channels.setups import enabled
from ..colors import tones
from ..text_errors import TemplateRefusedError
from . import facts
from .checking import examples
from .document import Document
from .rendering import NO_FOOTER, Rendered, filled, ready

MAIL_CHANNELS = ("email", "email_provider")


def preview(
    document: Document, *, purpose: str, kind: str, language: str, customer_id: UUID | None, now: datetime
) -> Rendered:
    """Return a draft's body filled in; the sender's own facts stand there as their examples.

    Raises:
        TemplateRefusedError, RenderRefusedError: there is no such body, or it cannot be filled in.
    """
    light, _dark = tones(brand().color)
    taken, made = ready(
        document,
        kind,
        language,
        language,
        has_footer=purpose not in NO_FOOTER,
        color=light.color,
        ink=light.ink,
    )
    found = _links()
    if customer_id is None:
        return filled(made, {**examples(document, taken), **facts.own(), **found}, taken)
    known = facts.known([facts.Reader(customer_id, taken)], made.names, now)[0]
    own = {fact.code: examples(document, taken)[fact.code] for fact in document.facts}
    return filled(made, {**own, **known, **found}, taken)


def send_test(
    document: Document, *, purpose: str, language: str, address: str, customer_id: UUID | None, now: datetime
) -> None:
    """Send a draft's e-mail to oneself: no contact is made, no customer gets anything.

    Raises:
        TemplateRefusedError: there is no e-mail in it, no e-mail channel in use, or it was not taken.
    """
    code = next((code for code in MAIL_CHANNELS if code in enabled()), None)
    if code is None:
        raise TemplateRefusedError(_("No e-mail channel is in use. Set one up under Channels."), field="channel")
    text = preview(document, purpose=purpose, kind="email", language=language, customer_id=customer_id, now=now)
    if not text.html:
        raise TemplateRefusedError(_("The template has no text for this channel."), field="channel")
    number = new_id()
    subject = _("[Test] %(subject)s") % {"subject": text.subject}
    message = Outgoing(number, f"test-{number}", address, subject, text.text, text.html, language=language)
    (done,) = channels.get(code).deliver([message])
    if done.state is not HandoverState.SENT:
        raise TemplateRefusedError(_("It was not taken: %(reason)s.") % {"reason": done.reason}, field="channel")


def _links() -> Mapping[str, Any]:
    """Return links to a page that says it does not work: a preview is seen by others than its customer."""
    look = brand()
    return {
        "logo_url": f"{links.address('portal_brand:logo')}?v={look.logo_hash}" if look.logo_hash else "",
        "unsubscribe_url": links.address("portal_preferences:unsubscribe", "preview"),
        "preferences_url": links.address("portal_preferences:preferences", "preview"),
    }


def reader(text: str, *, sees_personal: bool) -> UUID | None:
    """Return the customer whom a search text finds, None if nobody or the text is empty."""
    hits = customers.find(text, limit=1, sees_personal=sees_personal)
    return hits[0].id if hits else None
