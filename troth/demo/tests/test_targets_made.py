"""The demo's targets: set from what an analysis told, above it, and once."""

from decimal import Decimal

import pytest

from troth.access.actors import system_actor
from troth.demo import targets_made
from troth.insights.models import Target
from troth.insights.tests.making import NOW, make_company
from troth.insights.tests.test_targets import TODAY, analysed


@pytest.mark.django_db
def test_targets_wait_for_an_analysis_and_are_set_once():
    make_company()
    targets_made.fill(system_actor("demo"), NOW, "zh-hans")
    assert not Target.objects.exists()
    analysed(TODAY, active="2174.0000", index="60.1000")
    for _again in range(2):
        targets_made.fill(system_actor("demo"), NOW, "zh-hans")
    goals = {row.indicator: (row.start, row.goal, row.reason[:2]) for row in Target.objects.all()}
    assert goals == {"active": (Decimal(2174), Decimal(2240), "虚构"), "index": (Decimal("60.1"), Decimal(64), "虚构")}
