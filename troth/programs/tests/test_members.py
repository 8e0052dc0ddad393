"""Members who earn: counters, budgets, tiers, all read from what they earned."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from troth.customers import services as customers
from troth.events.models import Event
from troth.kit.ids import new_id
from troth.kit.money import SCALE
from troth.ledger import services as ledger
from troth.ledger.services import CurrencyRules
from troth.programs import queries, services
from troth.programs.document.reading import read_document
from troth.programs.errors import ProgrammeRefusedError
from troth.programs.evaluation import evaluate
from troth.programs.models import BudgetSlice, EarnedBadge, Membership, Progress, TierGrant, TierMove
from troth.programs.outcomes import difference
from troth.programs.rehearsal import Rehearsal
from troth.programs.tests.conftest import LADDER
from troth.programs.tests.making import BASE, FRIDAY, HEAD, NOBODY, basket
from troth.programs.tiers import Figures
from troth.segments import services as segments
from troth.segments.refreshing import refresh_members

pytestmark = pytest.mark.django_db


def tier(customer_id) -> str:
    return Membership.objects.get(owner_id=customer_id).tier


def test_the_first_order_joins_and_an_order_moves_up_at_once(publish, person, buy):
    publish()
    one = person()
    standing = buy(one, ("Bread", "99.99", "1"))
    assert (standing.tier_before, standing.tier, standing.next_tier) == ("basic", "basic", "silver")
    assert standing.missing_to_reach[0].spend == 100
    assert buy(one, ("Bread", "0.01", "1"), at=FRIDAY + timedelta(hours=1)).tier == "silver"
    assert list(TierMove.objects.values_list("from_tier", "to_tier", "reason")) == [("basic", "silver", "reached")]
    assert list(Event.objects.filter(owner_id=one).order_by("id").values_list("name", flat=True)) == [
        "programs.member.joined",
        "programs.tier.moved",
    ]


def test_several_steps_at_once(publish, person, buy):
    publish()
    assert buy(person(), ("Bread", "1000", "1")).tier == "gold"


def test_a_cap_of_a_person_and_day_holds_over_orders(publish, person, buy):
    publish(BASE + "    caps: [{per: member, period: day, points: 15}]\n")
    one = person()
    buy(one, ("Bread", "10", "1"))
    buy(one, ("Bread", "10", "1"), at=FRIDAY + timedelta(hours=1))
    buy(one, ("Bread", "10", "1"), at=FRIDAY + timedelta(days=1))
    assert list(Progress.objects.order_by("occurred_at").values_list("points", flat=True)) == [10, 5, 10]
    assert Membership.objects.get().counters == {"cap:base.1:2026-11-20": 15, "cap:base.1:2026-11-21": 10}


def test_a_budget_is_used_up_to_its_last_point_and_no_further(publish, person, buy):
    publish(BASE + "    budget: launch\nbudgets: [{code: launch, points: 25}]\n")
    for _ in range(4):
        buy(person(), ("Bread", "10", "1"))
    assert sorted(Progress.objects.values_list("points", flat=True)) == [0, 5, 10, 10]
    use = queries.budget_use(Membership.objects.first().programme_id)
    assert [(one.key, one.size, one.used) for one in use] == [("budget:launch:", 25, 25)]
    assert all(one.used <= one.size for one in BudgetSlice.objects.all())


def test_a_review_demotes_by_one_step_at_most(publish, person, buy):
    publish()
    one = person()
    buy(one, ("Bread", "1000", "1"), at=datetime(2024, 3, 1, tzinfo=UTC))
    assert tier(one) == "gold"
    standing = buy(one, ("Bread", "1", "1"), at=datetime(2025, 3, 2, tzinfo=UTC))
    assert (standing.tier_before, standing.tier) == ("gold", "silver")


def test_late_orders_see_the_tier_in_force_then(publish, person, buy):
    text = BASE + (
        "  - code: gold\n    name: Gold\n    when: {field: member.tier, operator: any_of, value: [gold]}\n"
        "    effect: {type: fixed, points: 7}\n"
    )
    publish(text + LADDER)
    one = person()
    buy(one, ("Bread", "10", "1"), at=FRIDAY - timedelta(days=20))
    buy(one, ("Bread", "1000", "1"), at=FRIDAY)
    buy(one, ("Bread", "10", "1"), at=FRIDAY - timedelta(days=10))
    buy(one, ("Bread", "10", "1"), at=FRIDAY + timedelta(hours=1))
    found = dict(Progress.objects.values_list("occurred_at", "points"))
    assert found[FRIDAY - timedelta(days=10)] == 10
    assert found[FRIDAY + timedelta(hours=1)] == 17


# --- returns


def give_back(owner_id, at, amount, kept, actor, now):
    """Return part of an order: evaluate it again without what came back, and apply the difference."""
    version = queries.versions_in_force().at(at)[0]
    whole = basket(("Bread", amount, "1"), at=at)
    less = basket(("Bread", kept, "1"), at=at)
    seeker = services.Seeker(owner_id, version, whole)
    standings = services.open_standings([seeker], now=now)
    before, after = (evaluate(version.compiled, one, NOBODY) for one in (whole, less))
    change = services.change_of(
        difference(before, after),
        index=0,
        operation_key=f"return {now}",
        source_kind="return",
        source_id=new_id(),
        occurred_at=at,
    )
    return services.apply(standings, [change], actor=actor, now=now)[0]


def test_a_return_takes_back_the_tier_that_its_order_had_earned(publish, person, buy, actor):
    """lesson: returns do not revert tier, limits, counters."""
    publish(BASE + "    caps: [{per: member, period: month, points: 2000}]\n" + LADDER)
    one = person()
    buy(one, ("Bread", "150", "1"), at=FRIDAY - timedelta(days=9))
    assert buy(one, ("Bread", "900", "1")).tier == "gold"
    standing = give_back(one, FRIDAY, "900", "100", actor, FRIDAY + timedelta(days=3))
    assert (standing.tier_before, standing.tier, standing.figures.spend) == ("gold", "silver", 2_500_000)
    row = Membership.objects.get()
    assert row.counters == {"cap:base.1:2026-11": 250}
    assert row.order_count == 2
    assert row.earned_since_date == (FRIDAY - timedelta(days=9)).date()
    last = TierMove.objects.order_by("-id").first()
    assert (last.reason, last.from_tier, last.to_tier) == ("returned", "gold", "silver")


def test_a_return_leaves_a_tier_that_was_deserved_without_it(publish, person, buy, actor):
    publish()
    one = person()
    buy(one, ("Bread", "1000", "1"), at=FRIDAY - timedelta(days=9))
    buy(one, ("Bread", "100", "1"))
    assert give_back(one, FRIDAY, "100", "50", actor, FRIDAY + timedelta(days=3)).tier == "gold"


def test_two_steps_reached_and_everything_returned(publish, person, buy, actor):
    publish()
    one = person()
    buy(one, ("Bread", "100", "1"), at=FRIDAY - timedelta(days=9))
    buy(one, ("Bread", "900", "1"))
    give_back(one, FRIDAY, "900", "1", actor, FRIDAY + timedelta(days=2))
    standing = give_back(one, FRIDAY - timedelta(days=9), "100", "1", actor, FRIDAY + timedelta(days=3))
    assert standing.tier == "basic"


def test_what_a_return_gives_back_to_a_budget_can_be_given_again(publish, person, buy, actor):
    publish(BASE + "    budget: launch\nbudgets: [{code: launch, points: 25}]\n")
    one, other = person(), person()
    buy(one, ("Bread", "25", "1"))
    give_back(one, FRIDAY, "25", "5", actor, FRIDAY + timedelta(days=1))
    buy(other, ("Bread", "100", "1"), at=FRIDAY + timedelta(days=2))
    assert Progress.objects.get(owner_id=other).points == 20
    assert [(found.used, found.size) for found in queries.budget_use(Membership.objects.first().programme_id)] == [
        (25, 25)
    ]


# --- grants, merges, reviews


def test_a_granted_tier_counts_until_its_end_and_never_lowers_what_is_earned(publish, person, buy, actor):
    programme_id = publish().programme_id
    one = person()
    buy(one, ("Bread", "100", "1"))
    now, end = FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=30)
    given = services.grant_tier(
        customer_id=one, programme_id=programme_id, tier="gold", until=end, is_match=True, reason="other-club",
        actor=actor, now=now,
    )  # fmt: skip
    assert (given.tier_before, given.tier, given.granted_until) == ("silver", "gold", end)
    assert (given.next_tier, given.missing_to_reach) == ("", ()), "nothing is above gold"
    assert given.missing_to_keep == (Figures(spend=900 * SCALE),), "to have gold when the grant ends"
    assert given.review_date is None
    assert buy(one, ("Bread", "1", "1"), at=end - timedelta(seconds=1)).tier == "gold"
    assert buy(one, ("Bread", "1", "1"), at=end).tier == "silver"
    assert [(move.reason, move.to_tier) for move in TierMove.objects.order_by("occurred_at")] == [
        ("reached", "silver"), ("granted", "gold"), ("ended", "silver"),
    ]  # fmt: skip


def test_what_is_missing_to_keep_is_what_the_review_will_count(publish, person, buy):
    """Nobody is told to be safe by what the review leaves out."""
    programme_id = publish().programme_id
    one = person()
    reached = buy(one, ("Bread", "1000", "1"), at=datetime(2025, 3, 1, 4, tzinfo=UTC))
    assert (reached.tier, reached.review_date) == ("gold", date(2026, 3, 2))
    assert reached.missing_to_keep == (Figures(spend=500 * SCALE),), "what reached it does not keep it as well"
    after = buy(one, ("Bread", "200", "1"), at=datetime(2025, 4, 1, 4, tzinfo=UTC))
    assert after.missing_to_keep == (Figures(spend=300 * SCALE),)
    eve = queries.standing(one, programme_id, datetime(2026, 3, 1, 4, tzinfo=UTC))
    assert (eve.tier, eve.missing_to_keep) == ("gold", (Figures(spend=300 * SCALE),))
    assert queries.standing(one, programme_id, datetime(2026, 3, 2, 4, tzinfo=UTC)).tier == "silver"
    kept = person()
    buy(kept, ("Bread", "1000", "1"), at=datetime(2025, 3, 1, 4, tzinfo=UTC))
    assert buy(kept, ("Bread", "500", "1"), at=datetime(2025, 4, 1, 4, tzinfo=UTC)).missing_to_keep == ()
    day = datetime(2026, 3, 2, 4, tzinfo=UTC)
    renewed = queries.standing(kept, programme_id, day)
    assert (renewed.tier, renewed.review_date) == ("gold", date(2027, 3, 2))
    assert renewed.missing_to_keep == (Figures(spend=500 * SCALE),), "the next review counts from this one on"


@pytest.mark.parametrize(
    ("window", "next_period", "review"),
    [
        ("{type: calendar, period: month}", datetime(2026, 12, 2, 4, tzinfo=UTC), date(2027, 1, 1)),
        ("{type: membership_year}", datetime(2027, 11, 21, 4, tzinfo=UTC), date(2028, 11, 20)),
    ],
)
def test_a_tier_is_kept_by_what_is_earned_in_the_period_of_its_review(
    window, next_period, review, publish, person, buy
):
    publish(BASE + LADDER.replace("tiers:\n", f"tiers:\n  window: {window}\n"))
    one = person()
    reached = buy(one, ("Bread", "1000", "1"))
    assert (reached.review_date, reached.missing_to_keep) == (review, (Figures(spend=500 * SCALE),))
    assert buy(one, ("Bread", "600", "1"), at=FRIDAY + timedelta(hours=1)).missing_to_keep == reached.missing_to_keep
    after = buy(one, ("Bread", "450", "1"), at=next_period)
    assert (after.tier, after.missing_to_keep) == ("gold", (Figures(spend=50 * SCALE),))
    assert buy(one, ("Bread", "50", "1"), at=next_period + timedelta(hours=1)).missing_to_keep == ()


def test_the_nightly_review_ends_grants_and_decides_what_is_due(publish, person, buy, actor):
    programme_id = publish().programme_id
    one, two = person(), person()
    buy(one, ("Bread", "1000", "1"))
    buy(two, ("Bread", "1", "1"))
    until = FRIDAY + timedelta(days=3)
    services.grant_tier(customer_id=two, programme_id=programme_id, tier="gold", until=until, actor=actor, now=FRIDAY)
    later = FRIDAY + timedelta(days=367)
    last = None
    while (last := services.review_due(programme_id=programme_id, actor=actor, now=later, after=last)) is not None:
        pass
    assert (tier(one), tier(two)) == ("silver", "basic")
    assert services.review_due(programme_id=programme_id, actor=actor, now=later) is None


def test_an_edited_ladder_counts_for_members_who_buy_nothing(publish, person, buy, actor):
    """lesson: editing a tier does not recalculate."""
    ledger.create_currency(actor=actor, now=FRIDAY, code="points", rules=CurrencyRules(name="Points"))
    programme_id = publish().programme_id
    rises, stays = person(), person()
    buy(rises, ("Bread", "60", "1"))
    buy(stays, ("Bread", "150", "1"))
    reviewer = replace(actor, kind="user", id="reviewer")
    for number, reach in enumerate(("50", "900")):
        at = FRIDAY + timedelta(days=2 + number)
        text = HEAD + BASE + LADDER.replace("spend: 100}", f"spend: {reach}}}")
        services.save_draft(actor=actor, now=at, programme_id=programme_id, text=text)
        services.submit_draft(actor=actor, now=at, programme_id=programme_id)
        services.review_draft(actor=reviewer, now=at, programme_id=programme_id, is_approved=True)
        services.publish(actor=reviewer, now=at, programme_id=programme_id, effective_at=at)
        night = at + timedelta(hours=12)
        assert services.review_due(programme_id=programme_id, actor=actor, now=night) is not None
        assert services.review_due(programme_id=programme_id, actor=actor, now=night) is None
        # A lower goal lifts at once; a higher one takes nobody's tier before its review.
        assert (tier(rises), tier(stays)) == ("silver", "silver")


def test_a_grant_can_be_ended_and_is_checked(publish, person, actor):
    programme_id = publish().programme_id
    one = person()
    common = {"customer_id": one, "programme_id": programme_id, "actor": actor, "now": FRIDAY}
    with pytest.raises(ProgrammeRefusedError, match="no tier"):
        services.grant_tier(tier="diamond", until=FRIDAY + timedelta(days=1), **common)
    with pytest.raises(ProgrammeRefusedError, match="1100 days"):
        services.grant_tier(tier="gold", until=FRIDAY, **common)
    with pytest.raises(ProgrammeRefusedError, match="No granted tier"):
        services.revoke_grant(**common)
    services.grant_tier(tier="gold", until=FRIDAY + timedelta(days=1), **common)
    own = services.revoke_grant(**common)
    assert (own.tier, own.next_tier, own.missing_to_reach) == ("basic", "silver", (Figures(spend=100 * SCALE),))
    assert TierGrant.objects.get().revoked_by == actor.code


def test_merged_customers_stand_together_and_apart_again(publish, person, buy, actor):
    """lesson: merged customers' second card dead."""
    publish(BASE + "    caps: [{per: member, period: month, points: 120}]\n" + LADDER)
    kept, merged = person(), person()
    buy(kept, ("Bread", "60", "1"))
    buy(merged, ("Bread", "50", "1"))
    customers.merge(actor=actor, now=FRIDAY + timedelta(hours=1), canonical_id=kept, merged_id=merged)
    standing = buy(merged, ("Bread", "50", "1"), at=FRIDAY + timedelta(hours=2))
    assert (standing.tier, standing.figures.spend) == ("silver", 1_600_000)
    assert Progress.objects.get(occurred_at=FRIDAY + timedelta(hours=2)).points == 10
    assert tier(kept) == "silver"
    assert Membership.objects.get(owner_id=merged).counters == {"cap:base.1:2026-11": 60}


def test_the_review_of_merged_records_is_one_review(publish, person, buy, actor):
    programme_id = publish().programme_id
    kept, merged = person(), person()
    for one in (kept, merged):
        buy(one, ("Bread", "1000", "1"))
    customers.merge(actor=actor, now=FRIDAY + timedelta(hours=1), canonical_id=kept, merged_id=merged)
    later = FRIDAY + timedelta(days=367)
    services.review_due(programme_id=programme_id, actor=actor, now=later)
    moves = TierMove.objects.filter(reason="reviewed")
    assert list(moves.values_list("owner_id", "from_tier", "to_tier")) == [(kept, "gold", "silver")]
    assert tier(kept) == "silver"


# --- what the state holds


def test_rules_that_ask_of_the_customer_are_answered_from_the_database(publish, person, buy):
    text = BASE + (
        "  - {code: local, name: L, when: {field: address.city, operator: is, value: Shanghai},"
        " effect: {type: fixed, points: 7}}\n"
        "  - {code: birthday, name: B, when: {field: member.birthday, operator: has_any_of, value: [week]},"
        " effect: {type: fixed, points: 30}}\n"
    )
    publish(text)
    buy(person(city="Shanghai", birth_date=date(1990, 11, 22)), ("Bread", "1", "1"))
    buy(person(city="Beijing", birth_date=date(1990, 10, 13), is_lunar_birthday=True), ("Bread", "1", "1"))
    assert sorted(Progress.objects.values_list("points", flat=True)) == [1, 38]


def test_a_rule_over_a_segment_asks_the_stored_members(publish, person, buy, actor):
    one, other = person(city="Shanghai"), person(city="Beijing")
    definition = {"field": "address.city", "operator": "is", "value": "Shanghai"}
    segment = segments.create_segment(actor=actor, now=FRIDAY, name="Local", definition=definition)
    segments.publish(actor=actor, now=FRIDAY, segment_id=segment.id)
    refresh_members(actor=actor, now=FRIDAY, segment_id=segment.id)
    publish(
        f"rules:\n  - {{code: local, name: L, effect: {{type: fixed, points: 7}},"
        f" when: {{field: member.segments, operator: has_any_of, value: ['{segment.id}']}}}}\n"
    )
    buy(one, ("Bread", "1", "1"))
    buy(other, ("Bread", "1", "1"))
    assert dict(Progress.objects.values_list("owner_id", "points")) == {one: 7, other: 0}


def test_counters_long_forgotten_are_added_up_again_for_a_late_order(publish, person, buy):
    publish(BASE + "    caps: [{per: member, period: month, points: 15}]\n")
    one = person()
    early = datetime(2023, 1, 10, tzinfo=UTC)
    buy(one, ("Bread", "10", "1"), at=early)
    buy(one, ("Bread", "10", "1"), at=FRIDAY)
    assert "cap:base.1:2023-01" not in Membership.objects.get().counters
    buy(one, ("Bread", "10", "1"), at=early + timedelta(days=1))
    assert Progress.objects.get(occurred_at=early + timedelta(days=1)).points == 5


def test_a_badge_is_earned_once_and_leaves_with_its_order(publish, person, buy, actor):
    publish(
        "badges: [{code: big, name: Big}]\n"
        "rules:\n"
        "  - {code: big, name: B, effect: {type: badge, badge: big},"
        " when: {field: order.net_amount, operator: at_least, value: 100}}\n"
    )
    one = person()
    buy(one, ("Bread", "100", "1"))
    buy(one, ("Bread", "200", "1"), at=FRIDAY + timedelta(hours=1))
    assert EarnedBadge.objects.values_list("badge", flat=True).get() == "big"
    give_back(one, FRIDAY, "100", "1", actor, FRIDAY + timedelta(days=1))
    assert EarnedBadge.objects.count() == 0


@pytest.mark.slow
def test_what_a_draft_would_do_to_tiers(publish, person, buy):
    programme_id = publish().programme_id
    for amount in ("50", "150", "150"):
        buy(person(), ("Bread", amount, "1"))
    draft = read_document(HEAD + BASE + LADDER.replace("spend: 100}", "spend: 200}"))
    found = queries.preview_tiers(programme_id, draft, FRIDAY + timedelta(days=1))
    assert (found.counts_now, found.counts_then) == ({"basic": 1, "silver": 2}, {"basic": 3})
    assert found.moves == {("silver", "basic"): 2}


@pytest.mark.slow
def test_a_rehearsal_gives_what_the_database_gave(publish, person, buy):
    text = BASE + "    caps: [{per: member, period: week, points: 300}]\n    budget: all\n" + LADDER
    publish("budgets: [{code: all, points: 900}]\n" + text)
    people = [person() for _ in range(3)]
    version = queries.versions_in_force().at(FRIDAY)[0]
    rehearsal = Rehearsal(version)
    for step in range(24):
        owner, at = people[step % 3], FRIDAY + timedelta(days=step * 40)
        amount = str(37 * (step % 7 + 1))
        buy(owner, ("Bread", amount, "1"), at=at)
        rehearsal.run(owner, basket(("Bread", amount, "1"), at=at))
    assert [rehearsal.tier_of(owner) for owner in people] == [tier(owner) for owner in people]
    stored = Progress.objects.values_list("budgets", flat=True)
    assert rehearsal.budgets["budget:all:"] == sum(one.get("budget:all:", 0) for one in stored) == 900
    moved = list(TierMove.objects.order_by("occurred_at", "id").values_list("from_tier", "to_tier"))
    assert sorted(moved) == sorted((move.before, move.after) for move in rehearsal.moves)


@pytest.mark.slow
@pytest.mark.parametrize("first", [1, 8, 13, 20])
def test_a_rehearsal_of_later_days_begins_where_members_stood(publish, person, buy, first):
    """With tiers that were kept, lost and reached again, before the first day and after it."""
    publish("budgets: [{code: all, points: 2000}]\n" + BASE + "    budget: all\n" + LADDER)
    people = [person() for _ in range(3)]
    version = queries.versions_in_force().at(FRIDAY)[0]
    amounts = [str(amount * (number + 1)) for amount in (500, 20, 20, 20, 20) for number in range(3)]
    steps = [(people[step % 3], FRIDAY + timedelta(days=step * 40), amounts[step % 15]) for step in range(27)]
    for owner, at, amount in steps:
        buy(owner, ("Bread", amount, "1"), at=at)
    before = queries.standings_at(version, steps[first][1], {owner: owner for owner in people})
    rehearsal = Rehearsal(version, before=before)
    given = before.budgets.get("budget:all:", 0)
    for owner, at, amount in steps[first:]:
        rehearsal.run(owner, basket(("Bread", amount, "1"), at=at))
    assert [rehearsal.tier_of(owner) for owner in people] == [tier(owner) for owner in people]
    rows = Progress.objects.values_list("occurred_at", "budgets")
    assert given == sum(one.get("budget:all:", 0) for at, one in rows if at < steps[first][1])
    assert rehearsal.budgets["budget:all:"] == sum(one.get("budget:all:", 0) for _at, one in rows)
    moves = TierMove.objects.values_list("from_tier", "to_tier")
    moved = moves.filter(occurred_at__gte=steps[first][1])
    assert sorted(moved) == sorted((move.before, move.after) for move in rehearsal.moves)
    assert {("basic", "silver"), ("silver", "basic"), ("gold", "silver")} <= {*moves}
