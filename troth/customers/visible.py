"""Names and addresses as people can see them: what shows nothing is no text."""

import re
import unicodedata

# Controls, marks that turn the direction of writing, and zero-width signs; not the two joiners, which Persian, Indian
# scripts and emoji need. `\n` and `\t` are spaces and handled as such.
INVISIBLE = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
# Letters and joiners that show nothing by themselves.
BLANK = "\u115f\u1160\u17b4\u17b5\u200c\u200d\u2800\u3164\uffa0"

_INVISIBLE = re.compile(f"[{INVISIBLE}]")


def visible(text: str) -> str:
    """Return a text without invisible signs and outer spaces; empty if nothing of it can be seen."""
    kept = _INVISIBLE.sub("", text).strip()
    return kept if any(_shows(char) for char in kept) else ""


def _shows(char: str) -> bool:
    return char not in BLANK and unicodedata.category(char)[0] not in "CZM"
