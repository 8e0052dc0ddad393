"""What an order, a return, a visit must be; each refusal names document, line, field and way out."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.kit.errors import InvalidError
from troth.kit.money import LIMIT, SCALE, from_stored, to_stored

from .content import line_cost
from .errors import OrderRefusedError, ReturnRefusedError
from .orders import NewLine, NewOrder, NewReturn, NewReturnLine

MAX_LINES = 1_000
MAX_TAGS = 50
MAX_AMOUNT = Decimal(10) ** 10
MAX_QUANTITY = Decimal(10) ** 6
MAX_LINE_NO = 2**31 - 1
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(days=1)  # a till's clock may be ahead of ours, or set to another zone

_MAX_AMOUNT_UNITS = int(MAX_AMOUNT) * SCALE
_MAX_QUANTITY_UNITS = int(MAX_QUANTITY) * SCALE

CURRENCY = re.compile(r"[A-Z]{3}")
_NOT_NEGATIVE = gettext_lazy("must be at least 0; goods that come back go through returns")
_MORE_COMES_BACK = gettext_lazy("must be more than 0: a return counts what came back")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
LENGTHS = {
    "source": 64,
    "external_id": 120,
    "channel": 20,
    "sku": 80,
    "name": 200,
    "category": 120,
    "brand": 120,
    "reason": 120,
    "cost_kind": 40,
    "note": 500,
}
_SHORTEST_LENGTH = min(LENGTHS[field] for field in ("sku", "name", "category", "brand"))


class Checker:
    """Refuses with one class of error, naming the document (and the line) that is being looked at."""

    def __init__(self, error: type[InvalidError], name: Callable[[], str] | str) -> None:
        self.error = error
        self._name = name  # said only of what is refused: translating it takes longer than checking it
        self.line_no: int | None = None

    @property
    def document(self) -> str:
        """Return how refusals call what is checked."""
        return self._name if isinstance(self._name, str) else self._name()

    def refuse(self, field: str, value: object, text: str | Promise) -> InvalidError:
        """Return the error: `text` says what is wrong and the way out."""
        place = self.document if self.line_no is None else _("%s: line %s") % (self.document, self.line_no)
        shown = str(value)[:80]
        fields: dict[str, Any] = {"document": self.document, "field": field, "value": shown}
        if self.line_no is not None:
            fields["line"] = self.line_no
        return self.error(f"{place}: {field} {shown}: {text}" if shown else f"{place}: {field}: {text}", **fields)

    def text(self, field: str, value: str, *, is_required: bool = False) -> None:
        """Refuse a text that is missing, too long, or holds characters that no database keeps."""
        if is_required and not value.strip():
            raise self.refuse(field, "", _("must not be empty"))
        if len(value) > LENGTHS[field]:
            limit = LENGTHS[field]
            raise self.refuse(field, value, _("has more than %s characters") % limit)
        if not is_storable(value):
            raise self.refuse(field, ascii(value), _("holds characters that cannot be stored"))

    def amount(self, field: str, value: Decimal) -> None:
        """Refuse what is no amount from 0 up to the limit, of at most four places."""
        if 0 <= _units(value) <= _MAX_AMOUNT_UNITS:
            return
        if not value.is_finite() or abs(value) > MAX_AMOUNT:
            raise self.refuse(field, value, _("must be a number up to %s") % MAX_AMOUNT)
        if value < 0:
            raise self.refuse(field, value, _("must be at least 0"))
        raise self.refuse(field, value, _("has more than four decimal places"))

    def quantity(self, value: Decimal, way_out: str | Promise) -> None:
        """Refuse a quantity that is not positive, too large or too fine."""
        if 0 < _units(value) <= _MAX_QUANTITY_UNITS:
            return
        if not value.is_finite() or value <= 0:
            raise self.refuse("quantity", value, way_out)
        if value > MAX_QUANTITY:
            raise self.refuse("quantity", value, _("must be at most %s") % MAX_QUANTITY)
        raise self.refuse("quantity", value, _("has more than four decimal places"))

    def moment(self, value: datetime, now: datetime) -> None:
        """Refuse a moment before 1970 or in the future."""
        if not EARLIEST <= value <= now + CLOCK_TOLERANCE:
            raise self.refuse("occurred_at", value.isoformat(), _("must lie after 1970 and not in the future"))

    def currency(self, value: str) -> None:
        """Refuse what is no three-letter code."""
        if not CURRENCY.fullmatch(value):
            raise self.refuse("currency", value, _("must be a three-letter ISO code such as CNY"))

    def scalars(self, field: str, values: Mapping[str, Any]) -> None:
        """Refuse marks that are too many, nested or unstorable: they are codes and plain values."""
        if len(values) > MAX_TAGS:
            raise self.refuse(field, len(values), _("holds more than %s entries") % MAX_TAGS)
        for key, value in values.items():
            is_plain = value is None or isinstance(value, bool | int) or (isinstance(value, str) and len(value) <= 200)
            if not is_plain or not 1 <= len(key) <= 60 or not is_storable(key) or not is_storable(str(value)):
                raise self.refuse(field, key, _("must be a short code with a text, a whole number, true or false"))
            if isinstance(value, int) and abs(value) >= 2**53:
                raise self.refuse(field, key, _("must be a whole number below 2^53; send larger ones as text"))

    def line_numbers(self, numbers: Iterable[int]) -> None:
        """Refuse no lines, too many, and numbers that repeat or are none."""
        seen: set[int] = set()
        for number in numbers:
            if not 1 <= number <= MAX_LINE_NO or number in seen:
                raise self.refuse("line_no", number, _("must be a whole number from 1, each once"))
            seen.add(number)
        if not 1 <= len(seen) <= MAX_LINES:
            raise self.refuse("lines", len(seen), _("an order has 1 to %s lines") % MAX_LINES)


def is_storable(text: str) -> bool:
    """Tell whether both databases keep the text as it is: no NUL, no half of a character."""
    return "\0" not in text and (text.isascii() or not _HALF_CHARACTER.search(text))


def _units(value: Decimal) -> int:
    """Return the value in ten-thousandths, -1 for what is no such number."""
    try:
        return to_stored(value) if value.is_finite() else -1
    except ValueError:
        return -1


def plain(number: Decimal) -> str:
    """Return a number as people write it: no trailing zeros, no exponent."""
    return f"{number.normalize():f}"


def order_name(source: str, external_id: str) -> str:
    """Return how refusals call an order."""
    return _("order %(id)s of %(source)s") % {"id": external_id[:80], "source": source[:64]}


def return_name(source: str, external_id: str) -> str:
    """Return how refusals call a return."""
    return _("return %(id)s of %(source)s") % {"id": external_id[:80], "source": source[:64]}


def check_order(order: NewOrder, now: datetime) -> None:
    """Refuse an order that breaks a rule.

    Raises:
        OrderRefusedError: the first broken rule.
    """
    checker = Checker(OrderRefusedError, lambda: order_name(order.source, order.external_id))
    _check_head(checker, order, now)
    checker.text("channel", order.channel)
    checker.scalars("tags", order.tags)
    for line in order.lines:
        if not _is_usual(line):
            checker.line_no = line.line_no
            _check_order_line(checker, line)
    checker.line_no = None
    _check_cost(checker, order.lines)


def check_return(new: NewReturn, now: datetime) -> None:
    """Refuse a return that breaks a rule by itself; `services` compares it with its order.

    Raises:
        ReturnRefusedError: the first broken rule.
    """
    checker = Checker(ReturnRefusedError, lambda: return_name(new.source, new.external_id))
    _check_head(checker, new, now)
    checker.text("reason", new.reason)
    for line in new.lines:
        checker.line_no = line.line_no
        _check_return_line(checker, line, new)
    checker.line_no = None
    _check_cost(checker, new.lines)


def _check_head(checker: Checker, document: NewOrder | NewReturn, now: datetime) -> None:
    checker.text("source", document.source, is_required=True)
    checker.text("external_id", document.external_id, is_required=True)
    checker.moment(document.occurred_at, now)
    checker.currency(document.currency)
    checker.line_numbers(line.line_no for line in document.lines)


def _is_usual(line: NewLine) -> bool:
    """Tell at a glance that a line breaks no rule of `_check_order_line`, which takes four times as long to say so."""
    texts = (line.sku, line.name, line.category, line.brand)
    try:
        return (
            not line.attributes
            and 0 <= to_stored(line.quantity) <= _MAX_QUANTITY_UNITS
            and 0 <= to_stored(line.unit_price) <= _MAX_AMOUNT_UNITS
            and 0 <= to_stored(line.discount_amount) <= _MAX_AMOUNT_UNITS
            and 0 <= to_stored(line.net_amount) <= _MAX_AMOUNT_UNITS
            and (line.unit_cost is None or 0 <= to_stored(line.unit_cost) <= _MAX_AMOUNT_UNITS)
            and max(map(len, texts)) <= _SHORTEST_LENGTH
            and is_storable("".join(texts))
        )
    except (TypeError, ValueError):  # no number, or too fine: a signalling one cannot even be looked up
        return False


def _check_order_line(checker: Checker, line: NewLine) -> None:
    if line.quantity:  # a coupon or an adjustment has none: it counts by its amount
        checker.quantity(line.quantity, _NOT_NEGATIVE)
    for field in ("unit_price", "discount_amount", "net_amount"):
        checker.amount(field, getattr(line, field))
    _check_goods(checker, line)
    checker.scalars("attributes", line.attributes or {})


def _check_return_line(checker: Checker, line: NewReturnLine, new: NewReturn) -> None:
    checker.quantity(line.quantity, _MORE_COMES_BACK)
    checker.amount("net_amount", line.net_amount)
    _check_goods(checker, line)
    if line.order_line_no is not None and new.order_id is None:
        raise checker.refuse("order_line_no", line.order_line_no, _("needs the order it is a line of"))


def _check_goods(checker: Checker, line: NewLine | NewReturnLine) -> None:
    for field in ("sku", "name", "category", "brand"):
        checker.text(field, getattr(line, field))
    if line.unit_cost is not None:
        checker.amount("unit_cost", line.unit_cost)


def _check_cost(checker: Checker, lines: Iterable[NewLine | NewReturnLine]) -> None:
    """Quantities and unit costs within the limits may still come to more than 64 bits hold; amounts cannot."""
    cost = sum(line_cost(to_stored(line.quantity), to_stored(line.unit_cost)) for line in lines if line.unit_cost)
    if cost > to_stored(LIMIT):
        raise checker.refuse("lines", from_stored(cost), _("add up to more than can be stored"))
