"""What modules know day by day: counted by the company's days, under the record that counts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from troth.access.actors import system_actor
from troth.activity.models import Visit
from troth.customers.models import Consent, Customer
from troth.insights import own_traces, traces
from troth.insights.traces import TraceSource
from troth.kit.ids import new_id
from troth.ledger import services as ledger
from troth.ledger.currencies import CurrencyRules
from troth.ledger.operations import Earn, Owner, Reason, Spend
from troth.value.churn import Trace

from .making import NOW, make_company, make_customer

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)
ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def company():
    return make_company(as_of_date=TODAY)


@pytest.fixture
def sources():
    """The sources as they are; what a test adds goes again."""
    before = dict(traces._sources)
    yield traces._sources
    traces._sources.clear()
    traces._sources.update(before)


def visit(customer, moment):
    Visit.objects.create(owner_id=customer, visit_kind="store", occurred_at=moment, recorded_at=moment)


def own(after=TODAY - timedelta(days=30), until=TODAY):
    return sorted(own_traces.read(after, until), key=lambda row: row[1:])


def test_days_are_the_companys_and_a_window_has_its_ends():
    ann = make_customer()
    visit(ann, datetime(2026, 2, 27, 15, 59, tzinfo=UTC))  # a minute before midnight in Shanghai
    visit(ann, datetime(2026, 2, 27, 16, tzinfo=UTC))
    visit(ann, datetime(2026, 2, 28, 1, tzinfo=UTC))
    visit(ann, datetime(2026, 3, 1, 16, tzinfo=UTC))  # tomorrow in Shanghai
    assert own() == [(ann, "visits", date(2026, 2, 27), 1.0), (ann, "visits", date(2026, 2, 28), 2.0)]
    assert own(after=date(2026, 2, 27)) == [(ann, "visits", date(2026, 2, 28), 2.0)]


def test_points_spent_and_offers_refused_count():
    ann = make_customer()
    ledger.create_currency(actor=ACTOR, now=NOW, code="points", rules=CurrencyRules(name="Points"))
    owner = Owner("customer", ann)
    told = {"owner": owner, "currency": "points", "reason": Reason("test"), "occurred_at": NOW}
    earn, spend = Earn(key="e", amount=10, **told), Spend(key="s", amount=4, **told)
    assert [posted.error for posted in ledger.post([earn, spend], actor=ACTOR, now=NOW)] == [None, None]
    for purpose, is_given in (("marketing", False), ("marketing", True), ("survey", False)):
        Consent.objects.create(
            owner_id=ann, purpose=purpose, is_given=is_given, source="page", occurred_at=NOW, recorded_at=NOW, actor="t"
        )
    assert own() == [(ann, "offers_refused", TODAY, 1.0), (ann, "points_spent", TODAY, 1.0)]


def test_what_is_known_of_a_merged_record_is_the_canonical_ones(sources):
    ann, double = make_customer(), make_customer()
    Customer.objects.filter(id=double).update(canonical_id=ann)
    nobody = ACTOR.id if False else Customer(created_at=NOW, updated_at=NOW).id
    nobody = new_id()
    rows = [(double, "calls", TODAY, 1.0), (ann, "calls", TODAY, 2.0), (nobody, "calls", TODAY, 1.0)]
    sources.clear()
    traces.register(TraceSource("test", {"calls": Trace("care", "sum")}, lambda _after, _until: rows))
    found = traces.known(TODAY)
    assert found.kinds == {"calls": Trace("care", "sum")}
    assert sorted(found.rows.rows()) == [(str(ann), "calls", TODAY, 1.0), (str(ann), "calls", TODAY, 2.0)]


def test_two_sources_never_share_a_name_or_a_trace(sources):
    given = TraceSource("test", {"calls": Trace("care")}, lambda _after, _until: [])
    traces.register(given)
    traces.register(given)
    with pytest.raises(ValueError, match="'test' is registered already"):
        traces.register(TraceSource("test", {}, lambda _after, _until: []))
    with pytest.raises(ValueError, match="calls"):
        traces.register(TraceSource("other", {"calls": Trace("care")}, lambda _after, _until: []))


def test_every_module_has_said_what_it_knows(sources):
    assert sorted(sources) == ["care", "insights", "messaging", "rewards", "voice"]


def test_days_with_a_trace_are_asked_only_of_those_who_know_it(monkeypatch):
    ann = make_customer()
    asked = []

    def reader(name, *rows):
        def read(after, until):
            asked.append(name)
            yield from ((ann, trace, TODAY - timedelta(days=ago), 1.0) for trace, ago in rows)

        return read

    kinds = {"gave": Trace("points", "sum"), "other": Trace("points", "sum")}
    known = {
        "a": TraceSource("a", kinds, reader("a", ("gave", 3), ("gave", 3), ("other", 4))),
        "b": TraceSource("b", {"more": Trace("points", "sum")}, reader("b", ("more", 1))),
    }
    monkeypatch.setattr(traces, "_sources", known)
    found = traces.days_with(("gave",), after=TODAY - timedelta(days=30), until=TODAY)
    assert found.rows() == [(str(ann), TODAY - timedelta(days=3))]
    assert asked == ["a"]
