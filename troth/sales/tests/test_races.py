"""Many orders at once: a budget, a tier, a coupon and a customer are each had exactly once, and nobody fails."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from troth.activity.models import Order
from troth.activity.orders import Outcome
from troth.jobs.models import Job
from troth.kit.tests.racing import race
from troth.ledger.models import Account
from troth.ledger.proofs import prove
from troth.ledger.tests.test_races import CLIENTS
from troth.programs.models import Membership, TierMove
from troth.rewards import services as rewards
from troth.rewards.models import Benefit, CodeKind
from troth.rewards.services import CampaignFields
from troth.sales import services as sales
from troth.sales.errors import HistoryAwardRefusedError
from troth.sales.models import HistoryAward

from .conftest import ACTOR, BASE, NOW, a_return, bring_back, buy, line

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("racing_database")]


def errors(results):
    return [result for result in results if isinstance(result, BaseException)]


def sound():
    return all(verdict.holds for verdict in prove(NOW))


def test_one_of_64_orders_gets_what_a_budget_had_left(currency, publish, an_order, person):
    currency()
    publish(
        "programme: club\nname: Club\ncurrency: CNY\nrules:\n"
        "  - {code: gift, name: Gift, effect: {type: fixed, points: 100}, budget: pot}\n"
        "budgets:\n  - {code: pot, points: 100}\n"
    )
    orders = [an_order("10", customer=person()) for _ in range(CLIENTS)]
    results = race(*[lambda order=order: buy(order)[0] for order in orders])
    assert errors(results) == []
    awarded = [sold for sold in results if sold.brought[0].awards]
    assert len(awarded) == 1
    assert {str(sold.brought[0].outcomes[0].reason) for sold in results} == {"fired", "budget_exhausted"}
    assert sum(Account.objects.values_list("balance", flat=True)) == 100
    assert sound()


def test_of_64_orders_of_one_customer_exactly_one_reaches_the_tier(currency, publish, an_order, person):
    currency()
    publish(
        BASE
        + "tiers:\n  ladder:\n    - {code: basic, name: Basic}\n    - {code: gold, name: Gold, reach: {points: 640}}\n"
    )
    customer = person()
    orders = [an_order("10", customer=customer) for _ in range(CLIENTS)]
    results = race(*[lambda order=order: buy(order)[0] for order in orders])
    assert errors(results) == []
    rises = [
        one
        for one in results
        if (one.brought[0].standing.tier_before, one.brought[0].standing.tier) == ("basic", "gold")
    ]
    assert (len(rises), TierMove.objects.filter(to_tier="gold").count()) == (1, 1)
    assert (Account.objects.get().balance, Membership.objects.get().order_count) == (640, 64)
    assert sound()


def test_a_single_use_coupon_is_used_by_one_order(currency, publish, an_order, person):
    # lesson: a single-use voucher used by two at the same moment
    currency()
    publish()
    fields = CampaignFields(
        code="once", name="Once", code_kind=CodeKind.GENERIC, benefit=Benefit.PERCENT, percent=Decimal(10),
        generic_code="WEARE", uses_total=1,
    )  # fmt: skip
    campaign = rewards.create_campaign(actor=ACTOR, now=NOW, fields=fields)
    rewards.start_campaign(actor=ACTOR, now=NOW, campaign_id=campaign.id)
    orders = [an_order("10", customer=person(), tags={"coupons": "WEARE"}) for _ in range(CLIENTS)]
    results = race(*[lambda order=order: buy(order)[0] for order in orders])
    assert errors(results) == []
    taken = [one for one in results if one.error is None]
    assert (len(taken), Order.objects.count()) == (1, 1)
    assert sum(Account.objects.values_list("balance", flat=True)) == 10


def test_the_same_order_64_times_at_once_earns_once(currency, publish, an_order):
    # lesson: confirm pressed twice on a bad line counts twice
    currency()
    publish()
    order = an_order("10")
    results = race(*[lambda: buy(order)[0]] * CLIENTS)
    assert errors(results) == []
    outcomes = [one.recorded.outcome for one in results]
    assert (outcomes.count(Outcome.CREATED), outcomes.count(Outcome.UNCHANGED)) == (1, CLIENTS - 1)
    assert Account.objects.get().balance == 10


def test_the_last_piece_comes_back_once(currency, publish, an_order):
    currency()
    publish()
    order = an_order(lines=[line(1, "30", quantity="3")])
    (sold,) = buy(order)
    returns = [a_return(order, sold.order_id, (1, "1", "10"), external_id=f"R{number}") for number in range(16)]
    results = race(*[lambda one=one: bring_back(one)[0] for one in returns])
    assert errors(results) == []
    assert sum(one.error is None for one in results) == 3
    assert Account.objects.get().balance == 0
    assert sound()


def test_of_many_who_ask_for_the_past_one_is_heard_and_one_approval_counts(currency, publish, an_order):
    currency()
    publish()
    buy(replace(an_order("10"), is_history=True))
    asked = {"actor": ACTOR, "now": NOW, "from_date": date(2026, 1, 1), "to_date": date(2026, 12, 31)}
    results = race(*[lambda: sales.request_history_award(**asked) for _client in range(16)])
    assert Counter(type(one) for one in results) == {HistoryAward: 1, HistoryAwardRefusedError: 15}
    award = HistoryAward.objects.get()

    def deciding(name, is_approved):
        boss = replace(ACTOR, id=name)
        return lambda: sales.decide_history_award(actor=boss, now=NOW, award_id=award.id, is_approved=is_approved)

    results = race(*[deciding(f"boss-{client}", client % 2 == 0) for client in range(16)])
    assert Counter(type(one) for one in results) == {HistoryAward: 1, HistoryAwardRefusedError: 15}
    assert Job.objects.filter(name="sales.award_history").count() == (HistoryAward.objects.get().state == "queued")
