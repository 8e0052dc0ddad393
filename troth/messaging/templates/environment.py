"""Liquid that strangers may write: few tags, few filters, small loops, no files, nothing but plain values.

Differences from Shopify's Liquid are on the safe side: unknown filters and tags are errors, values that are not there
are noted and never passed over in silence, everything has a limit.
"""

from collections.abc import Mapping
from functools import lru_cache
from io import StringIO
from typing import Any, TextIO

from django.utils.translation import gettext as _
from liquid import Environment, Mode, RenderContext
from liquid.builtin import content, illegal
from liquid.builtin.expressions import Path
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags import assign_tag, case_tag, comment_tag, for_tag, if_tag, unless_tag
from liquid.exceptions import LiquidError
from liquid.output import LimitedStringIO
from liquid.template import BoundTemplate
from liquid.undefined import is_undefined
from markupsafe import escape

from troth.kit.liquid_loops import BoundedForTag, refuse_stray_braces, refuse_stray_ranges

from ..text_errors import RenderRefusedError, TemplateRefusedError
from . import quick
from .filters import FILTERS
from .formats import shown

SOURCE_LIMIT = 20_000  # characters
OUTPUT_LIMIT = 100_000  # bytes
LOOP_LIMIT = 500  # iterations, nested ones multiplied
NAMESPACE_LIMIT = 50_000  # bytes that a text may assign
MISSING, LANGUAGE = "troth_missing", "troth_language"

TAGS = (
    if_tag.IfTag,
    unless_tag.UnlessTag,
    case_tag.CaseTag,
    BoundedForTag,
    for_tag.BreakTag,
    for_tag.ContinueTag,
    assign_tag.AssignTag,
    comment_tag.CommentTag,
)


class _FilledNode(OutputNode):
    """Writes a value as people of the language write it, and notes one that is missing."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        if value is None or is_undefined(value):
            context.tag_namespace[MISSING].add(_name_of(self))
            return 0
        text = shown(value, context.tag_namespace[LANGUAGE])
        return buffer.write(str(escape(text)) if context.autoescape else text)


class _Filled(Output):
    node_class = _FilledNode


class SafeEnvironment(Environment):
    """An environment with nothing in it but what is listed here."""

    loop_iteration_limit = LOOP_LIMIT
    local_namespace_limit = NAMESPACE_LIMIT
    output_stream_limit = OUTPUT_LIMIT
    block_nesting_limit = 10

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register our own choice instead of everything that the library offers."""
        for tag in (content.Literal, illegal.Illegal, _Filled, *TAGS):
            self.add_tag(tag)
        for name, function in FILTERS.items():
            self.add_filter(name, function)


PLAIN = SafeEnvironment(tolerance=Mode.STRICT, strict_filters=True, autoescape=False)
HTML = SafeEnvironment(tolerance=Mode.STRICT, strict_filters=True, autoescape=True)


def compiled(source: str, *, is_html: bool = False) -> BoundTemplate:
    """Return a Liquid text made ready.

    Raises:
        TemplateRefusedError: its Liquid is wrong; the message says what and in which line.
    """
    if len(source) > SOURCE_LIMIT:
        text = _("The text has %(size)s characters; at most %(limit)s are allowed.")
        raise TemplateRefusedError(
            text % {"size": len(source), "limit": SOURCE_LIMIT}, value=len(source), limit=SOURCE_LIMIT
        )
    return _compiled(source, is_html)


@lru_cache(maxsize=2_000)
def _compiled(source: str, is_html: bool) -> BoundTemplate:
    try:
        refuse_stray_braces(source)
        found = (HTML if is_html else PLAIN).from_string(source)
        refuse_stray_ranges(found)
        _refuse_unknown_filters(found, source)
    except LiquidError as error:
        raise TemplateRefusedError(_line_of(error, source), field="body") from error
    except RecursionError as error:
        raise TemplateRefusedError(_("Blocks stand in each other too deep."), field="body") from error
    return found


def _refuse_unknown_filters(template: BoundTemplate, source: str) -> None:
    """Refuse now what the library would only notice when the text is filled in."""
    used = template.analyze(include_partials=False).filters
    for name in sorted(used.keys() - FILTERS.keys()):
        line = source[: used[name][0].index].count("\n") + 1
        text = _("Line %(line)s: there is no filter “%(name)s”; there are: %(known)s.")
        values = {"line": line, "name": name, "known": ", ".join(sorted(FILTERS))}
        raise TemplateRefusedError(text % values, field="body", value=name)


def fill(template: BoundTemplate, values: Mapping[str, Any], *, language: str, missing: set[str]) -> str:
    """Return the text with the values in it; names of values that are not there are added to `missing`.

    Raises:
        RenderRefusedError: it loops too often, grows too large, or computes what cannot be computed.
    """

    def prepare(context: RenderContext) -> None:
        context.tag_namespace[MISSING] = missing
        context.tag_namespace[LANGUAGE] = language

    limits: dict[str, Any] = {"language": language, "missing": missing, "limit": OUTPUT_LIMIT, "prepare": prepare}
    try:
        pieces = _pieces(template)
        if pieces is not None and (text := quick.filled(template, pieces, values, **limits)) is not None:
            return text
        context = RenderContext(template, globals=values)
        prepare(context)
        buffer: StringIO = LimitedStringIO(OUTPUT_LIMIT)
        template.render_with_context(context, buffer)
    except LiquidError as error:
        raise RenderRefusedError(_line_of(error, "")) from error
    except (ArithmeticError, RecursionError, ValueError) as error:  # of Python, where the library asks it blindly
        raise RenderRefusedError(_("The text cannot be read: %(what)s.") % {"what": error}) from error
    return buffer.getvalue()


@lru_cache(maxsize=4_000)
def _pieces(template: BoundTemplate) -> quick.Pieces | None:
    return quick.pieces_of(template)


def names_in(template: BoundTemplate) -> frozenset[str]:
    """Return the facts that a text asks for, without what it assigns itself."""
    return frozenset(template.analyze(include_partials=False).globals)


def _name_of(node: OutputNode) -> str:
    left = getattr(node.expression, "left", node.expression)
    return ".".join(str(part) for part in left.path) if isinstance(left, Path) else str(left)


def _line_of(error: LiquidError, source: str) -> str:
    """Return what is wrong and where; the library says it in English, codes and names in it are the author's."""
    what = str(error.args[0]) if error.args else type(error).__name__
    token = error.token
    if token is None or token.start_index < 0:
        return _("The text cannot be read: %(what)s.") % {"what": what}
    line = (token.source or source)[: token.start_index].count("\n") + 1
    return _("Line %(line)s: %(what)s.") % {"line": line, "what": what}
