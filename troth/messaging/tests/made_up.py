"""Made-up texts for tests of whatever sends messages."""

from datetime import UTC, datetime
from typing import Any

from troth.access.actors import system_actor
from troth.messaging import templates

MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)


def publish_texts(*codes: str) -> None:
    """Publish a template of each code, with a text for every kind of channel."""
    actor = system_actor("test")
    text = {"body": "Made-up offer {{ n | default: 1 }}"}
    bodies = {"email": {"subject": "Made up", "body": text["body"]}, "sms": text, "text": text}
    document: dict[str, Any] = {
        "languages": {"en": bodies},
        "facts": [{"code": "n", "label": "Number", "example": "1"}],
    }
    for code in codes:
        fields: dict[str, Any] = {"name": code, "purpose": "marketing", "document": document}
        templates.create_template(actor=actor, now=MADE_AT, code=code, **fields)
        templates.publish(actor=actor, now=MADE_AT, code=code, revision=1)
