"""Whether an e-mail comes from where its `From` says: read from what the receiving server noted (RFC 8601).

Anybody can write any address into a `From`. The server that took the message in knows better: it checked DMARC, DKIM
and SPF and wrote what it found into `Authentication-Results`, under its own name. Only fields of that name count: the
server removes those that came from outside under it (RFC 8601, section 5). What is proven is the address's domain.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

FIELD = "authentication-results"
MOST_FIELDS = 20
MOST_SIGNS = 8_000
TRUE = "pass"
_EQUALS = re.compile(r"\s*=\s*")
_BREAKING = re.compile(r"[;=\s]")


@dataclass(frozen=True, slots=True)
class _Finding:
    """One line of what was found: the method, its result, and what it is about, such as `header.from`."""

    method: str
    result: str
    about: dict[str, str]


def is_proven(message: EmailMessage, address: str, server: str) -> bool:
    """Tell whether the server of that name found the address's domain to be the true one; "" trusts no server.

    DMARC decides where it was looked at, and one failure is enough to disbelieve. Else a DKIM signature of the very
    domain, or SPF of the very domain, is a proof. Of two senders none is proven.
    """
    domain = _ascii(address.rpartition("@")[2])
    if not server or not domain or not _has_one_sender(message):
        return False
    found = [finding for value in _fields(message) for finding in _findings(value, server)]
    dmarc = [one for one in found if one.method == "dmarc"]
    if dmarc:
        return all(one.result == TRUE and _ascii(one.about.get("header.from", "")) == domain for one in dmarc)
    return any(one.result == TRUE and domain in _domains(one) for one in found)


def _has_one_sender(message: EmailMessage) -> bool:
    if sum(name.lower() == "from" for name, _value in message.raw_items()) != 1:
        return False
    try:
        return len(getattr(message["From"], "addresses", ())) == 1
    except (ValueError, IndexError):
        return False


def _fields(message: EmailMessage) -> Iterator[str]:
    """Return the fields as they stand, the newest first, no more of each than any server writes."""
    values = [str(value) for name, value in message.raw_items() if name.lower() == FIELD]
    for value in values[:MOST_FIELDS]:
        yield value[:MOST_SIGNS]


def _findings(value: str, server: str) -> list[_Finding]:
    """Return what a field says, nothing if another server wrote it."""
    head, *parts = _plain(value).split(";")
    if head.split()[:1] != [server.casefold()]:
        return []
    return [found for part in parts if (found := _finding(_EQUALS.sub("=", part).split())) is not None]


def _finding(words: Sequence[str]) -> _Finding | None:
    pairs = [(name, value) for name, equals, value in (word.partition("=") for word in words) if equals]
    if not pairs:
        return None
    (method, result), *about = pairs
    return _Finding(method.partition("/")[0], result, dict(about))


def _domains(finding: _Finding) -> set[str]:
    """Return the domains that a finding other than DMARC's speaks for."""
    names = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}.get(finding.method, ())
    found = (finding.about.get(name, "").rpartition("@")[2] for name in names)
    return {_ascii(one) for one in found if one}


def _plain(value: str) -> str:
    """Return a field without comments, in small letters; what stands in quotes can end nothing and equal nothing."""
    kept: list[str] = []
    depth, quoted, signs = 0, False, iter(value)
    for sign in signs:
        if sign == "\\" and (quoted or depth):
            next(signs, "")  # the sign it frees of its meaning; no name that counts needs one
            continue
        if sign == '"' and not depth:
            quoted = not quoted
            continue
        if sign == "(" and not quoted:
            depth += 1
            continue
        if sign == ")" and depth and not quoted:
            depth -= 1
            kept.append(" ")
            continue
        if not depth:
            kept.append(_BREAKING.sub("_", sign) if quoted else sign)
    return "".join(kept).casefold()


def _ascii(domain: str) -> str:
    """Return a domain as names are compared: small letters, international ones in ASCII, "" for what is none."""
    name = domain.strip().rstrip(".").casefold()
    if len(name) > 253:
        return ""
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return ""
