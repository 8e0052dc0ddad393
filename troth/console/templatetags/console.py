"""The console's components and formats in templates: `{% load console %}`. The README lists them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from troth.console import formats
from troth.console.components import (
    ChartCard,
    CursorPage,
    Figure,
    Progress,
    Reason,
    Tab,
    Table,
    Text,
    TimelineItem,
)
from troth.console.sparkline import sparkline
from troth.kit.conditions.wording import ExplainedLine

register = template.Library()

for _name in (
    "count",
    "compact",
    "money",
    "money_compact",
    "units",
    "signed_units",
    "percent",
    "change",
    "day",
    "month",
    "moment",
    "initials",
):
    register.filter(_name, formats.__dict__[_name])


def _draw(component: str, /, **context: Any) -> SafeString:
    return render_to_string(f"console/components/{component}.html", context)


@register.filter
def points(ratio: formats.Number, places: int = 1) -> str:
    """Show a difference of two ratios in percentage points: 0.018 → "+1.8"."""
    return formats.change(ratio, places).removesuffix("%")


@register.filter
def ago(value: Any, now: Any) -> str:
    """Show how long before `now` something was."""
    return formats.ago(value, now)


@register.simple_tag
def icon(name: str, css: str = "", label: Text = "") -> SafeString:
    """Draw an outline from the sprite. With a label it is a picture with a name, without one it is
    decoration.
    """
    href = f"{static('vendor/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, href
        )
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}"></use></svg>', css, href)


@register.simple_block_tag
def page_header(
    content: str, title: Text, subtitle: Text = "", back_url: str = "", back_label: Text = ""
) -> SafeString:
    """Draw the top of a page; the content stands at the right: the page's actions."""
    return _draw("page_header", **locals())


@register.simple_block_tag
def card(
    content: str,
    *,
    title: Text = "",
    subtitle: Text = "",
    flush: bool = False,
    id: str = "",
    url: str = "",
    url_label: Text = "",
    css: str = "",
) -> SafeString:
    """Draw a surface with a title; `flush` when a table fills it to the edges."""
    return _draw("card", **locals())


@register.simple_tag
def figure(figure: Figure) -> SafeString:
    """Draw one number with its change and its trend."""
    return _draw("figure", figure=figure)


@register.simple_tag
def spark(values: Sequence[float], label: Text = "") -> SafeString:
    """Draw a small line of numbers."""
    return _draw("spark", line=sparkline(values), label=label)


@register.simple_tag
def chart_card(chart: ChartCard) -> SafeString:
    """Draw a picture with the table behind it and its CSV."""
    return _draw("chart_card", chart=chart)


@register.simple_tag
def data_table(table: Table, id: str = "") -> SafeString:
    """Draw a table of plain cells."""
    return _draw("data_table", table=table, id=id)


@register.simple_tag(takes_context=True)
def sort_header(
    context: template.RequestContext, name: str, label: Text, number: bool = False, param: str = "sort"
) -> SafeString:
    """Draw a column head that sorts the list by a link: `?sort=name`, pressed again `?sort=-name`."""
    request: HttpRequest = context["request"]
    current = str(request.GET.get(param, context.get("sort", "")))
    state = {name: "ascending", f"-{name}": "descending"}.get(current, "none")
    query = request.GET.copy()
    query[param] = f"-{name}" if state == "ascending" else name
    query.pop("page", None)
    query.pop("cursor", None)
    return _draw("sort_header", label=label, number=number, state=state, url=f"?{query.urlencode()}")


@register.simple_block_tag(takes_context=True)
def filter_bar(
    context: template.RequestContext, content: str, target: str = "#results", action: str = ""
) -> SafeString:
    """Draw the form above a list. It sends itself when something changes, and keeps the order of the list."""
    return _draw(
        "filter_bar",
        content=content,
        target=target,
        action=action,
        sort=context["request"].GET.get("sort", ""),
    )


@register.simple_tag(takes_context=True)
def pagination(context: template.RequestContext, page: Page[Any] | CursorPage, target: str = "#results") -> SafeString:
    """Draw the links to other pages of a list."""
    if isinstance(page, CursorPage):
        return _draw("pagination_cursor", page=page, target=target)
    query = context["request"].GET.copy()
    query.pop("page", None)
    pages = list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    return _draw(
        "pagination",
        page=page,
        pages=pages,
        target=target,
        query=query.urlencode(),
        gap=page.paginator.ELLIPSIS,
    )


@register.simple_tag
def badge(text: Text, tone: str = "neutral", icon: str = "") -> SafeString:
    """Draw a small word with a tone: neutral, brand, good, warn, bad, info."""
    return _draw("badge", text=text, tone=tone, icon=icon)


@register.simple_tag
def tabs(tabs: Iterable[Tab], label: Text = "") -> SafeString:
    """Draw links to the several views of one thing."""
    return _draw("tabs", tabs=tabs, label=label)


@register.simple_block_tag
def drawer(content: str, id: str, title: Text, subtitle: Text = "", wide: bool = False) -> SafeString:
    """Draw a panel that slides in from the side."""
    return _draw("drawer", **locals())


@register.simple_block_tag(takes_context=True)
def confirm(
    context: template.RequestContext,
    content: str,
    *,
    id: str,
    title: Text,
    action: str,
    submit: Text,
    danger: bool = False,
    name: str = "",
    value: str = "",
) -> SafeString:
    """Draw a question before an act; the content says what will happen and may hold form fields."""
    return _draw(
        "confirm",
        csrf_token=context.get("csrf_token"),
        content=content,
        id=id,
        title=title,
        action=action,
        submit=submit,
        danger=danger,
        name=name,
        value=value,
    )


@register.simple_tag
def timeline(items: Iterable[TimelineItem]) -> SafeString:
    """Draw what happened, in the order given, with a heading per day."""
    return _draw("timeline", items=list(items))


@register.simple_block_tag
def empty(content: str, icon: str, title: Text, text: Text = "") -> SafeString:
    """Draw a screen without data: what will appear here, and how to get it there."""
    return _draw("empty", **locals())


@register.simple_tag
def progress(progress: Progress) -> SafeString:
    """Draw long work; it asks again by itself while it is running."""
    return _draw("progress", progress=progress)


@register.simple_tag
def reasons(reasons: Sequence[Reason], title: Text = "") -> SafeString:
    """Draw why something came out as it did."""
    return _draw("reasons", reasons=reasons, title=title)


@register.simple_tag
def why(lines: Sequence[ExplainedLine]) -> SafeString:
    """Draw what decided, a condition a line: whether it is met, and what is known of the one asked about."""
    return _draw("why", lines=lines)


@register.simple_tag
def avatar(name: Text, size: str = "") -> SafeString:
    """Draw the circle with somebody's initials; decoration, the name stands beside it."""
    return format_html(
        '<span class="avatar-name {}" aria-hidden="true">{}</span>',
        size and f"avatar-{size}",
        formats.initials(str(name)),
    )


@register.simple_tag
def bar(ratio: formats.Number, tone: str = "brand", label: Text = "") -> SafeString:
    """Draw a share of 1 as a bar."""
    width = round(100 * min(1.0, max(0.0, float(ratio))), 2)
    return _draw("bar", width=width, tone=tone, label=label or formats.percent(ratio))


@register.simple_tag
def stat(label: Text, value: Text, note: Text = "") -> SafeString:
    """Draw a label with its value, for lists of facts: put several in `<dl class="stats">`."""
    return _draw("stat", label=label, value=value, note=note)


@register.simple_tag
def copy(text: str, label: Text = "") -> SafeString:
    """Draw a text with a button that copies it."""
    return _draw("copy", text=text, label=label)


@register.simple_tag
def field(field: BoundField, label: Text = "", hint: Text = "") -> SafeString:
    """Draw a form field with its label, its help and its errors."""
    return _draw(
        "field",
        field=_styled(field),
        label=label or field.label,
        hint=hint or field.help_text,
        **_shape(field),
    )


@register.simple_tag
def fields(form: BaseForm) -> SafeString:
    """Draw all visible fields of a form, and the hidden ones."""
    drawn = [str(hidden) for hidden in form.hidden_fields()] + [str(field(bound)) for bound in form.visible_fields()]
    return mark_safe("".join(drawn))  # noqa: S308  each part was escaped where it was drawn


@register.simple_tag
def form_errors(form: BaseForm, title: Text = "", focus: bool = True) -> SafeString:
    """Draw the list of what is wrong in a form, each with a link to its field; it takes the focus when the
    page comes.
    """
    return _draw("form_errors", form=form, title=title, focus=focus)


def _shape(bound: BoundField) -> dict[str, bool]:
    widget = bound.field.widget
    many = isinstance(widget, CheckboxSelectMultiple | RadioSelect)
    return {"is_check": isinstance(widget, CheckboxInput), "is_group": many}


def _styled(bound: BoundField) -> BoundField:
    """Give the widget our classes and tell assistive technology about its errors and its help."""
    widget = bound.field.widget
    attrs = widget.attrs
    if isinstance(widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        wanted = "form-check-input"
    else:
        wanted = "form-select" if isinstance(widget, Select) else "form-control"
    classes = attrs.get("class", "").split()
    attrs.pop("placeholder", None)  # the label says it, and a placeholder is gone when one begins to write
    attrs["class"] = " ".join(dict.fromkeys([*classes, wanted, *(["is-invalid"] if bound.errors else [])]))
    return bound
