"""The quick way of filling a text in comes to what the library does."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liquid import RenderContext

from troth.messaging.templates import environment, quick

NAMES = ("name", "order", "link", "points")
PARTS = st.sampled_from(
    [
        "Dear ",
        "<p>{} </p>",
        "{{ name }}",
        "{{ name | default: 'friend' }}",
        "{{ link | safe_url }}",
        "{{ link | default: 'x' | safe_url }}",
        "{{ points | number }}",
        "{{ order.number }}",
        "{{ order | default: name }}",
        "{% if name %}Hello {{ name }}{% endif %}",
        "{% if link %}{{ link }}{% else %}none, {{ points }}{% endif %}",
        "{% if points > 3 %}many{% elsif name %}few{% else %}no{% endif %}",
        "{% if name %} {% endif %}",
        "{% unless name %}nobody{% endunless %}",
        "{% for one in order %}{{ one }}{% endfor %}",
        "{% assign name = 'other' %}",
    ]
)
VALUES = st.dictionaries(
    st.sampled_from(NAMES),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 9_999),
        st.sampled_from(["", "Ann", "<b>&", "https://example.com/?a=1&b=2", "javascript:alert(1)", "王小明"]),
        st.sampled_from([Decimal("1.50"), date(2026, 3, 2), [], ["a", "b"], {"number": "8812"}]),
    ),
)


def by_library(template, values, language, missing):
    context = RenderContext(template, globals=values)
    context.tag_namespace[environment.MISSING] = missing
    context.tag_namespace[environment.LANGUAGE] = language
    buffer = StringIO()
    template.render_with_context(context, buffer)
    return buffer.getvalue()


def outcome(work):
    missing = set()
    try:
        return work(missing), missing
    except Exception as error:  # of the same kind in both ways
        return type(error).__name__.removesuffix("Error"), None


@pytest.mark.slow
@given(
    parts=st.lists(PARTS, max_size=6), values=VALUES, is_html=st.booleans(), language=st.sampled_from(["en", "zh-hans"])
)
def test_both_ways_come_to_the_same(parts, values, is_html, language):
    template = environment.compiled("".join(parts), is_html=is_html)
    by_the_library = outcome(lambda missing: by_library(template, values, language, missing))
    quickly = outcome(lambda missing: environment.fill(template, values, language=language, missing=missing))
    if by_the_library[1] is None:
        assert quickly == ("RenderRefused", None)
    else:
        assert quickly == by_the_library


@pytest.mark.parametrize(
    ("source", "is_simple"),
    [
        ("Dear {{ name | default: 'friend' }}, {% if link %}{{ link | safe_url }}{% else %}-{% endif %}", True),
        ("{{ points | number }}", False),
        ("{{ order.number }}", False),
    ],
)
def test_what_is_common_needs_nothing_of_the_library(source, is_simple):
    pieces = quick.pieces_of(environment.compiled(source))
    assert pieces is not None
    assert quick.simple(pieces) is is_simple


def test_what_assigns_is_the_librarys():
    assert quick.pieces_of(environment.compiled("{% assign a = name %}{{ a }}")) is None


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 points"), (Decimal(0), "0 points"), ("", " points"), (False, "none"), (None, "none")]
)
def test_a_zero_holds_as_it_does_in_the_library(value, text):
    template = environment.compiled("{% if points %}{{ points }} points{% else %}none{% endif %}")
    assert by_library(template, {"points": value}, "en", set()) == text
    assert environment.fill(template, {"points": value}, language="en", missing=set()) == text
