"""Redemptions: points, stock, limits and coupons move together or not at all; a cancellation undoes exactly that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from troth.customers.models import Customer
from troth.events.models import Event
from troth.kit.ids import new_id
from troth.ledger import queries as ledger
from troth.rewards import privacy, services, traces
from troth.rewards.errors import RedemptionStateError, StockError
from troth.rewards.models import (
    Coupon,
    FulfilmentKind,
    LimitPeriod,
    MemberTally,
    PayOn,
    Redemption,
    RedemptionState,
    RewardKind,
)
from troth.rewards.services import Outcome, PriceFields, Redeem
from troth.segments.models import Segment, SegmentMembership

from .conftest import (
    ACTOR,
    LATER,
    MUG,
    NOW,
    available,
    code_of,
    merge,
    post_one,
    redeem,
    redeem_one,
    stock_left,
    wish,
)

VOUCHER = replace(
    MUG,
    code="voucher",
    reward_kind=RewardKind.VOUCHER,
    campaign="welcome",
    stock=None,
    fulfilment=FulfilmentKind.INSTANT,
)


def cancel(redemption_id, reason="member", now=NOW, **options):
    return services.cancel_redemption(actor=ACTOR, now=now, redemption_id=redemption_id, reason=reason, **options)


def advance(redemption_id, state, now=NOW):
    return services.advance_redemption(actor=ACTOR, now=now, redemption_id=redemption_id, state=state)


def lots_of(customer):
    return [(lot.remaining, lot.ends_at) for lot in ledger.lots(customer.id, "points", now=NOW)]


def test_a_reward_is_redeemed(reward, points, ann):
    mug = reward()
    points(ann, 1200)
    result = redeem_one(ann, quantity=2, store_id=7, delivery="counter 3")
    row = Redemption.objects.get()
    assert (result.outcome, result.redemption_id, result.state, result.points, result.available) == (
        Outcome.DONE,
        row.id,
        "requested",
        1000,
        200,
    )
    assert (row.owner_id, row.quantity, row.points, row.point_currency, row.unit_cost, row.delivery) == (
        ann.id,
        2,
        1000,
        "points",
        Decimal("8.5"),
        "counter 3",
    )
    assert (available(ann), stock_left(mug)) == (200, 8)
    event = Event.objects.get(name="rewards.redemption.requested")
    assert (event.owner_id, event.data) == (
        ann.id,
        {
            "redemption": str(row.id),
            "reward": "mug",
            "quantity": 2,
            "points": 1000,
            "currency": "points",
            "is_gift": False,
        },
    )


# lesson: confirm pressed twice counts twice
def test_the_same_redemption_again_gives_the_first_result(reward, points, ann):
    mug = reward()
    points(ann, 1200)
    first = redeem_one(ann)
    services.archive_reward(actor=ACTOR, now=NOW, reward_id=mug.id)
    again = redeem_one(ann, now=LATER)
    assert (again.outcome, again.redemption_id, again.points) == (Outcome.REPEATED, first.redemption_id, 500)
    assert (available(ann), stock_left(mug), Redemption.objects.count()) == (700, 9, 1)
    assert code_of(redeem_one(ann, quantity=2)) == "reward_operation_conflict"


def test_within_a_batch_each_stands_for_itself_and_a_twin_is_one(reward, points, ann, bob):
    mug = reward(stock=3)
    points(ann, 1000)
    points(bob, 400)
    results = redeem(
        wish(ann, "a"),
        wish(bob, "b"),  # too few points
        wish(ann, "a"),
        wish(ann, "a", quantity=2),
        wish(ann, "c", reward="none"),
        wish(ann, "d", quantity=0),
        replace(wish(ann, "e"), customer_id=new_id()),
        wish(ann, "f", quantity=3),  # too few pieces
        wish(ann, "g"),
        wish(ann, "h"),  # too few points by now
    )
    assert [code_of(one) or str(one.outcome) for one in results] == [
        "done",
        "insufficient_points",
        "repeated",
        "reward_operation_conflict",
        "reward_not_found",
        "reward_operation_refused",
        "customer_unknown",
        "reward_out_of_stock",
        "done",
        "insufficient_points",
    ]
    assert (available(ann), available(bob), stock_left(mug), Redemption.objects.count()) == (0, 400, 1, 2)


def test_the_last_piece_goes_to_whoever_in_the_batch_can_pay_for_it(reward, points, ann, bob, person):
    mug = reward(stock=1)
    points(bob, 500)
    cleo = person()
    points(cleo, 500)
    results = redeem(wish(ann), wish(bob), wish(cleo))
    assert [code_of(one) for one in results] == ["insufficient_points", "", "reward_out_of_stock"]
    assert (stock_left(mug), available(bob), available(cleo)) == (0, 0, 500)


def test_a_refused_redemption_changes_nothing(reward, points, ann, campaign):
    mug = reward(member_limit=5)
    made = campaign(size=4)
    reward(VOUCHER)
    points(ann, 100)
    before = (stock_left(mug), made.id)
    assert [code_of(one) for one in redeem(wish(ann), wish(ann, "v", reward="voucher"))] == ["insufficient_points"] * 2
    assert (stock_left(mug), made.id, available(ann)) == (*before, 100)
    assert (MemberTally.objects.get().count, Coupon.objects.count(), Redemption.objects.count()) == (0, 0, 0)
    assert not Event.objects.filter(name__startswith="rewards.redemption").exists()


@pytest.mark.slow
def test_cancelling_gives_back_the_very_lots_and_the_pieces(reward, points, ann):
    mug = reward(member_limit=1)
    soon, late = NOW + timedelta(days=3), NOW + timedelta(days=300)
    points(ann, 300, expires_at=late)
    points(ann, 400, expires_at=soon)
    before = sorted(lots_of(ann))
    result = redeem_one(ann)
    assert lots_of(ann) == [(200, late)]
    row = cancel(result.redemption_id, now=LATER)
    assert (row.state, row.cancel_reason, row.cancelled_at) == ("cancelled", "member", LATER)
    assert sorted(lots_of(ann)) == before
    assert (available(ann), stock_left(mug), MemberTally.objects.get().count) == (700, 10, 0)
    cancel(result.redemption_id)
    assert (available(ann), stock_left(mug)) == (700, 10)
    assert Event.objects.filter(name="rewards.redemption.cancelled").count() == 1
    assert redeem_one(ann, "r-2").outcome == Outcome.DONE


def test_a_broken_piece_is_not_put_back_on_the_shelf(reward, points, ann):
    mug = reward()
    points(ann, 500)
    cancel(redeem_one(ann).redemption_id, reason="damaged", is_restocked=False)
    assert (available(ann), stock_left(mug)) == (500, 9)


def test_states_go_forward_only(reward, points, ann):
    reward()
    points(ann, 500)
    redemption_id = redeem_one(ann).redemption_id
    assert advance(redemption_id, RedemptionState.PREPARED).state == "prepared"
    assert advance(redemption_id, RedemptionState.PREPARED).state == "prepared"
    with pytest.raises(RedemptionStateError):
        advance(redemption_id, RedemptionState.REQUESTED)
    with pytest.raises(RedemptionStateError):
        advance(redemption_id, RedemptionState.CANCELLED)
    done = advance(redemption_id, RedemptionState.FULFILLED, now=LATER)
    assert (done.state, done.fulfilled_at) == ("fulfilled", LATER)
    cancel(redemption_id)
    with pytest.raises(RedemptionStateError):
        advance(redemption_id, RedemptionState.FULFILLED)


@pytest.mark.slow
def test_points_are_held_until_the_reward_is_handed_over(reward, points, ann):
    mug = reward(pay_on=PayOn.FULFILMENT, hold_days=7)
    points(ann, 1100)
    first, second = (redeem_one(ann, key).redemption_id for key in ("a", "b"))
    balance = ledger.balances([ann.id], "points", now=NOW)[ann.id]
    assert (balance.balance, balance.held, balance.available) == (1100, 1000, 100)
    advance(first, RedemptionState.FULFILLED)
    balance = ledger.balances([ann.id], "points", now=NOW)[ann.id]
    assert (balance.balance, balance.held, balance.available) == (600, 500, 100)
    assert services.cancel_timed_out(actor=ACTOR, now=NOW + timedelta(days=6)) == 0
    assert services.cancel_timed_out(actor=ACTOR, now=NOW + timedelta(days=7)) == 1
    assert Redemption.objects.get(id=second).cancel_reason == "timeout"
    assert (available(ann), stock_left(mug)) == (600, 9)
    cancel(first)
    assert (available(ann), stock_left(mug)) == (1100, 10)


def test_a_voucher_hands_out_its_coupons(reward, points, ann, campaign):
    campaign()
    reward(VOUCHER)
    points(ann, 1000)
    result = redeem_one(ann, reward="voucher", quantity=2)
    coupons = list(Coupon.objects.order_by("id"))
    assert (result.state, result.coupon_ids) == ("fulfilled", tuple(one.id for one in coupons))
    assert {(one.owner_id, one.source, one.source_id) for one in coupons} == {
        (ann.id, "redemption", str(result.redemption_id))
    }
    use = Redeem(key="u", code=coupons[0].code, customer_id=ann.id, occurred_at=NOW, currency="CNY")
    post_one(use)
    with pytest.raises(RedemptionStateError):
        cancel(result.redemption_id)
    assert available(ann) == 0


def test_cancelling_a_voucher_withdraws_its_coupons(reward, points, ann, campaign):
    campaign()
    reward(VOUCHER)
    points(ann, 500)
    cancel(redeem_one(ann, reward="voucher").redemption_id)
    assert (Coupon.objects.get().state, available(ann)) == ("revoked", 500)


def test_no_voucher_without_a_code(reward, points, ann, campaign):
    made = campaign(size=1)
    reward(VOUCHER)
    points(ann, 2000)
    assert code_of(redeem_one(ann, reward="voucher", quantity=2)) == "campaign_exhausted"
    assert redeem_one(ann, "r-2", reward="voucher").outcome == Outcome.DONE
    services.pause_campaign(actor=ACTOR, now=NOW, campaign_id=made.id)
    assert code_of(redeem_one(ann, "r-3", reward="voucher")) == "campaign_state"
    assert available(ann) == 1500


def test_a_price_by_segment_and_in_points_and_money(reward, points, ann, bob):
    loyal = Segment.objects.create(name="Loyal", created_at=NOW, created_by="test", updated_at=NOW)
    SegmentMembership.objects.create(owner_id=ann.id, segment=loyal, entered_at=NOW)
    prices = (
        PriceFields(points=500, point_currency="points"),
        PriceFields(points=400, point_currency="points", segment_id=loyal.id),
        PriceFields(
            option="mixed", points=100, point_currency="points", money_amount=Decimal("19.90"), money_currency="CNY"
        ),
    )
    reward(prices=prices)
    points(ann, 1000)
    points(bob, 1000)
    refused = redeem_one(bob, "a")
    assert (code_of(refused), refused.error.fields["known"]) == ("reward_price_unknown", ["mixed", "points"])
    assert redeem_one(bob, "b", option="points").points == 500
    assert redeem_one(ann, "c", option="points").points == 400
    mixed = redeem_one(ann, "d", option="mixed", quantity=2)
    assert (mixed.points, mixed.money_amount, mixed.money_currency) == (200, Decimal("39.80"), "CNY")


def test_what_is_offered_to_others_is_not_there(reward, points, ann, person):
    audience = {"field": "address.city", "operator": "is", "value": "上海"}
    reward(audience=audience)
    lin = person(city="上海")
    points(ann, 500)
    points(lin, 500)
    assert code_of(redeem_one(ann)) == "reward_not_found"
    assert redeem_one(lin).outcome == Outcome.DONE


@pytest.mark.parametrize(
    ("period", "moment", "is_free"),
    [
        (LimitPeriod.DAY, datetime(2026, 11, 22, 15, 59, tzinfo=UTC), False),
        (LimitPeriod.DAY, datetime(2026, 11, 22, 16, tzinfo=UTC), True),  # midnight in Shanghai
        (LimitPeriod.WEEK, datetime(2026, 11, 22, 16, tzinfo=UTC), True),  # a Monday
        (LimitPeriod.MONTH, datetime(2026, 11, 30, 15, tzinfo=UTC), False),
        (LimitPeriod.MONTH, datetime(2026, 11, 30, 16, tzinfo=UTC), True),
        (LimitPeriod.YEAR, datetime(2026, 12, 31, 15, tzinfo=UTC), False),
        (LimitPeriod.EVER, datetime(2028, 1, 1, tzinfo=UTC), False),
    ],
)
def test_a_member_takes_no_more_than_the_limit_of_the_period(reward, points, ann, period, moment, is_free):
    reward(member_limit=2, limit_period=period)
    points(ann, 5000)
    assert redeem_one(ann, "a", quantity=2).outcome == Outcome.DONE
    result = redeem_one(ann, "b", occurred_at=moment, now=moment)
    assert code_of(result) == ("" if is_free else "member_limit_reached")


def test_a_limit_counts_all_merged_records(reward, points, ann, bob):
    reward(member_limit=1)
    points(ann, 500)
    points(bob, 500)
    assert redeem_one(bob).outcome == Outcome.DONE
    merge(bob, ann)
    assert code_of(redeem_one(ann, "r-2")) == "member_limit_reached"
    assert redeem_one(ann).outcome == Outcome.REPEATED


def test_windows_are_judged_by_the_companys_days(reward, points, ann):
    reward(
        starts_at=NOW - timedelta(days=7), ends_at=NOW + timedelta(days=8), weekdays=(7,)
    )  # Sundays, and the 22nd is one
    points(ann, 5000)
    moments = {
        "a": (datetime(2026, 11, 21, 15, 59, tzinfo=UTC), "reward_not_available"),  # Saturday in Shanghai
        "b": (datetime(2026, 11, 21, 16, 0, tzinfo=UTC), ""),
        "c": (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), "reward_not_available"),
        "d": (datetime(2026, 11, 14, 17, 0, tzinfo=UTC), "reward_not_available"),
        "e": (datetime(2026, 12, 6, 4, 0, tzinfo=UTC), "reward_not_available"),
    }
    found = {key: code_of(redeem_one(ann, key, occurred_at=at, now=at)) for key, (at, _expected) in moments.items()}
    assert found == {key: expected for key, (_at, expected) in moments.items()}


def test_a_gift_costs_nothing_but_stock(reward, ann):
    mug = reward(stock=1, member_limit=1, starts_at=LATER)
    assert redeem_one(ann, is_gift=True).points == 0
    assert stock_left(mug) == 0
    assert code_of(redeem_one(ann, "r-2", is_gift=True)) == "reward_out_of_stock"
    cancel(Redemption.objects.get().id)
    assert stock_left(mug) == 1


def test_stock_comes_in_and_goes_out(reward):
    mug = reward(stock=40)
    change = {"actor": ACTOR, "now": NOW, "reward_id": mug.id}
    assert services.change_stock(**change, change=7, reason="delivery") == 47
    assert services.change_stock(**change, change=-46, reason="count") == 1
    with pytest.raises(StockError):
        services.change_stock(**change, change=-2, reason="count")
    assert stock_left(mug) == 1
    assert Event.objects.filter(name="rewards.stock.changed").count() == 2


def test_erasing_a_person_empties_addresses_and_keeps_totals(reward, points, ann):
    reward()
    points(ann, 500)
    redeem_one(ann, delivery="Nanjing Road 1")
    assert privacy.export([ann.id])["redemptions"][0]["delivery"] == "Nanjing Road 1"
    privacy.erase([ann.id], ACTOR, NOW)
    row = Redemption.objects.get()
    assert (row.delivery, row.points, Customer.objects.filter(id=ann.id).exists()) == ("", 500, True)


def test_what_members_took_is_told_day_by_day(reward, points, ann):
    reward()
    points(ann, 1200)
    redeem_one(ann)
    day = NOW.date()
    assert list(traces.read(day - timedelta(days=1), day)) == [(ann.id, "rewards_taken", day, 1.0)]
