"""The common part of Liquid without the library's detours: literal text, values by name, a plain "if".

Most of what is sent is that and nothing else, and it is sent by the million. A piece of any other kind is left to the
library; a text that assigns or loops altogether. What comes out is the same, a test holds the two against each other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liquid import RenderContext
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path, PositionalArgument, StringLiteral
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.logical import BooleanExpression
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.output import LimitedStringIO
from liquid.template import BoundTemplate
from markupsafe import escape

from .filters import FILTERS
from .formats import shown

SIMPLE_FILTERS = {"default", "safe_url"}
LIBRARYS_OWN = {"now", "today"}  # names that the library fills in by itself


@dataclass(frozen=True, slots=True)
class _Value:
    name: str
    filters: tuple[tuple[Callable[..., Any], tuple[Any, ...]], ...]


@dataclass(frozen=True, slots=True)
class _If:
    name: str
    then: tuple[Any, ...]
    otherwise: tuple[Any, ...]


Pieces = tuple[Any, ...]
"""Texts, values, ifs, and nodes that are left to the library."""


@dataclass(slots=True)
class _Run:
    """One text being filled in."""

    template: BoundTemplate
    values: Mapping[str, Any]
    language: str
    missing: set[str]
    is_html: bool
    prepare: Callable[[RenderContext], None]
    limit: int
    out: list[str]
    context: RenderContext | None = None


def pieces_of(template: BoundTemplate) -> Pieces | None:
    """Return the pieces of a text, None if it is the library's altogether."""
    analysis = template.analyze(include_partials=False)
    if analysis.locals or "for" in analysis.tags or set(analysis.globals) & LIBRARYS_OWN:
        return None
    return tuple(_piece(node) for node in template.nodes)


def filled(
    template: BoundTemplate,
    pieces: Pieces,
    values: Mapping[str, Any],
    *,
    language: str,
    missing: set[str],
    limit: int,
    prepare: Callable[[RenderContext], None],
) -> str | None:
    """Return the text with the values in it; None if it grew over the limit, which is the library's to refuse.

    Args:
        prepare: makes a context of the library ready for a piece that is left to it.
    """
    run = _Run(template, values, language, missing, bool(template.env.autoescape), prepare, limit, [])
    _write(pieces, run)
    text = "".join(run.out)
    return None if len(text) * 4 > limit and len(text.encode()) > limit else text


def _write(pieces: Pieces, run: _Run) -> None:
    values, out = run.values, run.out
    for piece in pieces:
        if type(piece) is str:
            out.append(piece)
        elif type(piece) is _Value:
            value = values.get(piece.name)
            for function, arguments in piece.filters:
                value = function(value, *arguments)
            if value is None:
                run.missing.add(piece.name)
                continue
            text = value if type(value) is str else shown(value, run.language)
            out.append(escape(text) if run.is_html else text)
        elif type(piece) is _If:
            value = values.get(piece.name)
            holds = value is not None and value is not False  # by identity, for 0 == False, and 0 points hold
            _write(piece.then if holds else piece.otherwise, run)
        else:
            out.append(_by_library(piece, run))


def _by_library(node: Node, run: _Run) -> str:
    if run.context is None:
        run.context = RenderContext(run.template, globals=run.values)
        run.prepare(run.context)
    buffer = LimitedStringIO(run.limit)
    node.render(run.context, buffer)
    return buffer.getvalue()


def _piece(node: Node) -> Any:
    if type(node) is ContentNode:
        return node.text
    if isinstance(node, OutputNode) and (value := _value(node.expression)) is not None:
        return value
    if type(node) is IfNode and (choice := _choice(node)) is not None:
        return choice
    return node


def _value(expression: Any) -> _Value | None:
    if not isinstance(expression, FilteredExpression):
        return None
    name = _name(expression.left)
    filters = [_filter(one) for one in expression.filters or ()]
    if name is None or None in filters:
        return None
    return _Value(name, tuple(one for one in filters if one is not None))


def _filter(one: Filter) -> tuple[Callable[..., Any], tuple[Any, ...]] | None:
    arguments = [
        arg.value.value
        for arg in one.args
        if isinstance(arg, PositionalArgument) and isinstance(arg.value, StringLiteral)
    ]
    most = {"default": 1, "safe_url": 0}.get(one.name, -1)
    if len(arguments) != len(one.args) or len(arguments) > most:
        return None
    return FILTERS[one.name], tuple(arguments)


def _choice(node: IfNode) -> _If | None:
    condition = node.condition
    name = _name(condition.expression) if isinstance(condition, BooleanExpression) else None
    blocks = [node.consequence, *([node.default] if node.default else [])]
    if name is None or node.alternatives or any(block.blank for block in blocks):
        return None
    return _If(name, _block(blocks[0]), _block(blocks[1]) if len(blocks) > 1 else ())


def _block(block: BlockNode) -> Pieces:
    return tuple(_piece(node) for node in block.nodes)


def _name(expression: Any) -> str | None:
    """Return the one name of a path without further steps."""
    if isinstance(expression, Path) and len(expression.path) == 1 and isinstance(expression.path[0], str):
        return expression.path[0]
    return None


def simple(pieces: Sequence[Any]) -> bool:
    """Tell whether nothing is left to the library."""
    return all(
        isinstance(piece, str | _Value) or (isinstance(piece, _If) and simple(piece.then) and simple(piece.otherwise))
        for piece in pieces
    )
