"""What an intent must be before anything is decided about it, and by what it is known again."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from . import channels
from .errors import IntentConflictError, IntentRefusedError
from .intents import Intent
from .policies import PURPOSES

_encode = DjangoJSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_LENGTHS = {"key": 200, "template": 80, "source": 120, "group": 120}
_NEEDED = ("key", "template", "source")
FACTS_LENGTH = 20_000


def checked(intents: Sequence[Intent], now: datetime) -> dict[str, Intent]:
    """Return the intents by key; one that stands twice in the batch counts once.

    Raises:
        IntentRefusedError: a value breaks its rule.
        IntentConflictError: two different ones share a key.
    """
    found: dict[str, Intent] = {}
    for intent in intents:
        _check(intent)
        if found.setdefault(intent.key, intent) != intent:
            raise IntentConflictError(intent.key)
    return found


def facts_text(intent: Intent) -> str:
    """Return the facts as JSON; days, moments and amounts become text.

    Raises:
        IntentRefusedError: they hold what JSON cannot, or too much.
    """
    try:
        text = _encode(dict(intent.facts))
        text.encode()  # half a sign is none
    except (TypeError, ValueError, RecursionError) as error:
        raise _refused(intent, "facts", str(error), _("plain values: texts, numbers, lists")) from error
    if len(text) > FACTS_LENGTH:
        raise _refused(intent, "facts", f"{len(text)}", _("at most %(most)s characters") % {"most": FACTS_LENGTH})
    return text


def content_hash(intent: Intent) -> str:
    """Return what two messages share that say the same."""
    return _hash([intent.template, intent.purpose, facts_text(intent)])


def payload_hash(intent: Intent, content: str) -> str:
    """Return what two calls share that mean the same; whom it is meant for is compared apart, since people merge.

    content: the intent's `content_hash`.
    """
    until = intent.relevant_until.isoformat() if intent.relevant_until else ""
    return _hash([content, list(intent.channels), intent.source, intent.priority, until, intent.group])


def _hash(parts: list[Any]) -> str:
    return blake2b(_encode(parts).encode(), digest_size=16).hexdigest()


def _check(intent: Intent) -> None:
    for name, most in _LENGTHS.items():
        value = getattr(intent, name)
        if len(value) > most or (name in _NEEDED and not value.strip()):
            raise _refused(intent, name, value, _("1 to %(most)s characters") % {"most": most})
    if intent.purpose not in PURPOSES:
        raise _refused(intent, "purpose", intent.purpose, ", ".join(PURPOSES))
    if not 0 <= intent.priority <= 100:
        raise _refused(intent, "priority", str(intent.priority), "0–100")
    for code in intent.channels:
        if not channels.is_known(code):
            raise _refused(intent, "channels", code, ", ".join(one.code for one in channels.all_channels()))


def _refused(intent: Intent, field: str, value: str, expected: str) -> IntentRefusedError:
    text = _("Message %(key)s: %(field)s is “%(value)s”; it must be: %(expected)s.")
    values = {"key": intent.key[:80], "field": field, "value": value[:80], "expected": expected}
    return IntentRefusedError(text % values, field=field, value=value[:200], key=intent.key[:200])
