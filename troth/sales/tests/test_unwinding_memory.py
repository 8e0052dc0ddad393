"""Random orders, changes, returns, coupons and spends where rules remember: caps, pots, challenges, tiers.

Against `plain_shop`, which knows nothing of the code under test. Whatever is sent again answers its first result.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.activity.orders import NewOrder, Outcome
from troth.customers.models import Customer
from troth.ledger import proofs as ledger_proofs
from troth.ledger import services as ledger
from troth.ledger.models import Account
from troth.ledger.operations import Owner, Reason, Spend
from troth.programs import proofs as programs_proofs
from troth.programs.models import BudgetSlice, Membership
from troth.programs.outcomes import AwardKind
from troth.rewards import proofs as rewards_proofs
from troth.rewards import services as rewards
from troth.rewards.campaigns import CampaignFields
from troth.rewards.models import Benefit, CodeKind
from troth.rewards.models import Coupon as StoredCoupon

from .conftest import ACTOR, FRIDAY, NOW, START, a_return, bring_back, buy, line
from .plain_shop import RULES, Coupon, Lines, PlainShop
from .test_repeats import said

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PEOPLE = 2

prices = st.integers(1, 9000).map(lambda cents: Decimal(cents).scaleb(-2))
goods = st.lists(st.tuples(prices, st.integers(1, 4), st.sampled_from(["tea", "nuts"])), min_size=1, max_size=3)
people = st.integers(0, PEOPLE - 1)
places = st.integers(0, 20)
acts = st.one_of(
    st.tuples(st.just("order"), people, goods, st.booleans()),
    st.tuples(st.just("return"), places, st.integers(0, 2), st.integers(1, 4)),
    st.tuples(st.just("change"), places, goods),
    st.tuples(st.just("spend"), people, st.integers(1, 200)),
    st.tuples(st.just("repeat"), places),
)


class Shop:
    """The code under test beside the plain model: each act goes to both, and both must say the same."""

    def __init__(self) -> None:
        self.plain = PlainShop()
        self.people = [Customer.objects.create(created_at=START, updated_at=START).id for _ in range(PEOPLE)]
        self.orders: list[NewOrder] = []
        self.ids: list = []
        self.first: dict = {}  # (how to send it, which) → (document, what it answered first)
        self.now = FRIDAY

    def tick(self) -> int:
        self.now += timedelta(minutes=1)
        return len(self.first) + int((self.now - FRIDAY) / timedelta(minutes=1))

    def order(self, buyer: int, wanted, with_coupon: bool) -> None:
        number = self.tick()
        coupon = self.plain.usable(buyer) if with_coupon else None
        tags = {"coupons": coupon.code} if coupon else {}
        lines = tuple(made(place, *one) for place, one in enumerate(wanted, start=1))
        order = NewOrder("web", f"O{number}", self.people[buyer], self.now, "CNY", lines, tags=tags)
        (sold,) = buy(order, now=self.now)
        assert sold.error is None
        earned = self.plain.buy(buyer, plain_lines(wanted), coupon)
        self.orders.append(order)
        self.ids.append(sold.order_id)
        self._agree(len(self.orders) - 1, sold, earned)
        self.first[buy, len(self.orders) - 1] = order, said(sold)

    def bring_back(self, at: int, place: int, wanted: int) -> None:
        number, sale = self.tick(), self.plain.sales[at]
        line_no = sorted(sale.lines)[place % len(sale.lines)]
        price, left, _category = sale.lines[line_no]
        quantity = min(wanted, left)
        if not quantity:
            return
        back = (line_no, str(quantity), str(price * quantity))
        changes = {"external_id": f"R{number}", "occurred_at": self.now}
        document = a_return(self.orders[at], self.ids[at], back, **changes)
        (undone,) = bring_back(document, now=self.now)
        assert undone.error is None
        sale.lines[line_no][1] -= quantity
        self._agree(at, undone, self.plain.reckon(at))
        self.first[bring_back, number] = document, said(undone)

    def change(self, at: int, wanted) -> None:
        self.tick()
        if any(key[0] is bring_back and one.order_id == self.ids[at] for key, (one, _said) in self.first.items()):
            return  # how a price changes what was paid back for is told elsewhere
        lines = tuple(made(place, *one) for place, one in enumerate(wanted, start=1))
        changed = replace(self.orders[at], lines=lines)
        if changed == self.orders[at]:
            return
        (sold,) = buy(changed, now=self.now)
        assert (sold.error, sold.recorded.outcome) == (None, Outcome.CHANGED)
        self.plain.sales[at].lines = plain_lines(wanted)
        self.orders[at] = changed
        self._agree(at, sold, self.plain.reckon(at))
        self.first[buy, at] = changed, said(sold)

    def spend(self, buyer: int, amount: int) -> None:
        operation = Spend(
            key=f"S{self.tick()}", owner=Owner("customer", self.people[buyer]), currency="points",
            occurred_at=self.now, reason=Reason("test"), amount=amount,
        )  # fmt: skip
        is_spent = ledger.post([operation], actor=ACTOR, now=self.now)[0].error is None
        assert is_spent == self.plain.spend(buyer, amount)

    def repeat(self, at: int) -> None:
        send, which = list(self.first)[at % len(self.first)]
        document, answered = self.first[send, which]
        (again,) = send(document, now=self.now)
        assert (again.recorded.outcome, said(again)) == (Outcome.UNCHANGED, answered)

    def _agree(self, at: int, sold, earned: Coupon | None) -> None:
        """Compare what the order brings now, and what its buyer has; note the code of a coupon that it earned."""
        (brought,) = sold.brought
        sale = self.plain.sales[at]
        points = sum(award.amount for award in brought.awards if award.kind is AwardKind.POINTS)
        assert points == sale.bears.points
        given = [one.coupon_code for one in brought.postings if one.coupon_code]
        assert len(given) == (earned is not None)
        if earned is not None:
            (earned.code,) = given
        assert brought.standing.tier == self.plain.tier(sale.buyer)
        assert brought.standing.figures.points == self.plain.sum("tier_points", sale.buyer)
        self.agree()

    def agree(self) -> None:
        """Compare all that everybody has, and what the pots gave."""
        accounts = dict(Account.objects.filter(owner_id__in=self.people).values_list("owner_id", "balance"))
        assert [accounts.get(one, 0) for one in self.people] == [self.plain.balance(one) for one in range(PEOPLE)]
        used = {"budget:pot:": 0, "budget:gifts:": 0}
        for key, amount in BudgetSlice.objects.values_list("key", "used"):
            used[key] += amount
        assert list(used.values()) == [self.plain.sum("pot"), self.plain.sum("gifts")]
        coupons = StoredCoupon.objects.filter(owner_id__in=self.people)
        stored = {one.code: (one.state == "revoked", one.use_count) for one in coupons}
        plain = {one.code: (one.is_withdrawn, int(one.used_by is not None)) for one in self.plain.coupons}
        assert stored == plain
        counted = {row.owner_id: row for row in Membership.objects.filter(owner_id__in=self.people)}
        for buyer, person in enumerate(self.people):
            counters = counted[person].counters if person in counted else {}
            counts = [counters.get(key, 0) for key in ("challenge:teas:", "given:challenge:teas:", "cap:big.1:")]
            assert counts == [self.plain.sum(name, buyer) for name in ("teas", "rewards", "bigs")], counters


def made(number: int, price: Decimal, quantity: int, category: str):
    return line(number, str(price * quantity), quantity=str(quantity), category=category)


def plain_lines(wanted) -> Lines:
    return {number: list(one) for number, one in enumerate(wanted, start=1)}


@pytest.fixture
def club(currency, publish):
    """The plain shop's programme, and the coupons that it hands out."""
    currency(shortfall="arrears", arrears_limit=None)
    fields = CampaignFields(
        code="thanks", name="Thanks", code_kind=CodeKind.UNIQUE, benefit=Benefit.PERCENT, percent=Decimal(10),
        size=1_000,
    )  # fmt: skip
    campaign = rewards.create_campaign(actor=ACTOR, now=START, fields=fields)
    rewards.start_campaign(actor=ACTOR, now=START, campaign_id=campaign.id)
    publish(RULES)


def test_what_is_unwound_gives_back_caps_pots_challenges_coupons_and_tiers(club):
    @settings(max_examples=25, deadline=None)
    @given(script=st.lists(acts, min_size=4, max_size=16))
    def whatever_happens(script):
        with transaction.atomic():
            shop = Shop()
            for act, *what in script:
                play(shop, act, what)
            shop.agree()
            for proof in (*programs_proofs.PROOFS, *rewards_proofs.PROOFS, *ledger_proofs.proofs_at(NOW)):
                assert (proof.code, proof.count_violations()) == (proof.code, 0)
            transaction.set_rollback(True)

    whatever_happens()


def play(shop: Shop, act: str, what) -> None:
    if act == "order":
        shop.order(*what)
    elif act == "spend":
        shop.spend(*what)
    elif act == "repeat":
        if shop.first:
            shop.repeat(*what)
    elif shop.orders:
        at = what[0] % len(shop.orders)
        if act == "return":
            shop.bring_back(at, *what[1:])
        else:
            shop.change(at, *what[1:])


def test_a_changed_order_draws_no_more_than_its_pot_has_left(club, person):
    nuts = [line(1, "10", quantity="10", category="nuts")]
    first = NewOrder("web", "1", person(), FRIDAY, "CNY", tuple(nuts))
    second = replace(first, external_id="2", customer_id=person())
    buy(first, second)
    more = replace(first, lines=(line(1, "45", quantity="30", category="nuts"),))
    (grown,) = buy(more)
    drawn = {award.rule: award.amount for award in grown.brought[0].awards}
    assert drawn == {"base": 45, "nuts": 30}  # of 40 the other order keeps its 10
    assert sum(BudgetSlice.objects.filter(key="budget:pot:").values_list("used", flat=True)) == 40
