"""What mail servers say by their codes (RFC 3463), at once or in a notification later."""

import re

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# No later try changes these: no such mailbox, no such domain, moved, disabled.
_GONE = {("1", "1"), ("1", "2"), ("1", "3"), ("1", "6"), ("1", "10"), ("2", "1"), ("4", "4")}
PREFIX = "smtp_"


def reason_of(text: str, otherwise: str = "") -> str:
    """Return the reason that an answer gives, such as `smtp_5.1.1`; where it names none, of the plain code."""
    found = _STATUS.search(text)
    code = found[0] if found else otherwise
    return f"{PREFIX}{code}" if code else ""


def is_gone(reason: str) -> bool:
    """Tell whether the address will never take anything."""
    found = _STATUS.fullmatch(reason.removeprefix(PREFIX)) if reason.startswith(PREFIX) else None
    return found is not None and found[1] == "5" and (found[2], found[3]) in _GONE
