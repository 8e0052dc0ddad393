"""Changing one part of a document's text, so that everything else stays as it was written: comments, order, spacing.

The part is written anew; should the rest then mean anything else than before, what it stands in is written anew.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from troth.kit.documents.source import Path
from troth.programs.document.reading import parse
from troth.programs.errors import DocumentInvalidError

STEP = 2


class _Writer(yaml.SafeDumper):
    """Writes exact decimals as the numbers they are."""


def _decimal(writer: yaml.SafeDumper, number: Decimal) -> Any:
    return writer.represent_scalar("tag:yaml.org,2002:float", f"{number:f}")


_Writer.add_representer(Decimal, _decimal)


def written(value: Any) -> str:
    """Return a value as YAML with short parts in braces."""
    return yaml.dump(value, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)


def put(text: str, path: Path, value: Any) -> str:
    """Return the text with the part at a path replaced, or added: at the end of its list, or as a new key.

    value: plain; None takes the part out.

    Raises:
        DocumentInvalidError: the text is no YAML.
    """
    before = parse(text).value
    wanted = _with(before, path, value)
    while len(path) > 1 and value is not None and not _stands(before, path[:-1]):
        value = [value] if isinstance(path[-1], int) else {path[-1]: value}
        path = path[:-1]
    while True:
        found = _tried(text, path, value)
        if found is not None and parse(found).value == wanted:
            return found
        if len(path) == 1:
            return written(wanted)
        path = path[:-1]  # what it stands in is written anew
        value = _at_plain(wanted, path)


def move(text: str, path: Path, by: int) -> str:
    """Return the text with an entry of a list moved up (-1) or down (1) by one, with the comments right above it.

    Raises:
        DocumentInvalidError: the text is no YAML.
        LookupError: there is no such entry, or none to change places with.
    """
    before = parse(text).value
    first, second = sorted((int(path[-1]), int(path[-1]) + by))
    items = list(_at_plain(before, path[:-1]))
    if first < 0 or second >= len(items):
        raise LookupError(f"nothing stands beside {path}")
    items[first], items[second] = items[second], items[first]
    wanted = _with(before, path[:-1], items)
    try:
        found = _swapped(text, path[:-1], first)
        if parse(found).value == wanted:
            return found
    except (yaml.YAMLError, LookupError, DocumentInvalidError):
        pass  # written anew below
    return put(text, path[:-1], items)


def _swapped(text: str, path: Path, first: int) -> str:
    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = [f"{line}\n" for line in text.removesuffix("\n").split("\n")]
    start, middle, indent = _span(root, (*path, first), lines)
    below, end, _indent = _span(root, (*path, first + 1), lines)
    above = _with_comments(lines, start, indent)
    between = _with_comments(lines, below, indent)
    return "".join([*lines[:above], *lines[between:end], *lines[middle:between], *lines[above:middle], *lines[end:]])


def _with_comments(lines: Sequence[str], start: int, indent: int) -> int:
    """Return where an entry begins with the comments that stand right above it, as far in as itself."""
    while start and lines[start - 1].startswith(" " * indent + "#"):
        start -= 1
    return start


def _tried(text: str, path: Path, value: Any) -> str | None:
    try:
        return _patched(text, path, value)
    except (yaml.YAMLError, LookupError, DocumentInvalidError):
        return None


def _at_plain(value: Any, path: Path) -> Any:
    for key in path:
        value = value[int(key)] if isinstance(value, list) else value.get(key)
    return value


def _stands(value: Any, path: Path) -> bool:
    """Tell whether something with parts of its own stands at a path."""
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return False
    return bool(value)


def _with(value: Any, path: Path, part: Any) -> Any:
    """Return plain values with one part replaced, added or taken out."""
    if not path:
        return part
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        items = list(value or [])
        changed = part if not rest else _with(items[key], rest, part)
        if changed is None:
            return items[:key] + items[key + 1 :]
        return [*items[:key], changed, *items[key + 1 :]]
    found = dict(value or {})
    changed = part if not rest else _with(found.get(key), rest, part)
    if changed is None:
        found.pop(key, None)
    else:
        found[key] = changed
    return found


def _patched(text: str, path: Path, value: Any) -> str:
    text = text if text.endswith("\n") else f"{text}\n"
    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = text.split("\n")
    lines = [f"{line}\n" for line in lines[:-1]]
    first, last, indent = _span(root, path, lines)
    block = [] if value is None else _block(path[-1], value, indent)
    return "".join([*lines[:first], *block, *lines[last:]])


def _span(root: Node, path: Path, lines: Sequence[str]) -> tuple[int, int, int]:
    """Return the lines of the part, first and the one after its last, and how far it is indented.

    Raises:
        LookupError: it, or what it would stand in, is not written in lines of its own.
    """
    parent = _at(root, path[:-1])
    key = path[-1]
    if parent.flow_style:
        raise LookupError("the part stands within brackets")
    items = parent.value
    starts = [
        (one[0].value if isinstance(parent, MappingNode) else at, (one[0] if isinstance(parent, MappingNode) else one))
        for at, one in enumerate(items)
    ]
    indent = starts[0][1].start_mark.column if starts else 0
    if isinstance(parent, SequenceNode):
        indent -= STEP
    for at, (name, node) in enumerate(starts):
        if name == key:
            end = starts[at + 1][1].start_mark.line if at + 1 < len(starts) else parent.end_mark.line
            return node.start_mark.line, _trimmed(lines, node.start_mark.line, end), indent
    end = _trimmed(lines, starts[-1][1].start_mark.line, parent.end_mark.line) if starts else len(lines)
    return end, end, indent


def _at(node: Node, path: Path) -> Any:
    for key in path:
        if isinstance(node, MappingNode):
            node = next(value for name, value in node.value if name.value == key)
        else:
            node = node.value[key]
    return node


def _trimmed(lines: Sequence[str], start: int, end: int) -> int:
    """Return the end without blank lines and comments at its foot: those belong to what follows."""
    while end - 1 > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _block(key: str | int, value: Any, indent: int) -> list[str]:
    """Return the lines of a key with its value, or of an item of a list."""
    text = written([value]) if isinstance(key, int) else _keyed(key, value)
    return [" " * indent + line for line in text.splitlines(keepends=True)]


def _keyed(key: str, value: Any) -> str:
    text = written(value).removesuffix("...\n")
    if not isinstance(value, dict | list) or text.startswith(("{", "[")):
        return f"{key}: {text}"
    return f"{key}:\n" + "".join(" " * STEP + line for line in text.splitlines(keepends=True))
