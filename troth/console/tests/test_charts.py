import json

import pytest

from troth.console import charts
from troth.console.charts.standalone import palette


def series(option, name):
    return next(one for one in option["series"] if one.get("name") == name)


def test_every_picture_is_plain_json():
    options = [
        charts.trend(["a", "b"], {"x": [1, None]}, interval=([0, None], [2, None]), interval_name="i"),
        charts.quadrant({"g": [(1, 2, "n", "7")]}, x_name="x", y_name="y", x_split=1, y_split=2),
        charts.pyramid([charts.Band("top", 1, 0.1, 0.5, 0.6)], people="p", revenue="r", profit="f"),
        charts.heatmap(["a"], ["b"], [[0.5]], name="n"),
        charts.waterfall(("a", 1.0), [("b", 2.0)], "c"),
        charts.pareto([0.5, 1.0], [0.8, 1.0], people="p", value="v", even="e", mark=(0.5, 0.8)),
        charts.bars(["a"], {"x": [1]}),
        charts.tree(charts.Node("a", nodes=[charts.Node("b", 2.0, [("n", 1.0, charts.count())], "/b/")])),
        charts.histogram([0, 1, 2], [3, 4], name="n"),
        charts.layers(["a"], {"x": [1], "y": [2]}, interval=([1], [3])),
    ]
    for option in options:
        assert json.loads(json.dumps(option)) == option


def test_interval_is_a_band_from_its_lower_to_its_upper_bound():
    option = charts.trend(
        ["a", "b", "c"], {"x": [5, 6, 7]}, interval=([4, 4, None], [7, 9, None]), interval_name="90 %"
    )
    low, band, line = option["series"]
    assert low["data"] == [4, 4, None]
    assert band["data"] == [3, 5, None]
    assert low["stack"] == band["stack"]
    assert line["data"] == [5, 6, 7]
    assert option["yAxis"]["scale"] is False


def test_trend_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="1 values for 2 labels"):
        charts.trend(["a", "b"], {"x": [1]})
    with pytest.raises(ValueError, match="lower bound 3 lies above upper bound 2"):
        charts.trend(["a"], {"x": [1]}, interval=([3], [2]))


def test_one_lonely_value_of_a_line_is_drawn_as_a_point():
    assert charts.trend(["a", "b"], {"x": [None, 3]})["series"][0]["showSymbol"] is True
    assert charts.trend(["a", "b"], {"x": [2, 3]})["series"][0]["showSymbol"] is False


def test_widths_of_the_pyramid_are_the_shares_themselves_and_centred():
    bands = [charts.Band("d", 300, 0.03, 0.155, 0.333), charts.Band("o", 4700, 0.47, 0.25, 0.104)]
    option = charts.pyramid(bands, people="People", revenue="Revenue", profit="Profit")
    padding, people = option["series"][:2]
    assert [item["value"] for item in people["data"]] == [0.03, 0.47]
    assert padding["data"] == [pytest.approx(0.22), 0]
    assert option["xAxis"][0]["max"] == 0.47
    assert [item["value"] for item in series(option, "Profit")["data"]] == [0.333, 0.104]
    assert option["yAxis"][0]["inverse"] is True


def test_pyramid_without_profit_draws_none():
    option = charts.pyramid([charts.Band("d", 3, 1.0, 1.0)], people="People", revenue="Revenue", profit="Profit")
    assert [one.get("name") for one in option["series"]] == [None, "People", "Revenue"]


def test_waterfall_stands_on_zero_and_ends_at_the_sum():
    option = charts.waterfall(("Before", 100.0), [("New", 40.0), ("Lost", -60.0)], "Now", urls=["/a", "/b", "/c", "/d"])
    hidden, shown = option["series"]
    assert hidden["data"] == [0, 100, 80, 0]
    assert [item["value"] for item in shown["data"]] == [100, 40, 60, 80]
    assert [item["label"]["formatter"]["fixed"] for item in shown["data"]] == [100, 40, -60, 80]
    assert [item["url"] for item in shown["data"]] == ["/a", "/b", "/c", "/d"]
    assert "min" not in option["yAxis"]
    assert "scale" not in option["yAxis"]


def test_heatmap_colours_by_six_steps_and_leaves_holes():
    values = [[1.0, 0.19, None], [0.2, 0.5, 0.81]]
    option = charts.heatmap(["r1", "r2"], ["a", "b", "c"], values, name="n", bounds=[0.2, 0.4, 0.5, 0.6, 0.8])
    cells = {tuple(cell["value"][:2]): cell for cell in option["series"][0]["data"]}
    assert (2, 0) not in cells
    steps = {place: cell["itemStyle"]["color"] for place, cell in cells.items()}
    assert steps == {
        (0, 0): "var(--t-heat-5)",
        (1, 0): "var(--t-heat-0)",
        (0, 1): "var(--t-heat-1)",
        (1, 1): "var(--t-heat-3)",
        (2, 1): "var(--t-heat-5)",
    }
    assert cells[0, 1]["label"]["color"] == "var(--t-heat-1-ink)"


def test_heatmap_of_nothing_is_empty():
    assert charts.heatmap(["r"], ["a"], [[None]], name="n")["series"][0]["data"] == []


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_more_is_further_from_the_ground_and_every_cell_can_be_read(theme):
    colours = palette(theme)
    distances = [contrast(colours[f"--t-heat-{step}"], colours["--t-surface"]) for step in range(6)]
    assert distances == sorted(distances)
    for step in range(6):
        assert contrast(colours[f"--t-heat-{step}"], colours[f"--t-heat-{step}-ink"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "canvas"),
        ("ink", "surface"),
        ("ink-2", "canvas"),
        ("ink-2", "sunken"),
        ("ink-3", "canvas"),
        ("ink-3", "surface"),
        ("ink-3", "sunken"),
        ("brand", "canvas"),
        ("brand", "surface"),
        ("on-brand", "brand"),
        ("on-brand", "brand-strong"),
        ("brand-strong", "brand-soft"),
        ("good", "good-soft"),
        ("warn", "warn-soft"),
        ("bad", "bad-soft"),
        ("info", "info-soft"),
        ("gold", "gold-soft"),
        ("bad", "surface"),
        ("good", "surface"),
        ("surface", "bad"),
        ("axis", "surface"),
    ],
)
def test_words_can_be_read_on_their_ground(theme, ink, ground):
    colours = palette(theme)
    assert contrast(colours[f"--t-{ink}"], colours[f"--t-{ground}"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_and_borders_stand_out(theme):
    colours = palette(theme)
    for name in (
        "series-1",
        "series-3",
        "series-4",
        "series-5",
        "series-6",
        "series-7",
        "line-strong",
        "up",
        "down",
        "total",
    ):
        assert contrast(colours[f"--t-{name}"], colours["--t-surface"]) >= 3, name
    assert contrast(colours["--t-series-2"], colours["--t-surface"]) >= 2.6  # amber: always with its label or legend


def test_pareto_begins_at_nothing():
    option = charts.pareto([0.2, 1.0], [0.6, 1.0], people="p", value="v", even="e")
    assert option["series"][0]["data"] == [[0.0, 0.0], [0.2, 0.6], [1.0, 1.0]]
    assert option["series"][1]["data"] == [[0, 0], [1, 1]]


def test_quadrant_points_lead_to_their_people():
    option = charts.quadrant(
        {"Best": [(9.0, 5.0, "Anna", "17")], "Rest": []},
        x_name="x",
        y_name="y",
        x_split=5,
        y_split=3,
        url_pattern="/customers/{}/",
        y_log=True,
    )
    best = series(option, "Best")
    assert best["data"] == [[9.0, 5.0, "Anna", "17"]]
    assert (best["$url"], best["$urlDim"]) == ("/customers/{}/", 3)
    assert best["markLine"]["data"] == [{"xAxis": 5}, {"yAxis": 3}]
    assert option["yAxis"]["type"] == "log"


def test_few_names_are_all_shown_and_many_as_there_is_room():
    few, many = (charts.bars([f"name {n}" for n in range(count)], {"x": [1] * count}) for count in (8, 9))
    assert few["xAxis"]["axisLabel"]["interval"] == 0
    assert "interval" not in many["xAxis"]["axisLabel"]


def test_bars_carry_their_addresses():
    option = charts.bars(["a", "b"], {"x": [1, 2]}, horizontal=True, urls=["/a", "/b"])
    assert option["series"][0]["data"] == [{"value": 1, "url": "/a"}, {"value": 2, "url": "/b"}]
    assert option["yAxis"]["data"] == ["a", "b"]
    assert option["yAxis"]["inverse"] is True


def test_histogram_names_its_bins():
    option = charts.histogram([0, 5, 10], [3, 4], name="Orders")
    assert option["xAxis"]["data"] == ["0–5", "5–10"]
    with pytest.raises(ValueError, match="2 counts need 3 edges, not 2"):
        charts.histogram([0, 5], [3, 4], name="Orders")


def test_standalone_puts_the_colours_in_and_drops_what_only_our_scripts_know():
    option = charts.standalone(charts.bars(["a"], {"x": [1]}), "dark")
    assert option["series"][0]["color"] == palette("dark")["--t-series-1"]
    text = json.dumps(option)
    assert "var(" not in text
    assert "$" not in text


def test_the_interval_of_layers_stands_upon_what_is_beneath():
    option = charts.layers(["a", "b"], {"made": [100, -20], "to come": [50, 30]}, interval=([40, 25], [65, 36]))
    made, coming = option["series"]
    assert made["stack"] == coming["stack"]
    assert coming["markLine"]["data"] == [
        [{"coord": [0, 140]}, {"coord": [0, 165]}],
        [{"coord": [1, 25]}, {"coord": [1, 36]}],
    ]
    with pytest.raises(ValueError, match="1 and 1 bounds for 2 labels"):
        charts.layers(["a", "b"], {"x": [1, 2]}, interval=([1], [2]))
    with pytest.raises(ValueError, match="lower bound 3 lies above upper bound 2"):
        charts.layers(["a"], {"x": [1]}, interval=([3], [2]))


def test_a_trees_dots_grow_by_area_and_lead_where_they_say():
    leaf = charts.Node("leaf", size=25.0, tip=[("Made", 25.0, charts.count())], url="/leaf/")
    option = charts.tree(charts.Node("root", size=100.0, is_strong=True, nodes=[leaf, charts.Node("none")]))
    (series,) = option["series"]
    (root,) = series["data"]
    drawn, none = root["children"]
    least = none["symbolSize"]
    assert root["symbolSize"] - least == pytest.approx(2 * (drawn["symbolSize"] - least))  # four times the area
    assert (drawn["url"], drawn["tip"]) == ("/leaf/", [["Made", 25.0, charts.count()]])
    assert "url" not in none
    assert root["itemStyle"]["color"] != drawn["itemStyle"]["color"]
    assert series["expandAndCollapse"] is False  # a press leads to the person


def test_the_points_of_a_trend_lead_to_their_people():
    option = charts.trend(["Jan", "Feb"], {"Revenue": [3, None], "Profit": [1, 2]}, urls=["/a", "/b"])
    told = [[(point["value"], point["url"]) for point in line["data"]] for line in option["series"]]
    assert told == [[(3, "/a"), (None, "/b")], [(1, "/a"), (2, "/b")]]
    assert all(line["showSymbol"] for line in option["series"])
