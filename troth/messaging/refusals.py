"""What a refusal at once tells of an address: that nobody has it, or that its holder wants nothing more of us."""

from . import smtp_codes

_NOBODYS = frozenset({"twilio_21211", "twilio_21614"})  # no number; none that takes SMS
# Kept by the provider: who answered STOP to it; who is on the list of those who wish not to be disturbed.
_OPTED_OUT = frozenset({"twilio_21610", "FailedOperation.PhoneNumberInBlacklist"})


def is_gone(reason: str) -> bool:
    """Tell whether the address will never take anything."""
    return reason in _NOBODYS or smtp_codes.is_gone(reason)


def has_opted_out(reason: str) -> bool:
    """Tell whether the provider sends nothing because the customer told it so."""
    return reason in _OPTED_OUT
