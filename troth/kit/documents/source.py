"""Text into plain values, with the line and column of every part. YAML 1.2 words: `on` and `15:00` are texts.

JSON is read as the YAML it is. Aliases are refused: a small document could grow without end. So are depth and number of
parts while the text is first walked through: the reader calls itself at each level, and looks back at all of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml
from django.utils.translation import gettext as _
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .errors import DocumentError, Problem

MAX_CHARACTERS = 500_000
MAX_DEPTH = 30
MAX_PARTS = 100_000
"""So many lists, keys and values; the longest document could hold more, and be read for half a minute."""

Path = tuple[str | int, ...]
_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,3})?")
_WORDS: Mapping[str, Any] = {"true": True, "True": True, "false": False, "False": False}
_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Source:
    """Plain values of a document, and where each stands: path → line and column, counted from 1."""

    value: Any
    places: Mapping[Path, tuple[int, int]]

    def place(self, path: Path) -> tuple[int, int]:
        """Return the place of a part; of one that is missing the place of what it is missing from."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def problem(self, path: Path, code: str, message: str) -> Problem:
        """Return what is wrong at a part."""
        line, column = self.place(path)
        return Problem(line, column, shown(path), code, message)


def shown(path: Path) -> str:
    """Return a path as people read it: rules[2].effect.points."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def parse(text: str, refused: type[DocumentError]) -> Source:
    """Return the values and places of a YAML or JSON text.

    Raises:
        DocumentError: of the class given; it is no YAML, too long, nested too deep, has a key twice or an alias.
    """
    try:
        node = _composed(text, refused.first_key)
    except _UnreadableError as error:
        raise refused([error.problem]) from None
    reader = _Reader()
    value = reader.read(node, ())
    if reader.problems:
        raise refused(reader.problems)
    return Source(value, reader.places)


class _UnreadableError(Exception):
    """The text is no YAML that we take."""

    def __init__(self, line: int, column: int, code: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(line, column, "", code, message)


def _composed(text: str, first_key: str) -> Node:
    if len(text) > MAX_CHARACTERS:
        message = _("the document has %(count)d characters; at most %(limit)d are allowed")
        raise _UnreadableError(1, 1, "too_long", message % {"count": len(text), "limit": MAX_CHARACTERS})
    try:
        node = _tree(text)
    except yaml.MarkedYAMLError as error:
        line, column = _place(error.problem_mark or error.context_mark)
        message = _("this is not YAML: %(problem)s. Look at the indentation, quotes and colons here and just above.")
        given = {"problem": error.problem or error.context}
        raise _UnreadableError(line, column, "not_yaml", message % given) from None
    except yaml.YAMLError:  # a character that no YAML may have
        message = _("the text has a character that YAML does not allow; remove it")
        raise _UnreadableError(1, 1, "not_yaml", message) from None
    if node is None:
        message = _("the document is empty; begin with “%(key)s:” and a code") % {"key": first_key}
        raise _UnreadableError(1, 1, "empty", message)
    return node


@lru_cache(maxsize=8)
def _tree(text: str) -> Node | None:
    """Return the nodes of a text. One page asks several times for the same; nothing ever changes a node."""
    _refuse_growth(text)
    node: Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    return node


def _refuse_growth(text: str) -> None:
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        line, column = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            raise _UnreadableError(line, column, "alias", _("aliases (*name) are not allowed; write the part out"))
        if depth >= MAX_DEPTH and isinstance(event, yaml.NodeEvent):
            message = _("nested more than %(limit)d levels deep") % {"limit": MAX_DEPTH}
            raise _UnreadableError(line, column, "too_deep", message)
        if count > MAX_PARTS:
            message = _("the document has more than %(limit)d parts; make two of it") % {"limit": MAX_PARTS}
            raise _UnreadableError(line, column, "too_many_parts", message)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)


def _place(mark: Any) -> tuple[int, int]:
    """Return line and column from 1; the parser may know no place."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _Reader:
    """One reading of a tree of nodes."""

    def __init__(self) -> None:
        self.places: dict[Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def read(self, node: Node, path: Path) -> Any:
        self.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(one, (*path, index)) for index, one in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._refuse(key_node, path, "wrong_key", _("a key has to be a text"))
                continue
            key = str(key_node.value)
            at = (*path, key)
            self.places.setdefault(at, (key_node.start_mark.line + 1, key_node.start_mark.column + 1))
            if key in found:
                self._refuse(key_node, at, "key_twice", _("“%(key)s” stands here twice; keep one") % {"key": key[:60]})
            found[key] = self.read(value_node, at)
        return found

    def _refuse(self, node: Node, path: Path, code: str, message: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(mark.line + 1, mark.column + 1, shown(path), code, message))


def _scalar(node: Node) -> Any:
    """Return a scalar by the words of YAML 1.2; numbers with a point are Decimals, days and times stay texts."""
    text = str(node.value)
    if getattr(node, "style", None) in ("'", '"', "|", ">"):
        return text
    if text in _NOTHING:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _NUMBER.fullmatch(text) else text
