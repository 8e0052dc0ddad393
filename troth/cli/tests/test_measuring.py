"""`troth measure`: what it shows, what it changes, what it refuses with nothing changed."""

import json
from decimal import Decimal

import pytest

from troth.cli import measuring
from troth.cli.exits import Exit
from troth.insights.errors import MeasureSettingsError
from troth.insights.models import MeasureSettings

pytestmark = pytest.mark.django_db


def told(capsys):
    return json.loads(capsys.readouterr().out)


def test_rules_are_shown_with_what_they_were_at_first(capsys):
    assert measuring.measure(["bands.gold=0.12"], as_json=False) == Exit.DONE
    shown = [[cell.strip() for cell in line.split("│")[1:-1]] for line in capsys.readouterr().out.splitlines()]
    assert ["bands.gold", "0.12", "0.1"] in shown
    assert ["bands.silver", "0.2", ""] in shown
    assert ["loyalty.weights.satisfaction", "2", ""] in shown


def test_each_kind_of_rule_is_changed_and_goes_back(capsys):
    changes = [
        "bands.gold=0.12", "loyalty.weights.trust=5", "rfm.purchases=2,4,8,16", "assumed_margin=0.25",
        "rhythm.floor_days=20", "loyalty.competition.Old Town=0.9",
    ]  # fmt: skip
    assert measuring.measure(changes, as_json=True) == Exit.DONE
    found = told(capsys)
    assert (found["version"], found["created_by"], found["assumed_margin"]) == (2, "system:measure", "0.25")
    assert (found["bands"]["gold"], found["bands"]["silver"], found["rhythm"]["floor_days"]) == ("0.12", "0.20", 20)
    assert (found["rfm"]["purchases"], found["loyalty"]["competition"]) == ([2, 4, 8, 16], {"Old Town": "0.9"})
    assert (found["loyalty"]["weights"]["trust"], found["loyalty"]["weights"]["tolerance"]) == ("5.0", "1.0")

    assert measuring.measure([], as_json=True) == Exit.DONE
    assert told(capsys)["version"] == 2
    back = [change.partition("=")[0] + "=" for change in changes if change != "assumed_margin=0.25"]
    assert measuring.measure([*back, "assumed_margin=0.3"], as_json=True) == Exit.DONE
    first, _second, third = MeasureSettings.objects.order_by("version")
    assert [getattr(third, part) for part in measuring.PARTS] == [getattr(first, part) for part in measuring.PARTS]
    assert third.assumed_margin == first.assumed_margin == Decimal("0.3")


@pytest.mark.parametrize("change", ["gold=0.1", "bands=1", "bands.gold", "assumed_margin=much"])
def test_what_is_no_change_is_told(capsys, change):
    assert measuring.measure([change], as_json=False) == Exit.USAGE
    assert change.partition("=")[0] in capsys.readouterr().err
    assert MeasureSettings.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("bands.gold=2", "bands.gold .* between 0 and 1"),
        ("bands.golden=0.1", "golden .* there are by, diamond"),
        ("bands.gold=nan", "bands.gold"),
        ("rhythm.lost_after=Infinity", "rhythm.lost_after .* finite"),
        ("rhythm.floor_days=two", "floor_days .* a whole number"),
        ("rfm.purchases=25", "purchases .* four whole numbers"),
        ("rfm.revenue=1,2,3,inf", "rfm.revenue .* finite"),
        ("loyalty.weights=3", "weights .* a number for each name"),
        ("loyalty.weights.charm=3", "charm"),
        ("loyalty.market_by=a,b", "market_by .* one word"),
        ("loyalty.satisfied_from=inf", "satisfied_from .* finite"),
        ("loyalty.competition.North=nan", "competition of North .* finite"),
    ],
)
def test_a_value_outside_its_limits_is_named(change, said):
    with pytest.raises(MeasureSettingsError, match=said):
        measuring.measure([change], as_json=False)
    assert MeasureSettings.objects.count() <= 1
