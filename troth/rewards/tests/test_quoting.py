"""What codes would take off a basket: terms over order, lines and customer; nothing is written."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from troth.activity.orders import NewLine, NewOrder
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.ids import new_id
from troth.kit.money import to_stored
from troth.programs.baskets import basket_of
from troth.rewards import quoting, services
from troth.rewards.models import CouponUse, Slice
from troth.rewards.operations import use_key
from troth.rewards.services import Redeem, Reserve

from .conftest import ACTOR, GENERIC, LATER, NOW, UNIQUE, assigned, code_of, post, post_one

SHANGHAI = ZoneInfo("Asia/Shanghai")


def a_basket(*nets, occurred_at=NOW, **fields):
    lines = tuple(
        NewLine(number, Decimal(1), Decimal(net), Decimal(net), sku=f"S{number}", category=category)
        for number, (net, category) in enumerate(nets or [("100", "tea")], 1)
    )
    order = NewOrder("web", "8812", new_id(), occurred_at, "CNY", lines, **fields)
    return basket_of(order, zone=SHANGHAI)


def quote(code, basket, customer=None, **options):
    (found,) = quoting.quote([code], basket, customer_id=customer.id if customer else None, **options)
    return found


def test_a_coupon_is_quoted_without_writing(campaign, ann):
    campaign(uses_total=1)
    code = assigned(ann).code
    found = quote(code.lower(), a_basket(("100", "tea"), ("9.99", "pots")), ann)
    assert (found.error, found.discount.total) == (None, to_stored(Decimal("11.00")))
    assert CouponUse.objects.count() == 0
    assert sum(Slice.objects.filter(slice_kind="uses").values_list("taken", flat=True)) == 0


def test_terms_ask_the_order_and_the_customer(campaign, person, bob):
    ann = person(city="上海")
    terms = {
        "all": [
            {"field": "order.channel", "operator": "is", "value": "app"},
            {"field": "address.city", "operator": "is", "value": "上海"},
            {"field": "time.weekday", "operator": "any_of", "value": ["sunday"]},
        ]
    }
    campaign(GENERIC, terms=terms)
    app = a_basket(channel="app")
    assert quote("SPRING26", app, ann).discount.total == to_stored(Decimal(20))
    for basket, customer in (
        (app, bob),
        (app, None),
        (a_basket(channel="web"), ann),
        (a_basket(channel="app", occurred_at=NOW + timedelta(days=1)), ann),
    ):
        found = quote("SPRING26", basket, customer)
        assert (code_of(found), found.error.fields["why"]) == ("coupon_terms_unmet", "terms")
        assert "condition" in found.error.fields


def test_line_terms_say_which_goods_count(campaign, ann):
    tea = {"field": "line.category", "operator": "is", "value": "TEA"}
    campaign(UNIQUE, line_terms=tea)
    code = assigned(ann).code
    found = quote(code, a_basket(("100", "tea"), ("50", "pots")), ann)
    assert (found.discount.total, found.discount.lines) == (100_000, ((1, 100_000),))
    refused = quote(code, a_basket(("50", "pots")), ann)
    assert (code_of(refused), refused.error.fields["why"]) == ("coupon_terms_unmet", "no_goods")


# lesson: tier minimum ignored for years
def test_a_minimum_names_what_is_missing(campaign, ann):
    campaign(minimum_amount=Decimal("150.01"))
    refused = quote(assigned(ann).code, a_basket(("100", "tea"), ("50", "pots")), ann)
    assert refused.error.fields == {
        "why": "minimum_not_reached",
        "campaign": "welcome",
        "amount": "150.0000",
        "limit": "150.0100",
    }


def test_terms_that_nobody_understands_are_refused(company):
    wrong = replace(UNIQUE, terms={"field": "order.colour", "operator": "is", "value": "red"})
    with pytest.raises(ConditionInvalidError):
        services.create_campaign(actor=ACTOR, now=NOW, fields=wrong)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"starts_at": LATER}, "coupon_not_started"),
        ({"ends_at": NOW, "starts_at": NOW - timedelta(days=1)}, "coupon_expired"),
        ({"uses_per_member": 1}, "member_limit_reached"),
        ({"uses_total": 1}, "campaign_exhausted"),
    ],
)
def test_what_a_use_would_be_refused_for_is_said_beforehand(campaign, ann, changes, expected):
    campaign(GENERIC, **changes)
    post(Redeem(key="u", code="SPRING26", customer_id=ann.id, occurred_at=NOW, currency="CNY"))
    found = quote("SPRING26", a_basket(), ann)
    refused = post_one(Redeem(key="v", code="SPRING26", customer_id=ann.id, occurred_at=NOW, currency="CNY"))
    assert code_of(found) == code_of(refused) == expected


def test_a_use_that_the_order_itself_reserved_does_not_stand_in_its_way(campaign, ann):
    campaign()
    code = assigned(ann).code
    key = use_key("web", "8812", code)
    post(Reserve(key=key, code=code, customer_id=ann.id, occurred_at=NOW, currency="CNY"))
    assert code_of(quote(code, a_basket(), ann)) == "coupon_used"
    assert quote(code, a_basket(), ann, own_keys=[key]).error is None


def test_the_key_of_a_use_is_the_same_however_the_code_is_typed():
    assert use_key("web", "1", "spring-26") == use_key("web", "1", "SPRING26") != use_key("web", "2", "SPRING26")


def test_several_codes_one_twice_one_unknown(campaign, ann):
    campaign(GENERIC, is_combinable=True)
    campaign(is_combinable=True)
    code = assigned(ann).code
    found = quoting.quote(["SPRING26", code, "spring26", "NOPE"], a_basket(), customer_id=ann.id)
    assert [one.discount.total for one in found] == [200_000, 80_000, 0, 0]
    assert [code_of(one) for one in found] == ["", "", "coupon_unknown", "coupon_unknown"]


def test_a_printed_code_can_be_quoted_before_anybody_brought_it(campaign, ann):
    made = campaign()
    (batch,) = services.issue_codes(actor=ACTOR, now=NOW, campaign_id=made.id, key="print", count=1)
    code = services.scheme_of(made).code(batch.first)
    assert quote(code, a_basket(), ann).discount.total == 100_000


@pytest.mark.parametrize(("is_lunar", "moment"), [(False, datetime(2026, 5, 6, 3, tzinfo=UTC)), (True, None)])
def test_a_birthday_coupon_knows_both_calendars(campaign, person, is_lunar, moment):
    """Born on 6 May 1990, the twelfth day of the fourth lunar month, which falls on 28 May 2026."""
    moment = moment or datetime(2026, 5, 28, 3, tzinfo=UTC)
    lin = person(name="Lin", birth_date=date(1990, 5, 6), is_lunar_birthday=is_lunar)
    campaign(GENERIC, terms={"field": "member.birthday", "operator": "has_any_of", "value": ["day"]})
    assert quote("SPRING26", a_basket(occurred_at=moment), lin).error is None
    assert code_of(quote("SPRING26", a_basket(occurred_at=moment + timedelta(days=1)), lin)) == "coupon_terms_unmet"
