"""Flows: bands between stops, the table's numbers in the tips."""

import pytest

from troth.console import charts

STOPS = [charts.Stop("a", "Before", "red"), charts.Stop("b", "Now", "blue"), charts.Stop("c", "Nowhere", "green")]


def test_bands_and_stops_that_hold_nobody_are_left_out():
    option = charts.sankey(STOPS, [charts.Flow("a", "b", 3, "/people/"), charts.Flow("a", "c", 0)], name="Customers")
    (series,) = option["series"]
    assert [(node["name"], node["title"], node["tip"][0][1]) for node in series["data"]] == [
        ("a", "Before", 3), ("b", "Now", 3),
    ]  # fmt: skip
    (link,) = series["links"]
    assert (link["value"], link["title"], link["url"]) == (3, "Before → Now", "/people/")


def test_the_names_of_the_last_stops_have_room_and_take_two_lines_on_a_phone():
    """A name of thirty letters is about two hundred pixels wide; names on the left have the bands' room."""
    stops = [charts.Stop("a", "A name on the left that may run over bands", "red"), charts.Stop("b", "x" * 30, "blue")]
    option = charts.sankey(stops, [charts.Flow("a", "b", 1)], name="Customers")
    assert option["series"][0]["right"] == round(charts.scales.width_of("x" * 30)) + 12
    (narrow,) = option["$narrow"]["series"]
    assert narrow["right"] - 12 == narrow["label"]["width"]
    assert charts.sankey(STOPS, [charts.Flow("a", "b", 1)], name="Customers")["series"][0]["right"] == 96


def test_a_flow_needs_its_stops():
    with pytest.raises(ValueError, match="flow from 'a' to 'x'"):
        charts.sankey(STOPS, [charts.Flow("a", "x", 1)], name="Customers")
