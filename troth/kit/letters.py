"""E-mails of strangers, parsed in time that grows with their length and no faster.

The standard library reads addresses and parameters by a grammar whose time grows with the square of a header's length:
fifty thousand commas in a `From` keep a processor busy for minutes. Here no header is read beyond what RFC 5322 lets a
line hold, lines and parts are counted before they are sorted, and what is handed on can be written down: a header or
text that holds half a sign, as UTF-7 can, would break whatever stores it.
"""

import codecs
import re
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

LONGEST_HEADER = 998
MOST_LINES = 500_000
"""Lines of a message: 25 MB of pictures have 350,000."""
MOST_COMPARISONS = 20_000_000
"""Lines times parts: each line is held against the border of every part that it lies in."""
LONGEST_TEXT = 2 * 2**20
"""Bytes of a part that are read as text; nobody writes, or reads, as much."""
_SLOW_CODECS = frozenset(("punycode", "idna"))
"""Never the character set of a message, and their time grows with the square of the length."""


_BROKEN = (MessageError, ValueError, LookupError, AttributeError, TypeError)
_ENCODED = re.compile(r"=\?[^?\s]*\?[^?\s]*\?[^?\s]*\?=|=\?|\*(?=[0-9]*\*?=)")
"""An encoded word, or where a word or a parameter begins to be encoded."""


class TooManyPartsError(MessageError):
    """A message of more lines or parts than anybody's, built to keep whoever sorts it busy."""


class _CarefulPolicy(EmailPolicy):
    """Hands the library's grammar the beginning of a header, and less of one that breaks it."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        text = whole_signs(value[:LONGEST_HEADER])
        plain = _ENCODED.sub(" ", text)
        for one in (text, plain, plain.partition(";")[0]):
            try:
                return super().header_fetch_parse(name, one)
            except _BROKEN:
                continue
        return super().header_fetch_parse(name, "")


_POLICY = _CarefulPolicy()


def parsed(raw: bytes) -> EmailMessage:
    """Return a message whose headers can all be read: one that breaks the grammar says what it does unencoded.

    Raises:
        TooManyPartsError: it has more lines or parts than anybody's.
        RecursionError: brackets within brackets, more than the grammar can follow.
    """
    lines = raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")
    if lines > MOST_LINES:
        raise TooManyPartsError
    parts = 0

    def made(policy: Any = None) -> EmailMessage:
        nonlocal parts
        parts += 1
        if parts * lines > MOST_COMPARISONS:
            raise TooManyPartsError
        return EmailMessage(policy)

    message = message_from_bytes(raw, policy=_POLICY.clone(message_factory=made))
    assert isinstance(message, EmailMessage), "the policy makes them"
    return message


def whole_signs(text: str) -> str:
    """Return a text that every database takes: of whole signs, without NUL; undeclared bytes are read as UTF-8."""
    try:
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:  # half a sign
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\x00", "")


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
        return whole_signs(text).replace("\r\n", "\n")
    return raw[:LONGEST_TEXT].decode("utf-8", "replace").replace("\r\n", "\n").replace("\x00", "")
