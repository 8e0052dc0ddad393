"""Loops and ranges of Liquid, for texts that strangers write: whatever would walk a long range is refused unwalked.

The library counts turns as they are made. But `reversed` first writes the whole range down, and `contains` looks
through all of it: `(1..99999999999)` would fill the memory, or take hours, before anything is counted. And braces that
open and never close are looked for to the end of the text from each of them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from liquid import RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import LoopExpression
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.tags.for_tag import ForNode, ForTag
from liquid.exceptions import LiquidSyntaxError, LoopIterationLimitError
from liquid.expression import Expression
from liquid.template import BoundTemplate
from liquid.token import TOKEN_EOF, Token

_OPENED = re.compile(r"\{\{|\{%")
_CLOSED = {"{{": "}}", "{%": "%}"}
_GAP = re.compile(r"\s{200}")


class BoundedForNode(ForNode):
    """A loop that looks at the length of a range before it walks it."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the turns.

        Raises:
            LoopIterationLimitError: the range is longer than the environment's loops may be.
        """
        found = self.expression.iterable.evaluate(context)
        limit = context.env.loop_iteration_limit
        if limit is not None and isinstance(found, range) and found.stop - found.start > limit:
            raise LoopIterationLimitError("loop iteration limit reached", token=self.token)
        return super().render_to_output(context, buffer)


def refuse_stray_braces(source: str) -> None:
    """Refuse, in one walk through a text, braces that do not close, that open within others, or that gape.

    Raises:
        LiquidSyntaxError: some do.
    """
    at = 0
    while found := _OPENED.search(source, at):
        end = source.find(_CLOSED[found[0]], found.end())
        if end < 0:
            raise _refused(f"expected '{_CLOSED[found[0]]}', found end of file", source, found)
        if inner := _OPENED.search(source, found.end(), end):
            raise _refused(f"unexpected '{inner[0]}' within '{found[0]}'", source, inner)
        if gap := _GAP.search(source, found.end(), end):
            raise _refused("too many spaces", source, gap)
        at = end + 2


def _refused(message: str, source: str, found: re.Match[str]) -> LiquidSyntaxError:
    return LiquidSyntaxError(message, token=Token(TOKEN_EOF, found[0], start_index=found.start(), source=source))


class BoundedForTag(ForTag):
    """`for`, with bounded ranges."""

    node_class = BoundedForNode


def refuse_stray_ranges(template: BoundTemplate) -> None:
    """Let ranges stand in loops only.

    Raises:
        LiquidSyntaxError: one stands elsewhere, such as in a condition.
    """
    for expression in _expressions(template.nodes, RenderContext(template)):
        if isinstance(expression, RangeLiteral):
            raise LiquidSyntaxError("a range may stand in a loop only", token=expression.token)


def _expressions(nodes: Iterable[Node], context: RenderContext) -> Iterator[Expression]:
    """Return every expression of a text, however deep, but for the ranges that loops walk."""
    for node in nodes:
        for expression in node.expressions():
            yield from _within(expression)
        yield from _expressions(node.children(context, include_partials=False), context)


def _within(expression: Expression) -> Iterator[Expression]:
    walked = expression.iterable if isinstance(expression, LoopExpression) else None
    yield expression
    for part in expression.children():
        if part is walked and isinstance(part, RangeLiteral):
            yield from (inner for end in part.children() for inner in _within(end))
        else:
            yield from _within(part)
