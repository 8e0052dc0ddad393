"""A shop by schoolbook arithmetic, knowing nothing of the code under test: what orders bring that remember others.

Every order keeps what its buyer and the pots were like when it came, and what it bears now. Changed or returned it is
reckoned again with what it kept; what it bears less goes back, what it would draw more it gets from what is there now.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

POT = 40
GIFTS = 30
GOLD = 150

RULES = f"""
programme: club
name: Club
currency: CNY
rules:
  - {{code: base, name: Base, effect: {{type: points_per_amount, points: 1}}}}
  - {{code: tea, name: Tea, lines: {{field: line.category, operator: is, value: tea}},
     effect: {{type: per_item, points: 2}}}}
  - {{code: big, name: Big, when: {{field: order.net_amount, operator: at_least, value: 100}},
     caps: [{{per: member, period: lifetime, times: 2}}], effect: {{type: fixed, points: 10}}}}
  - {{code: nuts, name: Nuts, lines: {{field: line.category, operator: is, value: nuts}}, budget: pot,
     effect: {{type: per_item, points: 3}}}}
  - {{code: gift, name: Gift, when: {{field: order.net_amount, operator: at_least, value: 60}}, budget: gifts,
     effect: {{type: fixed, points: 12}}}}
  - {{code: golden, name: Golden, when: {{field: member.tier, operator: any_of, value: [gold]}},
     effect: {{type: fixed, points: 5}}}}
  - {{code: thanks, name: Thanks, when: {{field: order.net_amount, operator: at_least, value: 120}},
     effect: {{type: coupon, campaign: thanks}}}}
budgets: [{{code: pot, points: {POT}}}, {{code: gifts, points: {GIFTS}}}]
challenges:
  - {{code: teas, name: Teas, lines: {{field: line.category, operator: is, value: tea}}, goal: 3, repeats: true,
     reward: {{type: fixed, points: 20}}}}
tiers:
  ladder:
    - {{code: basic, name: Basic}}
    - {{code: gold, name: Gold, reach: {{points: {GOLD}}}}}
"""

Lines = dict[int, list]
"""Line number → [price, quantity, category]."""


@dataclass
class Then:
    """What an order met: the buyer's tier and counts, and what was left for everybody."""

    tier: str
    bigs: int
    teas: int
    rewards: int
    pot: int
    gifts: int


@dataclass
class Bears:
    """What an order brings as it stands, and what of it counts for tier, cap, challenge and pots."""

    tier_points: int = 0
    rewards: int = 0
    bigs: int = 0
    teas: int = 0
    pot: int = 0
    gifts: int = 0
    is_thanked: bool = False

    @property
    def points(self) -> int:
        return self.tier_points + 20 * self.rewards


@dataclass
class Coupon:
    """A coupon: whose, from which order, which order used it, and whether it was withdrawn."""

    buyer: int
    code: str = ""
    used_by: int | None = None
    is_withdrawn: bool = False


@dataclass
class Sale:
    """An order. coupon: the one it earned and still has, if any."""

    buyer: int
    lines: Lines
    then: Then
    bears: Bears = field(default_factory=Bears)
    coupon: Coupon | None = None
    is_gone: bool = False


class PlainShop:
    """Buyers by number; sales in the order in which they came."""

    def __init__(self) -> None:
        self.sales: list[Sale] = []
        self.coupons: list[Coupon] = []
        self.spent: dict[int, int] = defaultdict(int)

    # What stands

    def sum(self, name: str, buyer: int | None = None) -> int:
        """Return what all sales, or those of a buyer, bear of something."""
        return sum(getattr(one.bears, name) for one in self.sales if buyer in (None, one.buyer))

    def balance(self, buyer: int) -> int:
        return self.sum("points", buyer) - self.spent[buyer]

    def tier(self, buyer: int) -> str:
        if not any(one.buyer == buyer for one in self.sales):
            return ""
        return "gold" if self.sum("tier_points", buyer) >= GOLD else "basic"

    def usable(self, buyer: int) -> Coupon | None:
        """Return the oldest coupon that the buyer can use."""
        free = (one for one in self.coupons if one.buyer == buyer and one.used_by is None and not one.is_withdrawn)
        return next(free, None)

    # What happens

    def buy(self, buyer: int, lines: Lines, coupon: Coupon | None) -> Coupon | None:
        """Add a sale; return the coupon that it earned."""
        then = Then(
            tier=self.tier(buyer) or "basic",
            bigs=self.sum("bigs", buyer),
            teas=self.sum("teas", buyer),
            rewards=self.sum("rewards", buyer),
            pot=POT - self.sum("pot"),
            gifts=GIFTS - self.sum("gifts"),
        )
        self.sales.append(Sale(buyer, lines, then))
        if coupon is not None:
            coupon.used_by = len(self.sales) - 1
        return self.reckon(len(self.sales) - 1)

    def spend(self, buyer: int, amount: int) -> bool:
        if amount > self.balance(buyer):
            return False
        self.spent[buyer] += amount
        return True

    def reckon(self, at: int) -> Coupon | None:
        """Reckon a sale again as it stands; return the coupon that it earned by that."""
        sale = self.sales[at]
        had, sale.bears = sale.bears, Bears()  # what it had is there for it to take again
        sale.bears = self._bears(sale, had)
        if not any(quantity for _price, quantity, _category in sale.lines.values()):
            sale.is_gone = True
            for one in self.coupons:
                if one.used_by == at:
                    one.used_by = None
        return self._thank(sale)

    def _bears(self, sale: Sale, had: Bears) -> Bears:
        kept = [(price * quantity, quantity, category) for price, quantity, category in sale.lines.values() if quantity]
        total = sum((amount for amount, _quantity, _category in kept), Decimal(0))
        if total <= 0:
            return Bears()
        pieces: dict[str, int] = defaultdict(int)
        for _amount, quantity, category in kept:
            pieces[category] += quantity
        then = sale.then
        bears = Bears(tier_points=int(total.to_integral_value(ROUND_FLOOR)) + 2 * pieces["tea"])
        if total >= 100 and then.bigs < 2:
            bears.bigs = 1
            bears.tier_points += 10
        bears.pot = min(3 * pieces["nuts"], then.pot)
        bears.pot = min(bears.pot, max(POT - self.sum("pot"), had.pot))
        bears.gifts = 12 if total >= 60 and min(then.gifts, GIFTS - self.sum("gifts")) >= 12 else 0
        bears.tier_points += bears.pot + bears.gifts + (5 if then.tier == "gold" else 0)
        if pieces["tea"]:
            bears.teas = 1
            bears.rewards = max(0, (then.teas + 1) // 3 - then.rewards)
        bears.is_thanked = total >= 120
        return bears

    def _thank(self, sale: Sale) -> Coupon | None:
        if sale.bears.is_thanked and sale.coupon is None:
            sale.coupon = Coupon(sale.buyer)
            self.coupons.append(sale.coupon)
            return sale.coupon
        if not sale.bears.is_thanked and sale.coupon is not None and sale.coupon.used_by is None:
            sale.coupon.is_withdrawn = True
            sale.coupon = None
        return None
