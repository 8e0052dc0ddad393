"""Pictures drawn without a script: places and heights to the pixel, texts escaped, what cannot be drawn refused."""

import re
from xml.etree import ElementTree

import pytest

from troth.console import charts
from troth.console.charts.scales import Names, Scale, nice, ticks, width_of, wrapped, written
from troth.console.charts.standalone import palette


def drawn(option, **more):
    """Return the picture as a tree without namespaces: what is no XML fails here."""
    text = charts.svg(option, label="A picture", **more).replace(' xmlns="http://www.w3.org/2000/svg"', "")
    return ElementTree.fromstring(text)


def texts(picture):
    return [found.text for found in picture.iter("text")]


def boxes(picture, name="--t-series-1"):
    colour = palette("light")[name]
    parts = ("x", "y", "width", "height")
    return [tuple(float(box.get(p)) for p in parts) for box in picture.iter("rect") if box.get("fill") == colour]


def test_bars_stand_on_zero_and_are_as_high_as_their_numbers():
    found = boxes(drawn(charts.bars(["a", "b", "c"], {"Customers": [100, 50, None]})))

    assert len(found) == 2
    (_, top, _, high), (_, lower, _, half) = found
    assert half == pytest.approx(high / 2, abs=0.1)
    assert top + high == pytest.approx(lower + half, abs=0.1)


def test_lying_bars_are_read_from_the_top_and_are_as_long_as_their_numbers():
    found = boxes(drawn(charts.bars(["first", "second"], {"Customers": [30, 60]}, horizontal=True)))

    assert found[0][1] < found[1][1]
    assert found[0][0] == found[1][0]
    assert found[1][2] == pytest.approx(2 * found[0][2], abs=0.1)


def test_series_stand_side_by_side_and_have_a_legend():
    picture = drawn(charts.bars(["a"], {"Now": [1], "Then": [2]}))

    now, then = boxes(picture)[-1], boxes(picture, "--t-series-2")[-1]
    assert now[0] + now[2] < then[0]
    assert "Now" in texts(picture)
    assert "Then" in texts(picture)


def test_a_waterfall_hangs_each_step_on_the_level_before():
    picture = drawn(charts.waterfall(("Start", 100), [("Won", 40), ("Lost", -60)], "End"))

    start, end = boxes(picture, "--t-total")
    (up,), (down,) = boxes(picture, "--t-up"), boxes(picture, "--t-down")
    assert up[1] + up[3] == pytest.approx(start[1], abs=0.1)  # begins where the start ends
    assert down[1] == pytest.approx(up[1], abs=0.1)
    assert end[1] == pytest.approx(down[1] + down[3], abs=0.1)
    assert {"+40", "\u221260", "100", "80", "Start", "Won", "Lost", "End"} <= set(texts(picture))


def test_the_pyramid_centres_its_bands():
    bands = [charts.Band("Best", 10, 0.1, 0.5, 0.6), charts.Band("Rest", 90, 0.9, 0.5, 0.4)]
    picture = drawn(charts.pyramid(bands, people="Customers", revenue="Revenue", profit="Profit"))

    best, rest = boxes(picture)[1:]  # the first box is the legend's
    assert best[0] + best[2] / 2 == pytest.approx(rest[0] + rest[2] / 2, abs=0.2)
    assert rest[2] == pytest.approx(9 * best[2], abs=0.5)  # widths are rounded to tenths
    assert {"Best  10.0%", "60.0%", "50.0%"} <= set(texts(picture))


def test_lines_break_at_gaps_and_the_curve_marks_its_point():
    picture = drawn(charts.trend(["1", "2", "3", "4"], {"Revenue": [1, 2, None, 3]}))
    lines = [path.get("d") for path in picture.iter("path") if path.get("stroke-width") == "2.2"]
    assert [line.count("L") for line in lines] == [1, 0]

    curve = drawn(charts.pareto([0.2, 1], [0.8, 1], people="People", value="Value", even="Even", mark=(0.2, 0.8)))
    assert "20% → 80%" in texts(curve)
    assert [path.get("stroke-dasharray") for path in curve.iter("path")].count("5 4") == 1


def test_cells_say_their_numbers_in_an_ink_that_can_be_read():
    picture = drawn(charts.heatmap(["r"], ["a", "b"], [[0.0, 1.0]], name="Share"))

    inks = {found.text: found.get("fill") for found in picture.iter("text")}
    assert inks["0%"] == palette("light")["--t-heat-0-ink"]
    assert inks["100%"] == palette("light")["--t-heat-5-ink"]


def test_names_cannot_break_out_and_no_variable_is_left():
    text = charts.svg(charts.bars(["<b>&"], {'"x"': [1]}, horizontal=True), label='A "picture" <x>')

    assert "<b>" not in text
    assert 'aria-label="A &quot;picture&quot; &lt;x&gt;"' in text
    assert "var(" not in text
    assert re.search(r"[nN]a[nN]", text) is None


def test_an_interval_is_an_area_from_end_to_end_between_its_gaps():
    low, high = [0.5, None, 0.5, 1.0], [1.5, None, 2.0, 1.5]
    drawn = charts.svg(charts.trend(["a", "b", "c", "d"], {"x": [1.0, 1.0, 1.0, 1.2]}, interval=(low, high)), label="x")
    areas = re.findall(rf'<path d="M([^"]*)Z" fill="{re.escape(palette("light")["--t-interval"])}"', drawn)
    assert [len(area.split("L")) for area in areas] == [2, 4]
    tops = [float(point.split()[1]) for point in areas[1].split("L")]
    assert tops[0] < tops[1] < tops[2] < tops[3]  # the upper ends from left to right, the lower ones back


def test_points_stand_where_their_measures_say_in_the_corners_of_a_cross():
    corners = ("dear, bad", "dear, good", "cheap, bad", "cheap, good")
    groups = {"We": [(1.1, 0.9, "We", "")], "They": [(0.9, 1.1, "They", "")]}
    option = charts.quadrant(groups, x_name="Quality", y_name="Price", x_split=1, y_split=1, corners=corners)
    for axis in ("xAxis", "yAxis"):
        option[axis] |= {"min": 0.5, "max": 1.5}
    picture = drawn(option)
    we, they = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in picture.iter("circle")]
    upright, level = [
        [float(one) for one in re.findall(r"[\d.]+", path.get("d"))]
        for path in picture.iter("path")
        if path.get("stroke-dasharray")
    ]
    assert upright[0] == upright[2]
    assert level[1] == level[3]
    assert we[0] - upright[0] == pytest.approx(upright[0] - they[0], abs=0.2)
    assert (
        we[1] - level[1]
        == pytest.approx(level[1] - they[1], abs=0.2)
        == pytest.approx((level[1] - upright[1]) / 5, abs=0.3)
    )
    placed = {found.text: (float(found.get("x")), float(found.get("y"))) for found in picture.iter("text")}
    assert [placed[one][0] < upright[0] for one in corners] == [True, False, True, False]
    assert [placed[one][1] < level[1] for one in corners] == [True, True, False, False]
    with pytest.raises(ValueError, match="powers of ten"):
        charts.svg(charts.quadrant(groups, x_name="x", y_name="y", x_split=1, y_split=1, y_log=True), label="x")


def test_what_needs_the_script_is_refused():
    flow = charts.sankey(
        [charts.Stop("a", "A", "red"), charts.Stop("b", "B", "red")], [charts.Flow("a", "b", 1)], name="x"
    )
    with pytest.raises(ValueError, match="sankey cannot be drawn"):
        charts.svg(flow, label="x")


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [
        (0, 97, (0, 100, 20)),
        (0, 0.93, (0, 1, 0.2)),
        (0, 0, (0, 1, 0.2)),
        (-40, 60, (-40, 60, 20)),
        (0, 2.5, (0, 2.5, 0.5)),
    ],
)
def test_axes_end_on_round_numbers(low, high, ends):
    assert nice(low, high) == pytest.approx(ends)


def test_scales():
    assert ticks(0, 100, 25) == [0, 25, 50, 75, 100]
    assert Scale(0, 10, 100, 0).at(2.5) == 75
    assert Names(4, 0, 100).at(1) == 37.5
    assert Names(3, 0, 100, on_points=True).at(1) == 50
    assert width_of("客户") > width_of("abc")
    assert wrapped("Active a month ago", 60) == ["Active a", "month ago"]
    assert wrapped("一个月前活跃", 40) == ["一个月", "前活跃"]


@pytest.mark.parametrize(
    ("spec", "value", "wanted"),
    [
        (charts.count(), 12345, "12,345"),
        (charts.percent(1), 0.1234, "12.3%"),
        (charts.signed(), 5, "+5"),
        (charts.money("¥", 2), -12.5, "\u2212¥12.50"),
        (charts.money_compact("¥"), 12_300, "¥12.3k"),
        ({"$format": "count", "places": 0, "fixed": 7}, 3, "7"),
        ("{c}", 2.5, "2.5"),
    ],
)
def test_numbers_are_written_as_everywhere(spec, value, wanted):
    assert written(value, spec) == wanted


def test_a_cell_with_words_of_its_own_shows_them_line_by_line():
    option = charts.heatmap(["a"], ["b", "c"], [[3, 4]], name="n")
    option["series"][0]["data"][0]["label"] |= {"formatter": "Loyal\n3"}
    drawn = charts.svg(option, label="x")
    assert ">Loyal</text>" in drawn
    assert drawn.count(">3</text>") == 1
    assert ">4</text>" in drawn or ">400%</text>" in drawn


def test_an_axis_of_counts_has_no_fractions():
    counts = charts.bars(["a"], {"Answers": [1]}, value_format=charts.count())
    shares = charts.bars(["a"], {"Share": [0.5]}, value_format=charts.percent())
    assert counts["yAxis"]["minInterval"] == 1
    assert "minInterval" not in shares["yAxis"]
