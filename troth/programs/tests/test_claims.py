"""Budgets under concurrency, proofs that notice, and what a person is given and what is erased."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from troth.customers import services as customers
from troth.kit.proofs import examine
from troth.kit.tests.racing import race
from troth.programs import claims, queries, services
from troth.programs.baskets import basket_of
from troth.programs.claims import BudgetKey
from troth.programs.evaluation import evaluate
from troth.programs.models import BudgetSlice, Membership, Progress, TierGrant
from troth.programs.proofs import PROOFS
from troth.programs.tests.conftest import LADDER, NOW
from troth.programs.tests.making import BASE, FRIDAY, ZONE, order

pytestmark = pytest.mark.django_db

BUDGET = "budgets: [{code: gifts, points: 100}]\n"


def key_of(programme_id) -> BudgetKey:
    return BudgetKey(programme_id, "budget:gifts:")


def test_a_claim_gives_what_is_left_and_no_more(publish):
    one = key_of(publish().programme_id)
    assert claims.claim({one: 60}, {one: 100}) == {one: 60}
    assert claims.claim({one: 60}, {one: 100}) == {one: 40}
    assert claims.claim({one: 1}, {one: 100}) == {one: 0}
    claims.give_back({one: 30})
    assert claims.left_of([one]) == {one: 30}
    with pytest.raises(ValueError, match="more would come back"):
        claims.give_back({one: 71})


def test_a_budget_that_a_new_version_enlarges_or_cuts(publish):
    one = key_of(publish().programme_id)
    claims.claim({one: 100}, {one: 100})
    assert claims.claim({one: 60}, {one: 150}) == {one: 50}
    assert claims.claim({one: 60}, {one: 90}) == {one: 0}
    assert claims.left_of([one]) == {one: 0}
    assert sum(BudgetSlice.objects.values_list("used", flat=True)) == 150


def test_a_batch_shares_what_is_left_and_who_comes_too_late_is_told(publish, person, actor):
    publish(BUDGET + "rules:\n  - {code: gift, name: G, budget: gifts, effect: {type: fixed, points: 40}}\n")
    version = queries.versions_in_force().at(FRIDAY)[0]
    seekers = [
        services.Seeker(owner, version, basket_of(order(("A", "1", "1"), owner_id=owner), zone=ZONE))
        for owner in (person(), person(), person())
    ]
    standings = services.open_standings(seekers, now=FRIDAY)
    found = [
        evaluate(version.compiled, one.basket, state) for one, state in zip(seekers, standings.states, strict=True)
    ]
    assert [one.points for one in found] == [{"points": 40}] * 3
    found = services.claim(standings, found)
    assert [one.points for one in found] == [{"points": 40}, {"points": 40}, {}]
    assert [str(one.outcomes[0].reason) for one in found] == ["fired", "fired", "budget_exhausted"]
    assert standings.states[2].left == {"budget:gifts:": 20}
    assert claims.left_of([key_of(version.programme_id)]) == {key_of(version.programme_id): 20}


@pytest.mark.slow
def test_of_many_at_once_exactly_as_many_win_as_the_budget_pays_for(racing_database, publish, person, actor):
    """lesson: a single-use voucher used by two at the same moment."""
    publish(BUDGET + "rules:\n  - {code: gift, name: G, budget: gifts, effect: {type: fixed, points: 100}}\n")
    owners = [person() for _ in range(16)]
    version = queries.versions_in_force().at(FRIDAY)[0]

    def buy(owner):
        seeker = services.Seeker(owner, version, basket_of(order(("A", "1", "1"), owner_id=owner), zone=ZONE))
        with transaction.atomic():
            standings = services.open_standings([seeker], now=FRIDAY)
            found = services.claim(standings, [evaluate(version.compiled, seeker.basket, standings.states[0])])
            change = services.change_of(
                found[0], index=0, operation_key="o", source_kind="order", source_id=None, occurred_at=FRIDAY
            )
            services.apply(standings, [change], actor=actor, now=FRIDAY)
        return found[0].points.get("points", 0)

    given = race(*(partial(buy, owner) for owner in owners))
    assert sorted(given, key=str) == [0] * 15 + [100]
    assert sum(BudgetSlice.objects.values_list("used", flat=True)) == 100
    assert [examine(proof).violations for proof in PROOFS] == [0] * len(PROOFS)


# --- proofs


@pytest.fixture
def earned(publish, person, buy):
    publish(
        "budgets: [{code: all, points: 500}]\n"
        + BASE
        + "    budget: all\n    caps: [{per: member, points: 400}]\n"
        + LADDER
    )
    owners = [person(), person()]
    for step in range(6):
        buy(owners[step % 2], ("Bread", "70", "1"), at=FRIDAY + timedelta(hours=step))
    return owners


def verdicts() -> dict[str, int]:
    return {proof.code.removeprefix("programs."): examine(proof).violations for proof in PROOFS}


SOUND = {"counters": 0, "budgets": 0, "orders": 0, "tiers": 0, "owners": 0}


@pytest.mark.slow
def test_proofs_hold_of_what_was_earned(earned):
    assert verdicts() == SOUND


@pytest.mark.slow
@pytest.mark.parametrize(
    ("corrupt", "broken"),
    [
        (lambda owner: Membership.objects.filter(owner_id=owner).update(counters={"cap:base.1:": 211}), "counters"),
        (lambda owner: Membership.objects.filter(owner_id=owner).update(counters={}), "counters"),
        (lambda owner: BudgetSlice.objects.filter(used__gt=0).update(used=0), "budgets"),
        (lambda owner: BudgetSlice.objects.all().delete(), "budgets"),
        (lambda owner: Membership.objects.filter(owner_id=owner).update(order_count=9), "orders"),
        (lambda owner: Membership.objects.filter(owner_id=owner).update(tier="gold"), "tiers"),
    ],
)
def test_a_corrupted_row_is_noticed_and_named(earned, corrupt, broken):
    corrupt(earned[0])
    assert verdicts() == {**SOUND, broken: 1}
    (proof,) = (one for one in PROOFS if one.code == f"programs.{broken}")
    assert (
        str(examine(proof).first)
        .replace("-", "")
        .startswith(
            str(earned[0]).replace("-", "")
            if broken != "budgets"
            else str(Membership.objects.first().programme_id).replace("-", "")
        )
    )


@pytest.mark.slow
def test_a_stranger_is_noticed(earned):
    Progress.objects.filter(owner_id=earned[0]).update(owner_id="00000000-0000-0000-0000-000000000001")
    assert verdicts()["owners"] == 3


# --- privacy


@pytest.mark.slow
def test_a_person_is_given_everything_and_notes_are_erased(earned, actor):
    programme_id = Membership.objects.first().programme_id
    services.grant_tier(
        customer_id=earned[0], programme_id=programme_id, tier="gold", until=NOW + timedelta(days=30),
        note="her sister", actor=actor, now=NOW,
    )  # fmt: skip
    given = customers.export_customer(actor=actor, now=NOW, customer_id=earned[0])["programs"]
    assert [one["tier"] for one in given["memberships"]] == ["gold"]
    assert given["granted_tiers"][0]["note"] == "her sister"
    assert [one["to"] for one in given["tier_changes"]] == ["silver", "gold"]
    customers.erase_customer(actor=actor, now=NOW, customer_id=earned[0])
    assert TierGrant.objects.get().note == ""
    assert Membership.objects.filter(owner_id=earned[0]).exists()
