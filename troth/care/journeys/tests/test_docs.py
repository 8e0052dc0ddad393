"""The example of the guide is a journey that runs."""

import re
from pathlib import Path

import pytest

from troth.care.journeys import queries
from troth.care.journeys.document.kinds import ENTRY_KINDS, STEP_KINDS
from troth.care.journeys.tests.conftest import NOW, after
from troth.care.models import JourneyRun
from troth.customers.models import Customer
from troth.messaging import starters as texts
from troth.segments.tests.conftest import buy

GUIDE = (Path(__file__).parents[4] / "docs" / "journeys.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_example_runs(publish, person, happen, actor, tick):
    texts.install(actor=actor, now=NOW, codes=["thank_you"])
    (document,) = re.findall(r"^```yaml\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)
    publish(document)
    anna, ben = person(), person()
    buy(Customer.objects.get(id=anna), 1)
    for owner in (anna, ben):
        happen("activity.order.recorded", owner, after(hours=1), order=str(owner))
    tick(after(hours=1))
    (run,) = JourneyRun.objects.all()  # Ben has no order in the books
    tick(after(days=2))
    happen("activity.order.recorded", anna, after(days=5), order="second")
    tick(after(days=5))
    run.refresh_from_db()
    assert [(one.step, one.outcome) for one in queries.path_of(run)][-2:] == [
        ("second", "happened"),
        ("regular", "done"),
    ]


def test_every_kind_of_step_and_entry_is_in_the_guide():
    named = set(re.findall(r"`([a-z_]+)`", GUIDE))
    assert (STEP_KINDS.keys() | ENTRY_KINDS.keys()) - named == set()
