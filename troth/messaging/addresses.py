"""Return addresses of single messages: `b.<contact>.<proof>@domain`. A bounce that comes to one is of that message.

The proof keeps strangers from making up bounces and so silencing customers.
"""

import re
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

_SALT = "troth.messaging.return-address"
_LOCAL = re.compile(r"^b\.([0-9a-f]{32})\.([0-9a-f]{16})$")


def bounce_address(contact_id: UUID, domain: str) -> str:
    """Return the address to which bounces of a message go. Mail programs may change its case: it is all lower."""
    return f"b.{contact_id.hex}.{_proof(contact_id)}@{domain}"


def contact_of(address: str) -> UUID | None:
    """Return the contact whose return address this is, None for any other address or a made-up one."""
    found = _LOCAL.match(address.strip().strip("<>").rpartition("@")[0].lower())
    if found is None:
        return None
    contact_id = UUID(found[1])
    return contact_id if constant_time_compare(found[2], _proof(contact_id)) else None


def _proof(contact_id: UUID) -> str:
    return salted_hmac(_SALT, contact_id.hex, algorithm="sha256").hexdigest()[:16]
