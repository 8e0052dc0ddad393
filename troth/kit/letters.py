"""E-mails of strangers, parsed in time that grows with their length and no faster.

The standard library reads addresses and parameters by a grammar whose time grows with the square of a header's length:
fifty thousand commas in a `From` keep a processor busy for minutes. Here no header is read beyond what RFC 5322 lets a
line hold.
"""

import codecs
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

LONGEST_HEADER = 998
LONGEST_TEXT = 2 * 2**20
"""Bytes of a part that are read as text; nobody writes, or reads, as much."""
_SLOW_CODECS = frozenset(("punycode", "idna"))
"""Never the character set of a message, and their time grows with the square of the length."""


class _CarefulPolicy(EmailPolicy):
    """Hands the library's grammar the beginning of a header."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return super().header_fetch_parse(name, value[:LONGEST_HEADER])


_POLICY = _CarefulPolicy()


def parsed(raw: bytes) -> EmailMessage:
    """Return a message whose headers are read with care; broken ones raise what the standard library raises."""
    message = message_from_bytes(raw, policy=_POLICY)
    assert isinstance(message, EmailMessage), "the policy makes them"
    return message


def text_of(raw: bytes, charset: str | None) -> str:
    """Return the text of a part by its declared character set; by UTF-8 or GB 18030, for what lies about it."""
    for name in (charset or "utf-8", "utf-8", "gb18030"):
        try:
            "".encode(name)  # refuses what turns bytes into bytes: a part may call itself "zip"
            if codecs.lookup(name).name in _SLOW_CODECS:
                continue
            decoder = codecs.getincrementaldecoder(name)()
            text = decoder.decode(raw[:LONGEST_TEXT], final=len(raw) <= LONGEST_TEXT)
        except (LookupError, UnicodeError, ValueError):
            continue
        return text.replace("\r\n", "\n").replace("\x00", "")
    return raw[:LONGEST_TEXT].decode("utf-8", "replace").replace("\r\n", "\n").replace("\x00", "")
