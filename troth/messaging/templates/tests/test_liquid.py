"""Liquid that strangers write: nothing but plain values, all within limits; and facts that try to be more than text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.messaging.templates import environment
from troth.messaging.templates.mail import sources
from troth.messaging.text_errors import RenderRefusedError, TemplateRefusedError


def filled(source: str, *, html: bool = False, language: str = "en", **values) -> str:
    missing: set[str] = set()
    return environment.fill(environment.compiled(source, is_html=html), values, language=language, missing=missing)


@pytest.mark.parametrize(
    "source",
    [
        "{% include 'x' %}",
        "{% render 'x' %}",
        "{% extends 'x' %}",
        "{% capture x %}{% endcapture %}",
        "{% liquid assign x = 1 %}",
        "{{ x | safe }}",
        "{{ x | split: ',' }}",
        "{{ x | unheard_of }}",
        "{{ x",
        "{% if x %}",
        "{% for %}{% endfor %}",
        "{% if (1..99999999999) contains 'x' %}{% endif %}",
        "{% assign r = (1..99999999999) %}{% if r contains 0.5 %}{% endif %}",
        "{% for i in (1..3) %}{% if i == (1..9) %}{% endif %}{% endfor %}",
        "{{ (1..99999999999) | upcase }}",
        "{{" * 9_000,
        "{{" + " " * 18_000 + "}}",
        "{{ '{{' }}",
        "{%a" + " " * 5_000,
    ],
)
def test_what_is_not_offered_is_refused_with_its_line(source):
    with pytest.raises(TemplateRefusedError) as refused:
        environment.compiled("first line\n" + source)
    assert "Line 2" in str(refused.value) or "endif" in str(refused.value)


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..501) %}x{% endfor %}",
        "{% for i in (1..99999999999) reversed %}x{% break %}{% endfor %}",
        "{% for i in (1..100) %}{% for j in (1..100) %}x{% endfor %}{% endfor %}",
        "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | append: x %}" * 20,
        "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | replace: 'a', x %}" * 5,
        "{% assign x = 10 %}" + "{% assign x = x | times: x %}" * 40,
        "{{ 1 | divided_by: 0 }}",
        "{{ 'x' | plus: 1 }}",
        "{{ '1e999999999' | plus: 1 }}",
        "{{ 'tomorrow' | day }}",
        "{% for i in (1..400) %}{{ long }}{% endfor %}",
        "{{ 1 | divided_by: '1e-999999' }}",
        "{{ '9e15' | divided_by: '1e-27' }}",
        "{% for i in (1..3) limit: -1 %}x{% endfor %}",
    ],
)
def test_what_would_run_away_is_stopped(source):
    with pytest.raises(RenderRefusedError):
        filled(source, long="x" * 1_000)


@pytest.mark.parametrize(
    "source",
    [
        "{{ x.__class__ }}",
        "{{ x.__class__.__mro__ }}",
        "{{ x['__init__'] }}",
        "{{ self }}",
        "{{ settings.SECRET_KEY }}",
    ],
)
def test_nothing_behind_a_value_can_be_reached(source):
    assert filled(source, x="text") == ""


def test_a_fact_that_looks_like_liquid_is_text():
    assert filled("{{ name }}", name="{{ points }}{% if %}", points=9) == "{{ points }}{% if %}"


def test_short_ranges_are_walked_both_ways():
    assert filled("{% for i in (1..3) %}{{ i }}{% endfor %}{% for i in (n..3) reversed %}{{ i }}{% endfor %}", n=2) == (
        "12332"
    )


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(TemplateRefusedError):
        environment.compiled("x" * 20_001)


def test_values_are_written_as_the_language_writes_them():
    from datetime import date  # noqa: PLC0415
    from decimal import Decimal  # noqa: PLC0415

    facts = {"day": date(2026, 3, 2), "points": 12345, "price": Decimal("1234.5")}
    source = "{{ day }} {{ day | short_day }} {{ points | number }} {{ points }} {{ price | money: 'CNY' }}"
    assert filled(source, language="zh-hans", **facts) == "2026年3月2日 3月2日 12,345 12345 ¥1,234.50"
    assert filled(source, language="en", **facts) == "2 March 2026 2 March 12,345 12345 CN¥1,234.50"


def test_filters_compute_exactly():
    assert filled("{{ 7 | divided_by: 2 }} {{ 0.1 | plus: 0.2 }} {{ 2.5 | round }} {{ 10 | minus: 4 | times: 3 }}") == (
        "3.5 0.3 3 18"
    )
    assert filled("{{ x | default: 'friend' }} {{ y | truncate: 4 }}", y="abcdef") == "friend abc…"


def test_what_is_nested_too_deep_is_refused():
    with pytest.raises((TemplateRefusedError, RenderRefusedError)):
        filled("{{ " + "a[" * 2_000 + "1" + "]" * 2_000 + " }}")


@pytest.mark.parametrize("filtered", ["plus: 0", "minus: 0", "number", "round: 6"])
def test_a_number_of_a_million_places_is_nothing(filtered):
    assert filled("{{ '1e-99999999' | " + filtered + " }}") == "0"


def test_what_is_missing_is_named_and_what_is_only_asked_for_is_not():
    missing: set[str] = set()
    source = "{{ name }}{{ order.number }}{% if vip %}{{ tier }}{% endif %}{{ points | default: 0 }}{{ city | upcase }}"
    environment.fill(environment.compiled(source), {"name": None}, language="en", missing=missing)
    assert missing == {"name", "order.number", "city"}


@pytest.mark.slow
@given(st.text(max_size=200))
def test_no_fact_can_become_markup(value):
    """Whatever a customer is called, the mail keeps its tags, links and lines."""
    source = sources("{{ name }}", "", "Hello {{ name }}\n\n[[Go]](https://x.example/{{ name }})", **_LOOK)
    shape = _shape(filled(source.html, html=True, name="plain", company="C"))
    assert _shape(filled(source.html, html=True, name=value, company="C")) == shape


@pytest.mark.parametrize(
    "value",
    ["<script>alert(1)</script>", '" onclick="x', "**bold**", "[a](https://evil.example)", "# Title", "&lt;b&gt;"],
)
def test_hostile_names_stay_names(value):
    source = sources("s", "", "Hello {{ name }}", **_LOOK)
    html = filled(source.html, html=True, name=value, company="C")
    assert "<script>" not in html
    assert 'href="https://evil' not in html
    assert "<strong>" not in html
    assert value in filled(source.text, name=value, company="C")


@pytest.mark.parametrize("value", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https:evil", "x y"])
def test_a_fact_is_an_address_only_if_it_is_one(value):
    source = sources("s", "", "[[Go]]({{ url }})", **_LOOK)
    assert '<a href="#"' in filled(source.html, html=True, url=value, company="C")
    good = filled(source.html, html=True, url="https://shop.example/?a=1&b=2", company="C")
    assert '<a href="https://shop.example/?a=1&amp;b=2"' in good


@pytest.mark.parametrize(
    "address",
    [
        "{{ my_safe_url }}",
        "{%if on%}javascript:x{%endif%}",
        "{%if on%}{{ my_safe_url }}{%endif%}",
        "{% assign a = 1 %}javascript:x",
    ],
)
def test_neither_a_facts_name_nor_a_tag_lets_an_address_pass(address):
    source = sources("s", "", f"[x]({address})\n\n[[y]]({address})", **_LOOK)
    html = filled(source.html, html=True, my_safe_url="javascript:x", on=True, company="C")
    assert html.count('href="#"') == 2
    assert "javascript:" not in html.replace("javascript:x</p>", "")


def test_a_written_address_must_begin_as_one():
    source = sources("s", "", "[x](javascript:alert(1)) [y](https://a.example/{{ id }})", **_LOOK)
    html = filled(source.html, html=True, id="a/b?c", company="C")
    assert "javascript:" not in html.split("<p", 1)[1].split("href")[1]
    assert 'href="https://a.example/a%2Fb%3Fc"' in html


_LOOK = {"color": "#0d6856", "ink": "#ffffff", "language": "en", "has_footer": False}


def _shape(html: str) -> list[str]:
    """Return the tags of a page without their addresses."""
    import re  # noqa: PLC0415

    return [re.sub(r'href="[^"]*"', "href", tag) for tag in re.findall(r"<[^>]*>", html)]
