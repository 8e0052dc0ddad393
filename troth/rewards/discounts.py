"""What coupons take off a basket: a pure function of offers and basket, in whole ten-thousandths.

A discount is never more than the goods it counts for, is rounded half up to what the currency is paid in, and its
shares by line add up to it. A coupon that would take nothing off does not apply, so that no use of it is counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from troth.kit.money import SCALE, minor_unit_places
from troth.programs.baskets import Basket, BasketLine

from .models import Benefit, DiscountedGoods

SHIPPING = 1
"""The place of shipping among a line's deductions."""

HUNDRED_PERCENT = 100 * SCALE
LineTest = Callable[[BasketLine], bool]


class Why(StrEnum):
    """Why a coupon takes nothing off."""

    OTHER_CURRENCY = "other_currency"
    NO_GOODS = "no_goods"
    MINIMUM = "minimum_not_reached"
    NOTHING_OFF = "nothing_off"
    NOT_COMBINABLE = "not_combinable"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one coupon gives; amounts and per cents in ten-thousandths, None where there is no bound.

    counts_for: whether a line is among the goods; is_combinable: may stand beside other coupons.
    """

    benefit: Benefit
    currency: str
    percent: int = 0
    amount: int = 0
    maximum_discount: int | None = None
    minimum_amount: int = 0
    discounted_goods: DiscountedGoods = DiscountedGoods.EXCLUDE
    gift_sku: str = ""
    is_combinable: bool = False
    counts_for: LineTest = field(default=lambda _line: True)


@dataclass(frozen=True, slots=True)
class Discount:
    """What a coupon takes off. lines: line number → share, only shares above 0; why: None where it applies.

    base: the goods it counts for; limit: the minimum that was not reached.
    """

    total: int = 0
    lines: tuple[tuple[int, int], ...] = ()
    gift_sku: str = ""
    why: Why | None = None
    base: int = 0
    limit: int = 0


def discounts(offers: Sequence[Offer], basket: Basket) -> list[Discount]:
    """Return what each offer takes off, one after the other: each finds the basket that those before it left.

    Of several offers all must be combinable; those that are not take nothing off.
    """
    found = []
    for offer in offers:
        if len(offers) > 1 and not offer.is_combinable:
            found.append(Discount(why=Why.NOT_COMBINABLE))
            continue
        discount = _discount(offer, basket)
        basket = _less(basket, discount, offer.benefit)
        found.append(discount)
    return found


def _discount(offer: Offer, basket: Basket) -> Discount:
    if basket.currency != offer.currency:
        return Discount(why=Why.OTHER_CURRENCY)
    lines = [line for line in basket.lines if _goods(line) > 0 and _is_meant(offer, line)]
    base = sum(map(_goods, lines))
    if not lines:
        return Discount(why=Why.NO_GOODS)
    if base < offer.minimum_amount:
        return Discount(why=Why.MINIMUM, base=base, limit=offer.minimum_amount)
    match offer.benefit:
        case Benefit.GIFT:
            return Discount(gift_sku=offer.gift_sku, base=base)
        case Benefit.SHIPPING:
            shares = [(line.line_no, line.deductions[SHIPPING]) for line in basket.lines]
            total = sum(share for _line_no, share in shares)
        case _:
            total = _total(offer, lines, base)
            shares = _shares(total, lines, base, _unit(basket.currency))
    if not total:
        return Discount(why=Why.NOTHING_OFF, base=base)
    return Discount(total=total, lines=tuple((line_no, share) for line_no, share in shares if share), base=base)


def _goods(line: BasketLine) -> int:
    """Return what the goods of a line cost, without its share of shipping."""
    return line.net_amount - line.deductions[SHIPPING]


def _is_meant(offer: Offer, line: BasketLine) -> bool:
    if line.discount_amount > 0 and offer.discounted_goods is DiscountedGoods.EXCLUDE:
        return False
    return offer.counts_for(line)


def _total(offer: Offer, lines: Sequence[BasketLine], base: int) -> int:
    """Return the whole discount: at most the goods, at most the offer's bound."""
    unit = _unit(offer.currency)
    if offer.benefit is Benefit.AMOUNT:
        wanted = offer.amount
        if offer.discounted_goods is DiscountedGoods.BETTER:
            wanted -= sum(line.discount_amount for line in lines)
    elif offer.discounted_goods is DiscountedGoods.BETTER:
        beyond = (
            _goods(line) * offer.percent + line.discount_amount * (offer.percent - HUNDRED_PERCENT) for line in lines
        )
        wanted = _rounded(sum(max(part, 0) for part in beyond), unit)
    else:
        wanted = _rounded(base * offer.percent, unit)
    if offer.maximum_discount is not None:
        wanted = min(wanted, offer.maximum_discount)
    is_all = offer.percent >= HUNDRED_PERCENT and offer.maximum_discount is None
    return base if is_all and offer.benefit is Benefit.PERCENT else max(0, min(wanted, base))


def _beyond(line: BasketLine, percent: int) -> int:
    """Return what the per cents of a line's full price give beyond its reduction, times per cents."""
    return _goods(line) * percent - line.discount_amount * (HUNDRED_PERCENT - percent)


def _rounded(parts: int, unit: int) -> int:
    """Return an amount times per cents as an amount, rounded half up to whole units."""
    return (parts * 2 + HUNDRED_PERCENT * unit) // (HUNDRED_PERCENT * unit * 2) * unit


def _shares(total: int, lines: Sequence[BasketLine], base: int, unit: int) -> list[tuple[int, int]]:
    """Return shares by line that add up to the total, none above its line: differences of the rounded running sum.

    In whole units of the currency, unless the amounts themselves are finer.
    """
    if total % unit or any(_goods(line) % unit for line in lines):
        unit = 1
    shares, done, running = [], 0, 0
    for line in lines:
        running += _goods(line)
        upto = total * running // base // unit * unit
        shares.append((line.line_no, upto - done))
        done = upto
    return shares


def _unit(currency: str) -> int:
    """Return the smallest amount that the currency is paid in, in ten-thousandths."""
    return int(SCALE // 10 ** minor_unit_places(currency))


def _less(basket: Basket, discount: Discount, benefit: Benefit) -> Basket:
    """Return the basket after a discount. What a coupon took off does not make goods reduced ones."""
    if not discount.lines:
        return basket
    taken = dict(discount.lines)
    return replace(basket, lines=tuple(_line_less(line, taken.get(line.line_no, 0), benefit) for line in basket.lines))


def _line_less(line: BasketLine, share: int, benefit: Benefit) -> BasketLine:
    deductions = line.deductions
    if benefit is Benefit.SHIPPING:
        deductions = (deductions[0], 0, deductions[2], deductions[3])
    return line._replace(net_amount=line.net_amount - share, deductions=deductions)
