"""The simple markup in which e-mails are written, turned into Liquid for HTML and Liquid for plain text.

A blank line ends a paragraph. `# Heading`, `## Smaller`, `- list`, `1. list`, `---`, `**bold**`, `*italic*`,
`[text](address)`, and a line that is only `[[text]](address)` is a button. The markup is read before any fact is filled
in, so nothing that a customer typed can become a heading, a link or a tag; facts are escaped for HTML when they are
filled in.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape, unescape

_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_OUTPUT = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_HELD = re.compile("\ue000(\\d+)\ue001")
_LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")
_BUTTON = re.compile(r"^\[\[([^\[\]]+)\]\]\(([^()\s]+)\)$")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![\w*])")
_HEADING = re.compile(r"^(#{1,2}) +(.+)$")
_BULLET = re.compile(r"^[-•·] +(.+)$")
_NUMBERED = re.compile(r"^\d{1,2}[.、．] *(.+)$")
_SCHEME = re.compile(r"^(https?://|mailto:|tel:)", re.IGNORECASE)
BAD_ADDRESS = "#"
_TAG = "\ue002"


@dataclass(frozen=True, slots=True)
class Sources:
    """The same text as Liquid for HTML and as Liquid for plain text."""

    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Style:
    """How each part is written in HTML: functions of finished inner HTML (and address)."""

    paragraph: Callable[[str], str]
    heading: Callable[[str, int], str]
    items: Callable[[list[str], bool], str]
    rule: str
    link: Callable[[str, str], str]
    button: Callable[[str, str], str]


def convert(source: str, style: Style) -> Sources:
    """Return the Liquid sources of an e-mail's body."""
    held: list[str] = []
    plain = _LIQUID.sub(lambda found: _hold(held, found[0]), _without_marks(source))
    blocks = list(_blocks(plain))
    html = "\n".join(_html(kind, lines, style, held) for kind, lines in blocks)
    text = "\n\n".join(part for kind, lines in blocks if (part := _text(kind, lines)))
    return Sources(_restore(html, held), _restore(text, held))


def _without_marks(source: str) -> str:
    """Take out the two private signs by which Liquid is held apart while the markup is read."""
    return source.replace("\ue000", "").replace("\ue001", "").replace("\r\n", "\n").replace("\r", "\n")


def _hold(held: list[str], found: str) -> str:
    held.append(found)
    return f"\ue000{len(held) - 1}\ue001"


def _restore(text: str, held: list[str]) -> str:
    return _HELD.sub(lambda found: held[int(found[1])], text)


def _blocks(plain: str) -> Iterator[tuple[str, list[str]]]:
    """Yield runs of lines of one kind; Liquid on lines of its own is one too."""
    kind = ""
    lines: list[str] = []
    for line in [*plain.split("\n"), ""]:
        found = _kind(line.strip())
        if lines and (found != kind or kind in ("heading", "rule", "button")):
            yield kind, lines
            lines = []
        kind = found
        if found:
            lines.append(line.strip())


def _kind(line: str) -> str:
    if not line:
        return ""
    if not _HELD.sub("", line).strip() and "".join(line.split()) and _is_tags(line):
        return "tags"
    patterns = {"heading": _HEADING, "button": _BUTTON, "items": _BULLET, "numbered": _NUMBERED}
    named = next((name for name, pattern in patterns.items() if pattern.match(line)), "")
    return "rule" if line in ("---", "***") else named or "paragraph"


def _is_tags(line: str) -> bool:
    return bool(_HELD.fullmatch(line)) or not _HELD.sub("", line).strip()


def _html(kind: str, lines: list[str], style: Style, held: list[str]) -> str:
    if kind == "tags":
        # An output that stands alone is a paragraph; a tag is no text.
        return "\n".join(_tag_line(line, style, held) for line in lines)
    if kind == "rule":
        return style.rule
    if kind == "heading":
        found = _HEADING.match(lines[0])
        assert found
        return style.heading(_inline(found[2], style, held), len(found[1]))
    if kind == "button":
        found = _BUTTON.match(lines[0])
        assert found
        return style.button(escape(found[1]), _address(found[2], held))
    if kind in ("items", "numbered"):
        pattern = _BULLET if kind == "items" else _NUMBERED
        texts = [_inline(match[1], style, held) for line in lines if (match := pattern.match(line))]
        return style.items(texts, kind == "numbered")
    return style.paragraph("<br>\n".join(_inline(line, style, held) for line in lines))


def _tag_line(line: str, style: Style, held: list[str]) -> str:
    has_output = any(held[int(found[1])].startswith("{{") for found in _HELD.finditer(line))
    return style.paragraph(line) if has_output else line


def _inline(line: str, style: Style, held: list[str]) -> str:
    parts, at = [], 0
    for found in _LINK.finditer(line):
        parts.append(_emphasis(line[at : found.start()]))
        parts.append(style.link(_emphasis(found[1]), _address(found[2], held)))
        at = found.end()
    parts.append(_emphasis(line[at:]))
    return "".join(parts)


def _emphasis(text: str) -> str:
    return _ITALIC.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", escape(text, quote=False)))


def _address(address: str, held: list[str]) -> str:
    """Return the address for an attribute: facts in it are encoded, one that begins it must be an address itself.

    No tag begins one: what stands behind it, whether `https:` or `javascript:`, would be taken as it is.
    """
    first = _HELD.match(address)
    if not (_SCHEME.match(address) or (first is not None and _OUTPUT.fullmatch(held[int(first[1])]))):
        return BAD_ADDRESS
    quoted = escape(address)
    if first is not None:
        held.append(_filtered(held[int(first[1])], "safe_url"))
        quoted = f"\ue000{len(held) - 1}\ue001" + escape(address[first.end() :])
    start = _HELD.match(quoted)
    head, rest = (quoted[: start.end()], quoted[start.end() :]) if start else ("", quoted)
    return head + _HELD.sub(lambda found: _encoded(found, held), rest)


def _encoded(found: re.Match[str], held: list[str]) -> str:
    held.append(_filtered(held[int(found[1])], "url_encode"))
    return f"\ue000{len(held) - 1}\ue001"


def _filtered(source: str, name: str) -> str:
    """Return `{{ x }}` as `{{ x | name }}`; a tag in an address stays what it is."""
    found = _OUTPUT.fullmatch(source)
    if found is None or re.search(rf"\|\s*{name}\s*$", found[1]):
        return source
    return f"{{{{ {found[1].strip()} | {name} }}}}"


def _text(kind: str, lines: list[str]) -> str:
    if kind == "rule":
        return "----"
    if kind == "heading":
        return _plain(_HEADING.sub(r"\2", lines[0]))
    if kind == "button":
        return _BUTTON.sub(r"\1: \2", lines[0])
    return "\n".join(_plain(line) for line in lines)


def _plain(line: str) -> str:
    linked = _LINK.sub(r"\1 (\2)", line)
    return unescape(_ITALIC.sub(r"\1", _BOLD.sub(r"\1", linked)))


def bad_links(source: str) -> list[str]:
    """Return the labels of links whose address is none: it must begin as an address does, or be a fact."""
    held = "\ue000" + "0" + "\ue001"
    plain = _LIQUID.sub(lambda one: held if one[0].startswith("{{") else _TAG, _without_marks(source))
    found = [*_LINK.finditer(plain), *(match for line in plain.split("\n") if (match := _BUTTON.match(line.strip())))]
    wrong = [one[1] for one in found if not (_HELD.match(one[2]) or _SCHEME.match(one[2]))]
    return [_HELD.sub("…", label).replace(_TAG, "…") for label in wrong]
