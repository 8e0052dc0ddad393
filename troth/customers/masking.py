"""Personal data as people see them who may not see them: enough to recognise, too little to use."""

from datetime import date

from .matching.names import COMPOUND_SURNAMES, has_han
from .models import IdentityKind

DOT = "•"


def mask_name(name: str) -> str:
    """Return a name of which the family name (Chinese) or the initials are left: 王••, A•• B••."""
    name = name.strip()
    if has_han(name):
        kept = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
        return name[:kept] + DOT * max(len(name) - kept, 1)
    return " ".join(word[:1] + DOT * 2 for word in name.split())


def mask_phone(phone: str) -> str:
    """Return a phone number of which the country and the last four digits are left: +86 ••• 5678."""
    return f"{phone[:3]} {DOT * 3} {phone[-4:]}" if len(phone) > 8 else DOT * 4


def mask_email(email: str) -> str:
    """Return an e-mail address of which the first letter and the provider are left: w•••@qq.com."""
    local, _, host = email.partition("@")
    return f"{local[:1]}{DOT * 3}@{host}"


def mask_identity(kind: str, value: str) -> str:
    """Return any identity masked; external ids are ours, not personal secrets, and stay readable."""
    match kind:
        case IdentityKind.PHONE:
            return mask_phone(value)
        case IdentityKind.EMAIL:
            return mask_email(value)
        case IdentityKind.EXTERNAL:
            return value
    return DOT * 4 + value[-4:] if len(value) > 4 else DOT * 4


def mask_birthday(day: date) -> str:
    """Return the decade of a birthday: enough to know the age group."""
    return f"{day.year // 10 * 10}s"
