"""By what customers are recognised: phones, e-mails, cards and ids brought to one form."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from .errors import IdentityRefusedError
from .models import IdentityKind

_EXCEL_NUMBER = re.compile(r"^\d(\.\d+)?E\+?\d+$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s\-–·./]+")


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """An identity as it was offered. source: the system that issued it, where one did."""

    kind: str
    value: str
    source: str = ""


def normalized(identity: NewIdentity, *, country: str) -> NewIdentity:
    """Return the identity in the form in which it is stored and looked up.

    Phones: E.164, numbers without a country code read as of `country`. E-mails: lower case. Cards:
    capitals without spaces or hyphens. Openids and external ids as they are, trimmed. Phones and e-mails
    have no source.

    Raises:
        IdentityRefusedError: the value cannot be of that kind.
    """
    text = unicodedata.normalize("NFKC", identity.value).strip()
    match identity.kind:
        case IdentityKind.PHONE:
            return NewIdentity(identity.kind, _phone(text, country))
        case IdentityKind.EMAIL:
            return NewIdentity(identity.kind, _email(text))
        case IdentityKind.CARD:
            text = _SEPARATORS.sub("", text).upper()
        case IdentityKind.WECHAT_OPENID | IdentityKind.EXTERNAL:
            pass
        case _:
            message = _("“%(kind)s” is not a kind of identity; use one of: %(kinds)s.")
            kinds = ", ".join(IdentityKind.values)
            raise IdentityRefusedError(
                message % {"kind": identity.kind, "kinds": kinds}, field="kind", value=identity.kind
            )
    if not 1 <= len(text) <= 200 or not text.isprintable():
        message = _("“%(value)s” is not an id: 1 to 200 printable signs are.") % {"value": text[:40]}
        raise IdentityRefusedError(message, field=identity.kind, limit=200)
    return NewIdentity(identity.kind, text, identity.source.strip())


def _phone(text: str, country: str) -> str:
    if _EXCEL_NUMBER.match(text):
        message = _(
            "Phone “%(value)s” lost its digits in a spreadsheet;"
            " format the column as text and enter the number again."
        )
        raise IdentityRefusedError(message % {"value": text}, field="phone", value=text)
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        message = _(
            "“%(value)s” is no phone number of %(country)s; write +, the country code and the number."
        )
        raise IdentityRefusedError(
            message % {"value": text[:40], "country": country}, field="phone", value=text[:40]
        )
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _email(text: str) -> str:
    address = text.lower()
    try:
        if len(address) > 200:
            raise ValidationError("too long")
        validate_email(address)
    except ValidationError:
        message = _("“%(value)s” is not an e-mail address; write name@example.com.") % {"value": text[:60]}
        raise IdentityRefusedError(message, field="email", value=text[:60]) from None
    return address
