"""By what customers are recognised: phones, e-mails, cards and ids brought to one form."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from troth.kit.regions import country_name

from .errors import IdentityRefusedError
from .models import IdentityKind

_EXCEL_NUMBER = re.compile(r"^\d(\.\d+)?E\+?\d+$", re.IGNORECASE)
# Mobile numbers of mainland China, most of a Chinese file: by the numbering plan, as libphonenumber has it.
_CN_MOBILE = re.compile(r"(?:\+|00)86(1(?:3\d|4[57]|5[0-35-9]|6[25-7]|7[0-35-8]|8\d|9[0-35-9])\d{8})")
_MAX_PHONE = 40
_SEPARATORS = re.compile(r"[\s\-–·./]+")


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """An identity as it was offered. source: the system that issued it, where one did."""

    kind: str
    value: str
    source: str = ""


def normalized(identity: NewIdentity, *, country: str) -> NewIdentity:
    """Return the identity in the form in which it is stored and looked up.

    Phones: see `phone_number`. E-mails: lower case. Cards: capitals without spaces or hyphens. Openids and
    external ids as they are, trimmed. Phones and e-mails have no source.

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
            "Phone “%(value)s” lost its digits in a spreadsheet; format the column as text and enter the number again."
        )
        raise IdentityRefusedError(message % {"value": text}, field="phone", value=text)
    number = phone_number(text, country=country)
    if number is None:
        message = _("“%(value)s” is no phone number of %(country)s; write +, the country code and the number.")
        raise IdentityRefusedError(
            message % {"value": text[:40], "country": country_name(country)}, field="phone", value=text[:40]
        )
    return number


def phone_number(text: str, *, country: str) -> str | None:
    """Return a phone number in E.164, or None if it is none; the one rule for the API, the console, and files.

    A number without a country code is read as of `country` and must be valid there: read as of the wrong country it
    would be another person's. A number with its code (+ or 00) must be possible by its length: numbering plans grow
    faster than any list of them.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    has_code = text.startswith(("+", "00"))
    bare = _SEPARATORS.sub("", text)
    if mobile := _CN_MOBILE.fullmatch(f"+86{bare}" if country == "CN" and not has_code else bare):
        return f"+86{mobile[1]}"
    if len(text) > _MAX_PHONE or any(char.isalpha() for char in text):
        return None
    try:
        number = phonenumbers.parse("+" + text[2:] if text.startswith("00") else text, country or None)
    except phonenumbers.NumberParseException:
        return None
    is_one = phonenumbers.is_possible_number if has_code else phonenumbers.is_valid_number
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if is_one(number) else None


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
