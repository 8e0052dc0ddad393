"""Random orders, changes, returns and spends against a plain model that knows nothing of the code under test."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from troth.activity.orders import NewOrder
from troth.customers.models import Customer
from troth.ledger import services as ledger
from troth.ledger.models import Account, PointCurrency
from troth.ledger.operations import Owner, Reason, Spend
from troth.programs.models import Membership, Progress
from troth.sales.models import OrderEvaluation

from .conftest import ACTOR, BASE, FRIDAY, NOW, START, a_return, bring_back, buy, line

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Rules without memory of other orders: a point a yuan, two for each packet of tea, ten from a hundred yuan.
RULES = (
    BASE
    + """  - {code: tea, name: Tea, lines: {field: line.category, operator: is, value: tea},
     effect: {type: per_item, points: 2}}
  - {code: big, name: Big, when: {field: order.net_amount, operator: at_least, value: 100},
     effect: {type: fixed, points: 10}}
"""
)

prices = st.integers(1, 9000).map(lambda cents: Decimal(cents).scaleb(-2))
goods = st.tuples(prices, st.integers(1, 4), st.sampled_from(["tea", "nuts"]))
acts = st.one_of(
    st.tuples(st.just("order"), st.integers(0, 2), st.lists(goods, min_size=1, max_size=3)),
    st.tuples(st.just("return"), st.integers(0, 20), st.integers(0, 2), st.integers(1, 4)),
    st.tuples(st.just("change"), st.integers(0, 20), st.lists(goods, min_size=1, max_size=3)),
    st.tuples(st.just("spend"), st.integers(0, 2), st.integers(1, 200)),
)


class PlainModel:
    """What a member has, by schoolbook arithmetic: earned less spent, and each order what its rest would earn."""

    def __init__(self) -> None:
        self.orders: list[dict[int, list]] = []  # line number → [price, quantity, category]
        self.buyers: list[int] = []
        self.spent: dict[int, int] = defaultdict(int)

    @staticmethod
    def worth(lines):
        kept = [(price * quantity, quantity, category) for price, quantity, category in lines.values() if quantity]
        total = sum(amount for amount, _quantity, _category in kept)
        if total <= 0:
            return 0
        points = int(total.to_integral_value(ROUND_FLOOR))
        points += 2 * sum(quantity for _amount, quantity, category in kept if category == "tea")
        return points + (10 if total >= 100 else 0)

    def balance(self, buyer: int) -> int:
        baskets = zip(self.orders, self.buyers, strict=True)
        earned: int = sum(self.worth(lines) for lines, who in baskets if who == buyer)
        return earned - self.spent[buyer]

    def spend(self, buyer: int, amount: int) -> bool:
        if amount > self.balance(buyer):
            return False
        self.spent[buyer] += amount
        return True


class World:
    """The code under test, driven by the same acts."""

    def __init__(self) -> None:
        self.people = [Customer.objects.create(created_at=START, updated_at=START).id for _ in range(3)]
        self.orders: list[tuple[NewOrder, UUID]] = []
        self.count = 0
        self.name = uuid4().hex  # examples share a database

    def order(self, buyer: int, lines) -> None:
        self.count += 1
        at = FRIDAY + timedelta(minutes=self.count)
        made = tuple(self._line(number, *one) for number, one in enumerate(lines, start=1))
        order = NewOrder("web", f"P{self.count} {self.name}", self.people[buyer], at, "CNY", made)
        (sold,) = buy(order)
        assert sold.error is None
        self.orders.append((order, sold.order_id))

    def bring_back(self, at: int, line_no: int, quantity: int, price: Decimal) -> None:
        self.count += 1
        order, order_id = self.orders[at]
        back = (line_no, str(quantity), str(price * quantity))
        (undone,) = bring_back(a_return(order, order_id, back, external_id=f"R{self.count} {self.name}"))
        assert undone.error is None

    def change(self, at: int, lines) -> bool:
        order, order_id = self.orders[at]
        changed = replace(order, lines=tuple(self._line(number, *one) for number, one in enumerate(lines, start=1)))
        (sold,) = buy(changed)
        if sold.error is not None:
            assert sold.error.code == "already_returned"
            return False
        self.orders[at] = (changed, order_id)
        return True

    def spend(self, buyer: int, amount: int) -> bool:
        self.count += 1
        operation = Spend(
            key=f"S{self.count}", owner=Owner("customer", self.people[buyer]), currency="points",
            occurred_at=NOW, reason=Reason("test"), amount=amount,
        )  # fmt: skip
        return ledger.post([operation], actor=ACTOR, now=NOW)[0].error is None

    def balance(self, buyer: int) -> int:
        account = Account.objects.filter(owner_id=self.people[buyer]).first()
        return account.balance if account else 0

    @staticmethod
    def _line(number, price, quantity, category):
        return line(number, str(price * quantity), quantity=str(quantity), category=category)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=st.lists(acts, min_size=3, max_size=14))
def test_whatever_happens_members_have_what_the_plain_model_says(currency, publish, script):
    world, model = _fresh(currency, publish), PlainModel()
    returned: dict[tuple[int, int], int] = defaultdict(int)
    for act, *what in script:
        if act == "order":
            world.order(*what)
            model.buyers.append(what[0])
            model.orders.append({number: list(one) for number, one in enumerate(what[1], start=1)})
        elif act == "spend":
            assert world.spend(*what) == model.spend(*what)
        elif model.orders and act == "return":
            at, place, quantity = what[0] % len(model.orders), what[1], what[2]
            lines = model.orders[at]
            line_no = sorted(lines)[place % len(lines)]
            quantity = min(quantity, lines[line_no][1])
            if quantity:
                world.bring_back(at, line_no, quantity, lines[line_no][0])
                lines[line_no][1] -= quantity
                returned[at, line_no] += quantity
        elif model.orders and act == "change":
            at = what[0] % len(model.orders)
            if any(count for (order, _line), count in returned.items() if order == at):
                continue  # how a price changes what was paid back for is told elsewhere
            if world.change(at, what[1]):
                model.orders[at] = {number: list(one) for number, one in enumerate(what[1], start=1)}
    assert [world.balance(buyer) for buyer in range(3)] == [model.balance(buyer) for buyer in range(3)]
    _replay_agrees(world, model)
    _progress_agrees(world)


def _fresh(currency, publish) -> World:
    if not PointCurrency.objects.exists():
        currency(shortfall="arrears", arrears_limit=None)
        publish(RULES)
    return World()


def _replay_agrees(world: World, model: PlainModel) -> None:
    """Buying at once what is left of every order brings the same: these rules know no other orders."""
    before = world.people
    world.people = [Customer.objects.create(created_at=START, updated_at=START).id for _ in range(3)]
    for buyer, lines in zip(model.buyers, model.orders, strict=True):
        rest = [tuple(one) for one in lines.values() if one[1]]
        if rest:
            world.order(buyer, rest)
    for buyer, spent in model.spent.items():
        assert world.balance(buyer) - spent == model.balance(buyer)
    world.people = before


def _progress_agrees(world: World) -> None:
    """What counts for tiers is what stands: the sum of all steps of every order."""
    for person in world.people:
        rows = Progress.objects.filter(owner_id=person)
        last: dict[object, dict] = {}
        for step in OrderEvaluation.objects.filter(owner_id=person).order_by("step"):
            last[step.order_id] = step.figures
        for name, figure in (("points", "tier_points"), ("orders", "orders")):
            stands = sum(figures.get(figure, 0) for figures in last.values())
            assert sum(rows.values_list(name, flat=True)) == stands
        membership = Membership.objects.filter(owner_id=person).first()
        assert (membership.order_count if membership else 0) == sum(one.get("orders", 0) for one in last.values())
