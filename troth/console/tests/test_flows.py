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


def test_a_flow_needs_its_stops():
    with pytest.raises(ValueError, match="flow from 'a' to 'x'"):
        charts.sankey(STOPS, [charts.Flow("a", "x", 1)], name="Customers")
