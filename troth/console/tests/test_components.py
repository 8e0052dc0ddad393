from datetime import UTC, datetime

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from troth.console import components
from troth.console.sparkline import sparkline


def render(source, **context):
    request = RequestFactory().get(context.pop("path", "/list/"))
    return Template("{% load console %}" + source).render(Context({"request": request, **context}))


def test_block_components_hold_their_content_and_escape_their_titles():
    html = render("{% card title=title %}<b>inside</b>{% endcard %}", title="<x>")
    assert "<b>inside</b>" in html
    assert "&lt;x&gt;" in html


def test_page_header_has_the_one_heading():
    html = render('{% page_header title="Orders" back_url="/x/" back_label="All" %}<a>act</a>{% endpage_header %}')
    assert html.count("<h1>Orders</h1>") == 1
    assert 'href="/x/"' in html
    assert "<a>act</a>" in html


@pytest.mark.parametrize(
    ("query", "state", "link"),
    [
        ("", "none", "?sort=name"),
        ("?sort=name", "ascending", "?sort=-name"),
        ("?sort=-name&page=3&q=a", "descending", "?sort=name&amp;q=a"),
    ],
)
def test_column_heads_sort_by_links_and_keep_the_filter(query, state, link):
    html = render('{% sort_header "name" "Name" %}', path=f"/list/{query}")
    assert f'aria-sort="{state}"' in html
    assert f'href="{link}"' in html


def test_pages_keep_the_filter():
    page = Paginator(range(100), 10).page(5)
    html = render("{% pagination page %}", path="/list/?q=a&page=5", page=page)
    assert 'href="?q=a&amp;page=4" rel="prev"' in html
    assert 'aria-current="page">5<' in html
    assert "41–50 of 100" in html


def test_a_single_page_needs_no_links():
    assert "<nav" not in render("{% pagination page %}", page=Paginator(range(3), 10).page(1))


def test_fields_name_their_errors():
    class Form(forms.Form):
        name = forms.CharField(label="Name", help_text="As written.")

    form = Form({"name": ""})
    html = render("{% form_errors form %}{% field form.name %}", form=form)
    assert '<a href="#id_name">Name</a>: This field is required.' in html
    assert 'id="id_name_error"' in html
    assert "is-invalid" in html
    assert 'aria-invalid="true"' in html
    assert "id_name_error" in html.split("aria-describedby=")[1].split(">")[0]


def test_a_missing_number_is_a_dash_and_raw_values_go_to_the_csv():
    table = components.Table(
        ["Month", components.Column("Share", is_number=True)],
        [["2017-01", components.Cell("12.3%", 0.1234)], ["2017-02", None]],
    )
    html = render("{% data_table table %}", table=table)
    assert '<td class="num" data-value="0.1234">12.3%</td>' in html
    assert '<td class="num" data-value="">–</td>' in html


def test_a_table_with_a_short_row_is_refused():
    table = components.Table(["a", "b"], [["1"]])
    with pytest.raises(ValueError, match="zip"):
        list(table.body)


def test_bars_stay_within_their_ground():
    assert 'width="100.0"' in render("{% bar 1.7 %}")
    assert 'width="0.0"' in render("{% bar -1 %}")


def test_progress_asks_again_only_while_there_is_something_to_ask():
    running = components.Progress("running", "Import", 0.421, poll_url="/p/")
    html = render("{% progress one %}", one=running)
    assert 'hx-get="/p/"' in html
    assert 'value="42"' in html
    assert "hx-get" not in render("{% progress one %}", one=components.Progress("done", "Import", 1.0))


def test_options_of_charts_cannot_break_out_of_their_script():
    chart = components.ChartCard("c", "Chart", {"x": "</script><script>alert(1)"}, components.Table(["a"], [["1"]]))
    html = render("{% chart_card chart %}", chart=chart)
    assert "</script><script>alert" not in html
    assert 'id="c-option"' in html


def test_time_line_groups_by_day():
    items = [
        components.TimelineItem(datetime(2026, 3, 2, 9, tzinfo=UTC), "Second"),
        components.TimelineItem(datetime(2026, 3, 1, 9, tzinfo=UTC), "First"),
    ]
    html = render("{% timeline items %}", items=items)
    assert html.count("timeline-day") == 2
    assert html.index("Second") < html.index("First")


@pytest.mark.parametrize(
    ("change", "tone"),
    [
        (components.Change("+1%", "up", is_good=True), "good"),
        (components.Change("+1%", "up", is_good=False), "bad"),
        (components.Change("0%", "flat", is_good=True), "neutral"),
        (components.Change("+1%", "up"), "neutral"),
    ],
)
def test_a_rise_is_not_always_good(change, tone):
    assert change.tone == tone


def test_sparklines():
    line = sparkline([1, 3, 2])
    assert line is not None
    assert line.path == "M2 26L48 2L94 14"
    assert (line.end_x, line.end_y) == (94, 14)
    flat = sparkline([5, 5])
    assert flat is not None
    assert flat.path == "M2 14L94 14"
    assert sparkline([5]) is None
