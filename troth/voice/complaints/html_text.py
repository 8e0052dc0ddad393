"""HTML from strangers as text: no mark-up, script, style, comment or hidden head survives.

One pass from left to right, in time that grows with the length: what does not end, ends the text. The standard
library's parser looks for each missing end anew, and two megabytes of "<a <a <a" keep it busy for hours.
"""

import re
from collections.abc import Iterator
from html import unescape

MOST_HTML = 2 * 2**20
# fmt: off
_BLOCKS = frozenset((
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
))
_SILENT = frozenset((
    "script", "style", "head", "title", "template", "noscript", "object", "iframe", "svg", "math", "select", "textarea",
))
# fmt: on
_RAW = frozenset(("script", "style", "title", "textarea", "iframe", "noscript"))
"""What they hold is no mark-up: it ends at their own end tag, whatever stands before."""
_TAG = re.compile(r"""<(/?)([a-z][^\s/>]*+)((?:[^>"']++|"[^"]*+"|'[^']*+')*+)>""", re.IGNORECASE)
_OPENS = re.compile(r"<(?:!--|[!?]|/?[a-z])", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"&#x?[0-9a-f]{9,}+;?", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")
_MOST_SLIPS = 20
"""Tags with a quotation mark that never ends: each costs one look through the rest."""


def plain_text(html: str) -> str:
    """Return the text of HTML from a stranger, one line a block."""
    lines: list[list[str]] = [[]]
    hidden, depth = "", 0
    for kind, value in _pieces(html[:MOST_HTML]):
        if kind == "text":
            if not hidden:
                lines[-1].append(re.sub(r"\s+", " ", unescape(_LONG_NUMBER.sub("", value))))
            continue
        if value == hidden:
            depth += 1 if kind == "start" else -1
        elif not hidden and kind == "start" and value in _SILENT:
            hidden, depth = value, 1
        elif hidden == "head" and value == "body":  # the end tag of a head may be left out
            depth = 0
        hidden = hidden if depth else ""
        if value in _BLOCKS:
            lines.append([])
    return _BLANK_LINES.sub("\n\n", "\n".join("".join(line).strip() for line in lines)).strip()


def _pieces(html: str) -> Iterator[tuple[str, str]]:
    """Yield ("text", …), ("start", tag), ("end", tag) and ("empty", tag), in the order of the document."""
    place, slips = 0, 0
    while found := _OPENS.search(html, place):
        start = found.start()
        yield "text", html[place:start]
        tag = _TAG.match(html, start)
        if tag is None:
            ending = "-->" if found[0] == "<!--" else ">"
            end = html.find(ending, start)
            slips += found[0][-1].isalpha()
            if end < 0 or slips > _MOST_SLIPS:
                return
            place = end + len(ending)
            continue
        place, name = tag.end(), tag[2].lower()
        if tag[1]:
            yield "end", name
        elif tag[3].endswith("/") and name not in _RAW:
            yield "empty", name
        else:
            yield "start", name
            if name in _RAW:
                ends = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, place)
                if ends is None:
                    return
                place = ends.start()
    yield "text", html[place:]
