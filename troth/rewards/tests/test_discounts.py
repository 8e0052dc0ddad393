"""What coupons take off: exact to the smallest coin, never more than the goods."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.programs.baskets import Basket, BasketLine
from troth.rewards.discounts import Discount, Offer, Why, discounts
from troth.rewards.models import Benefit, DiscountedGoods

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def yuan(amount):
    return round(amount * 10_000)


def line(line_no, net, *, reduced=0, shipping=0, category="tea"):
    return BasketLine(
        line_no=line_no,
        sku=f"S{line_no}",
        category=category,
        brand="",
        quantity=10_000,
        unit_price=yuan(net),
        net_amount=yuan(net),
        discount_amount=yuan(reduced),
        deductions=(0, yuan(shipping), 0, 0),
    )


def basket(*lines, currency="CNY"):
    return Basket(occurred_at=NOON, local_at=NOON, currency=currency, lines=lines)


def percent(figure, **changes):
    return Offer(benefit=Benefit.PERCENT, currency="CNY", percent=yuan(figure), **changes)


def amount(figure, **changes):
    return Offer(benefit=Benefit.AMOUNT, currency="CNY", amount=yuan(figure), **changes)


def one(offer, found):
    (result,) = discounts([offer], found)
    return result


def test_per_cents_are_rounded_once_and_shared_to_the_last_cent():
    found = one(percent(15), basket(line(1, 9.99), line(2, 9.99), line(3, 0.05)))
    assert found.total == yuan(3.00)  # 15 % of 20.03 is 3.0045
    assert found.lines == ((1, yuan(1.49)), (2, yuan(1.50)), (3, yuan(0.01)))


def test_half_a_cent_is_rounded_up():
    assert one(percent(50), basket(line(1, 0.05))).total == yuan(0.03)


# lesson: a 100 % discount leaves 0.01
@pytest.mark.parametrize("nets", [(9.99, 0.01, 3.33), (0.0051, 12.3349), (33.33, 33.33, 33.34)])
def test_a_hundred_per_cent_leave_nothing(nets):
    found = one(percent(100), basket(*(line(number, net) for number, net in enumerate(nets, 1))))
    assert [share for _number, share in found.lines] == [yuan(net) for net in nets]
    assert found.total == sum(yuan(net) for net in nets)


# lesson: 70 % voucher on goods at 40 % off: free orders
@pytest.mark.parametrize(
    ("policy", "expected"),
    [(DiscountedGoods.EXCLUDE, None), (DiscountedGoods.BETTER, 30.00), (DiscountedGoods.STACK, 42.00)],
)
def test_a_large_coupon_on_reduced_goods_never_makes_them_free(policy, expected):
    found = one(percent(70, discounted_goods=policy), basket(line(1, 60, reduced=40)))
    if expected is None:
        assert found == Discount(why=Why.NO_GOODS)
    else:
        assert found.total == yuan(expected)  # of 100: 30 or 18 are still paid


def test_better_gives_nothing_where_the_reduction_is_larger():
    offer = percent(20, discounted_goods=DiscountedGoods.BETTER)
    assert one(offer, basket(line(1, 60, reduced=40))).why is Why.NOTHING_OFF
    assert one(offer, basket(line(1, 60, reduced=40), line(2, 100))).total == yuan(20)


# lesson: a zero-value discount miscounts usage
def test_a_coupon_that_takes_nothing_off_does_not_apply():
    assert one(percent(1), basket(line(1, 0.10))).why is Why.NOTHING_OFF
    free_shipping = Offer(benefit=Benefit.SHIPPING, currency="CNY")
    assert one(free_shipping, basket(line(1, 10))).why is Why.NOTHING_OFF
    assert one(amount(5), basket(line(1, 0))).why is Why.NO_GOODS


def test_an_amount_takes_at_most_the_goods():
    assert one(amount(50), basket(line(1, 30), line(2, 10))).lines == ((1, yuan(30)), (2, yuan(10)))


def test_the_bound_holds():
    assert one(percent(50, maximum_discount=yuan(8)), basket(line(1, 30))).total == yuan(8)
    assert one(percent(100, maximum_discount=yuan(8)), basket(line(1, 30))).total == yuan(8)


# lesson: float −1e-14 refuses a valid coupon
def test_the_minimum_is_reached_exactly():
    lines = [line(number, 0.1) for number in range(1, 4)]  # as floats 0.1 + 0.1 + 0.1 is not 0.3
    assert one(amount(0.1, minimum_amount=yuan(0.3)), basket(*lines)).total == yuan(0.1)
    missed = one(amount(0.1, minimum_amount=yuan(0.31)), basket(*lines))
    assert (missed.why, missed.base, missed.limit) == (Why.MINIMUM, yuan(0.3), yuan(0.31))


def test_only_the_goods_that_are_meant_count():
    offer = percent(10, counts_for=lambda found: found.category == "tea")
    assert one(offer, basket(line(1, 10), line(2, 90, category="pots"))).lines == ((1, yuan(1)),)
    assert one(offer, basket(line(2, 90, category="pots"))).why is Why.NO_GOODS


def test_shipping_is_no_goods():
    both = basket(line(1, 20, shipping=8), line(2, 4, shipping=2))
    assert one(percent(10), both).total == yuan(1.40)
    assert one(Offer(benefit=Benefit.SHIPPING, currency="CNY"), both).lines == ((1, yuan(8)), (2, yuan(2)))


def test_another_currency_is_not_mixed_in():
    assert one(percent(10), basket(line(1, 10), currency="USD")).why is Why.OTHER_CURRENCY


def test_a_currency_without_cents_is_rounded_to_whole_ones():
    offer = Offer(benefit=Benefit.PERCENT, currency="JPY", percent=yuan(15))
    assert one(offer, basket(line(1, 333), currency="JPY")).total == yuan(50)


def test_coupons_follow_each_other():
    offers = [amount(20, is_combinable=True), percent(10, is_combinable=True)]
    first, second = discounts(offers, basket(line(1, 100), line(2, 20)))
    assert (first.total, second.total) == (yuan(20), yuan(10))
    free_shipping = Offer(benefit=Benefit.SHIPPING, currency="CNY", is_combinable=True)
    first, second = discounts([free_shipping, percent(10, is_combinable=True)], basket(line(1, 30, shipping=10)))
    assert (first.total, second.total) == (yuan(10), yuan(2))


def test_one_that_is_not_combinable_takes_nothing_off_beside_another():
    first, second = discounts([amount(20), percent(10, is_combinable=True)], basket(line(1, 100)))
    assert (first.why, second.total) == (Why.NOT_COMBINABLE, yuan(10))


OFFERS = st.builds(
    Offer,
    benefit=st.sampled_from([Benefit.PERCENT, Benefit.AMOUNT]),
    currency=st.just("CNY"),
    percent=st.integers(1, 1_000_000),
    amount=st.integers(1, 10**9),
    maximum_discount=st.none() | st.integers(1, 10**8),
    discounted_goods=st.sampled_from(DiscountedGoods),
    is_combinable=st.just(True),
)
LINES = st.lists(
    st.tuples(st.integers(0, 10**8), st.integers(0, 10**7)).map(
        lambda found: BasketLine(
            line_no=0,
            sku="",
            category="",
            brand="",
            quantity=10_000,
            unit_price=found[0],
            net_amount=found[0],
            discount_amount=found[1],
        )
    ),
    max_size=6,
)


@given(st.lists(OFFERS, min_size=1, max_size=3), LINES)
def test_shares_add_up_and_no_line_goes_below_nothing(offers, lines):
    numbered = [found._replace(line_no=number) for number, found in enumerate(lines, 1)]
    left = {found.line_no: found.net_amount for found in numbered}
    for found in discounts(offers, basket(*numbered)):
        assert found.total == sum(share for _number, share in found.lines)
        assert (found.total > 0) is (found.why is None)
        for number, share in found.lines:
            assert share > 0
            left[number] -= share
    assert all(rest >= 0 for rest in left.values())
