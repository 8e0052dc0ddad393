"""A draft over the past: the same figures as living through it, and nothing written."""

import io
import pickle
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import OperationalError

from troth.activity import past
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.ledger.models import Entry
from troth.programs import queries as programs
from troth.programs import services as programmes
from troth.programs.document.reading import read_document, to_json
from troth.programs.models import Progress
from troth.sales import queries, rehearsals, rehearsing, replay_process
from troth.sales import services as sales
from troth.sales.errors import ReplayEndedError
from troth.sales.models import OrderEvaluation, RehearsalState
from troth.sales.rehearsal_result import RehearsalResult
from troth.sales.replaying import Replay, Surroundings
from troth.segments.models import Segment, SegmentMembership

from .conftest import ACTOR, BASE, FRIDAY, NOW, START, a_return, bring_back, buy, line

pytestmark = pytest.mark.django_db
DRAFT = (
    BASE.replace("points: 1}", "points: 2}").replace("currency: CNY", "currency: CNY\nunit_costs: {points: 0.01}")
    + "  - {code: tea, name: Tea, lines: {field: line.category, operator: is, value: tea},"
    " effect: {type: per_item, points: 5}}\n"
)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def rehearse(version, text=DRAFT, days=YEAR, **more):
    return sales.rehearse(text, programme_id=version.programme_id, first_day=days[0], last_day=days[1], **more)


def test_a_draft_stands_beside_the_version_in_force(currency, publish, an_order, person):
    currency()
    version = publish(BASE.replace("currency: CNY", "currency: CNY\nunit_costs: {points: 0.01}"))
    one, two = person(), person()
    tea = [line(1, "30", quantity="2", category="tea")]
    buy(an_order("100", customer=one), an_order(lines=tea, customer=two), an_order("50", customer=one, is_history=True))
    before = (Entry.objects.count(), OrderEvaluation.objects.count(), Progress.objects.count())
    result = rehearse(version)
    assert (result.orders, result.lines, result.members, result.sales) == (3, 3, 2, "180.0000")
    assert (result.draft.points, result.draft.cost) == ({"points": 370}, "3.7000")
    assert result.compared is not None
    assert (result.compared.points, result.compared.cost) == ({"points": 180}, "1.8000")
    assert [(rule.rule, rule.times, rule.amount) for rule in result.draft.rules] == [("base", 3, 360), ("tea", 1, 10)]
    assert [(one.customer_id, one.difference) for one in result.gainers] == [(str(one), 150), (str(two), 40)]
    assert (result.losers, result.extra_cost, result.break_even_sales) == ((), "1.9000", None)
    assert (Entry.objects.count(), OrderEvaluation.objects.count(), Progress.objects.count()) == before


@pytest.mark.slow
def test_who_gains_who_moves_and_what_segments_are_owed(currency, publish, an_order, person):
    currency()
    cost = BASE.replace("currency: CNY", "currency: CNY\nunit_costs: {points: 0.01}")
    ladder = (
        "tiers:\n  ladder:\n    - {code: basic, name: Basic}\n    - {code: gold, name: Gold, reach: {points: 100}}\n"
    )
    version = publish(cost + ladder)
    one, two, three = person(), person(), person()
    buy(an_order("80", customer=one), an_order("10", customer=two), an_order("200", customer=three))
    few = Segment.objects.create(name="Few", version_number=1, created_at=NOW, updated_at=NOW)
    SegmentMembership.objects.create(segment=few, owner_id=one, entered_at=NOW)
    result = rehearse(version, cost.replace("points: 1}", "points: 2}") + ladder)
    assert (result.gaining, result.losing) == (3, 0)
    assert [(move.before, move.after, move.customer_ids) for move in result.movers] == [("basic", "gold", (str(one),))]
    [segment] = result.segments
    assert (segment.segment_id, segment.members, segment.spend) == (str(few.id), 1, "80.0000")
    assert (segment.draft_cost, segment.compared_cost) == ("1.6000", "0.8000")
    assert RehearsalResult.from_json(result.to_json()) == result
    fewer = rehearse(version, cost.replace("points: 1}", "points: 1, amount: 2}") + ladder)
    assert (fewer.gaining, fewer.losing) == (0, 3)


@pytest.mark.slow
def test_replaying_the_version_in_force_gives_what_was_given(currency, publish, an_order, person):
    currency()
    text = (
        BASE.replace("effect:", "caps: [{per: member, period: month, points: 150}], budget: pot, effect:")
        + "  - {code: gold, name: Gold, when: {field: member.tier, operator: any_of, value: [gold]},"
        " effect: {type: fixed, points: 3}}\n"
        "budgets:\n  - {code: pot, points: 300}\n"
        "tiers:\n  ladder:\n    - {code: basic, name: Basic}\n    - {code: gold, name: Gold, reach: {points: 100}}\n"
    )
    version = publish(text)
    people = [person() for _ in range(3)]
    for number in range(12):
        buy(an_order("60", customer=people[number % 3], occurred_at=FRIDAY + timedelta(days=number)))
    given = sum(award["amount"] for step in OrderEvaluation.objects.all() for award in step.awards)
    result = rehearse(version, text)
    assert result.draft.points == result.compared.points == {"points": given}
    assert [(one.used, one.size) for one in result.draft.budgets] == [(300, 300)]
    assert result.draft.moves == (("basic", "gold", 2),)
    assert result.draft.tiers == {"gold": 2, "basic": 1} == programs.tier_counts(version.programme_id)


REMEMBERS = """
programme: club
name: Club
currency: CNY
rules:
  - {code: base, name: Base, effect: {type: points_per_amount, points: 1}}
  - {code: welcome, name: Welcome, nth: {at: 1}, effect: {type: fixed, points: 1000}}
  - {code: twice, name: Twice, caps: [{per: member, period: lifetime, times: 2}], effect: {type: fixed, points: 7}}
  - {code: pot, name: Pot, budget: pot, effect: {type: fixed, points: 11}}
  - {code: golden, name: Golden, when: {field: member.tier, operator: any_of, value: [gold]},
     effect: {type: fixed, points: 3}}
  - {code: crowned, name: Crowned, when: {field: member.tier, operator: any_of, value: [crown]},
     effect: {type: fixed, points: 500}}
  - {code: fan, name: Fan, when: {field: order.net_amount, operator: at_least, value: 61},
     effect: {type: badge, badge: fan}}
badges: [{code: fan, name: Fan}]
budgets: [{code: pot, points: 60}]
challenges:
  - {code: fours, name: Fours, counts: times, goal: 4, repeats: true, reward: {type: fixed, points: 20}}
tiers:
  ladder:
    - {code: basic, name: Basic}
    - {code: silver, name: Silver, reach: {spend: 100}}
    - {code: gold, name: Gold, reach: {spend: 150}}
    - {code: crown, name: Crown, reach: {spend: 1000}}
"""


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 12, 2))
def test_days_in_the_middle_begin_with_what_was_before(currency, publish, an_order, person, first):
    """What the version in force gave on these days is what replaying it over these days alone gives."""
    currency()
    version = publish(REMEMBERS)
    people = [person() for _ in range(3)]
    sold = []
    for number in range(12):
        day = FRIDAY + timedelta(days=number)
        if number == 4:
            programmes.grant_tier(
                actor=ACTOR, now=day, customer_id=people[0], programme_id=version.programme_id, tier="crown",
                until=day + timedelta(days=4),
            )  # fmt: skip
        sold += buy(an_order(str(60 + number % 2), customer=people[number % 3], occurred_at=day), now=day)
    start = FRIDAY.date() + timedelta(days=first)
    result = rehearse(version, REMEMBERS, (start, YEAR[1]))
    given = Counter()
    for one in sold[first:]:
        for award in one.brought[0].awards:
            given[award.rule, award.kind.value] += award.amount
    assert {(one.rule, one.kind): one.amount for one in result.draft.rules} == given
    assert result.draft.tiers == {"gold": min(12 - first, 3)}  # of those who bought
    assert [(one.used, one.size) for one in result.draft.budgets] == ([(55, 60)] if first < 5 else [])


def test_a_programme_of_its_own_begins_with_nothing(currency, publish, an_order, person):
    currency()
    version = publish(REMEMBERS)
    buyer, day = person(), FRIDAY + timedelta(days=1)
    buy(an_order("60", customer=buyer, occurred_at=FRIDAY), an_order("60", customer=buyer, occurred_at=day))
    result = rehearse(version, REMEMBERS.replace("programme: club", "programme: other"), (day.date(), day.date()))
    welcomed = [[one.amount for one in side.rules if one.rule == "welcome"] for side in (result.draft, result.compared)]
    assert welcomed == [[1000], []]


def test_what_came_back_does_not_count(currency, publish, an_order):
    currency()
    version = publish()
    order = an_order(lines=[line(1, "100", quantity="4"), line(2, "10")])
    (sold,) = buy(order)
    bring_back(a_return(order, sold.order_id, (1, "1", "25"), (2, "1", "10")))
    assert rehearse(version, BASE).draft.points == {"points": 75}


def test_before_any_version_there_is_nothing_to_compare_with(currency, publish, an_order):
    currency()
    version = publish()
    buy(an_order("100", occurred_at=START - timedelta(days=9)))
    result = rehearse(version, days=(date(2025, 12, 1), date(2025, 12, 31)))
    assert (result.compared, result.draft.points) == (None, {"points": 200})


def test_a_process_of_its_own_finds_the_same(currency, publish, an_order):
    currency()
    version = publish()
    buy(an_order("100"), an_order("33.40"))
    ready = programs.version(version.id)
    batches = list(past.past_orders(START, NOW))
    alone = Replay(ready, Surroundings())
    costs = [cost for batch in batches for cost in alone.run(batch)]
    start = replay_process.Start(to_json(read_document(BASE)), ready.id, 1, ready.programme_id, Surroundings())
    sent = b"".join(map(replay_process.packed, [start, *batches, None]))
    answer = io.BytesIO()
    replay_process.serve(io.BytesIO(sent), answer)
    assert pickle.loads(answer.getvalue()) == (alone.finish(), costs)


@pytest.fixture
def processes(monkeypatch):
    """Have every rehearsal replay in processes of its own, from the first order on; return them."""
    begun: list[replay_process.ReplayProcess] = []

    class Noted(replay_process.ReplayProcess):
        def __init__(self, start):
            super().__init__(start)
            begun.append(self)

    monkeypatch.setattr(rehearsing, "OWN_PROCESSES_FROM", 0)
    monkeypatch.setattr(rehearsing, "ReplayProcess", Noted)
    return begun


@pytest.mark.slow
def test_processes_find_what_one_finds(currency, publish, an_order, person, processes):
    currency()
    version = publish(BASE.replace("currency: CNY", "currency: CNY\nunit_costs: {points: 0.01}"))
    tea = [line(1, "30", quantity="2", category="tea")]
    one, two = person(), person()
    buy(*(an_order(str(amount), customer=one) for amount in range(20, 60)), an_order(lines=tea, customer=two))
    apart = rehearse(version)
    assert [process._process.poll() is not None for process in processes] == [True, True]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rehearsing, "OWN_PROCESSES_FROM", 10**9)
        assert rehearse(version) == apart
    assert (len(processes), apart.orders, apart.gaining) == (2, 41, 2)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["run", "finish"])
def test_a_killed_process_is_told_in_words_and_leaves_nothing(
    currency, publish, an_order, processes, monkeypatch, moment
):
    currency()
    version = publish()
    buy(an_order("100"))
    asked = sales.start_rehearsal(
        actor=ACTOR, now=NOW, programme_id=version.programme_id, draft_text=DRAFT, from_date=YEAR[0], to_date=YEAR[1]
    )
    act = getattr(replay_process.ReplayProcess, moment)

    def killed_first(process, *given):
        if process is processes[-1]:
            process._process.kill()
            process._process.wait()
        return act(process, *given)

    monkeypatch.setattr(replay_process.ReplayProcess, moment, killed_first)
    before = (Entry.objects.count(), OrderEvaluation.objects.count(), Progress.objects.count())
    with pytest.raises(ReplayEndedError, match=r"exit code -9.*Nothing was changed"):
        rehearsals.run_rehearsal(asked, actor=ACTOR, report=lambda _done, _total: None)
    assert [process._process.poll() is not None for process in processes] == [True, True]
    asked.refresh_from_db()
    assert (asked.state, asked.result) == (RehearsalState.FAILED, None)
    assert "ended in the middle" in asked.error
    assert (Entry.objects.count(), OrderEvaluation.objects.count(), Progress.objects.count()) == before


@pytest.mark.slow
def test_a_rehearsal_is_saved_run_and_read_again(currency, publish, an_order, django_capture_on_commit_callbacks):
    currency()
    version = publish()
    buy(an_order("100"))
    asked = sales.start_rehearsal(
        actor=ACTOR,
        now=NOW,
        programme_id=version.programme_id,
        draft_text=DRAFT,
        from_date=YEAR[0],
        to_date=YEAR[1],
        name="Double",
    )
    run(Job.objects.get(id=asked.job_id).id)
    saved = queries.rehearsal(asked.id)
    assert (saved.state, saved.orders, saved.name) == (RehearsalState.DONE, 1, "Double")
    found = queries.result_of(saved)
    assert isinstance(found, RehearsalResult)
    assert found == rehearse(version)
    assert list(queries.rehearsals("club")) == [saved]


def test_a_busy_database_is_noted_in_words(currency, publish, monkeypatch):
    currency()
    version = publish()
    asked = sales.start_rehearsal(
        actor=ACTOR, now=NOW, programme_id=version.programme_id, draft_text=BASE,
        from_date=date(2026, 1, 1), to_date=date(2026, 1, 2),
    )  # fmt: skip

    def refuse(*_args, **_kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(rehearsals, "rehearse", refuse)
    with pytest.raises(OperationalError):
        rehearsals.run_rehearsal(asked, actor=ACTOR, report=lambda _done, _total: None)
    asked.refresh_from_db()
    assert (asked.state, asked.error) == ("failed", "The database is busy. Try again in a few seconds.")


def test_a_rehearsal_can_be_stopped(currency, publish, an_order):
    currency()
    version = publish()
    asked = sales.start_rehearsal(
        actor=ACTOR, now=NOW, programme_id=version.programme_id, draft_text=DRAFT, from_date=YEAR[0], to_date=YEAR[1]
    )
    stopped = sales.cancel_rehearsal(actor=ACTOR, now=NOW, rehearsal_id=asked.id)
    assert stopped.state == RehearsalState.CANCELLED
    with pytest.raises(Exception, match="already over"):
        sales.cancel_rehearsal(actor=ACTOR, now=NOW, rehearsal_id=asked.id)
