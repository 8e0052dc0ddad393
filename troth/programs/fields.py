"""The fields that a programme's conditions may use, and how each is read from a basket, a line or the member's state.

Order conditions also take every field of the customer; those are answered when the member's state is read.
Values of MONEY and NUMBER fields are ten-thousandths here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.events import queries as events
from troth.events import registry
from troth.events.models import FieldType
from troth.kit.conditions import catalogue as conditions
from troth.kit.conditions.catalogue import Catalogue, Subject
from troth.kit.conditions.fields import Choice, Field, Group, ValueType
from troth.kit.money import LIMIT, SCALE
from troth.segments import queries as segments
from troth.staff import queries as staff

from .baskets import BasketLine
from .document.shapes import ProgrammeDocument
from .naming import shown
from .scene import Scene

ORDER = Group("order", _("Order"), order=1)
TIME = Group("time", _("Time"), order=2)
MEMBER = Group("member", _("Member"), order=3)
LINE = Group("line", _("Order line"), order=1)
EVENT = Group("event", _("Event"), order=1)

WEEKDAYS = (
    Choice("monday", _("Monday")),
    Choice("tuesday", _("Tuesday")),
    Choice("wednesday", _("Wednesday")),
    Choice("thursday", _("Thursday")),
    Choice("friday", _("Friday")),
    Choice("saturday", _("Saturday")),
    Choice("sunday", _("Sunday")),
)
BIRTHDAYS = (
    Choice("day", _("on the birthday")),
    Choice("week", _("birthday week")),
    Choice("month", _("birthday month")),
)


@dataclass(frozen=True, slots=True)
class Readable:
    """A field and how its value is read from the scene (an order or event before a member), or from a line."""

    field: Field
    read: Callable[[Any], Any]


def _tags(tags: Any) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in (tags or {}).items())


def _of_lines(column: str) -> Callable[[Scene], tuple[str, ...]]:
    return lambda scene: tuple({getattr(line, column) for line in scene.basket.lines})


T = ValueType
_ORDER_FIELDS = (
    Readable(Field("order.net_amount", T.MONEY, _("Order amount"), ORDER, order=10), attrgetter("net_amount")),
    Readable(
        Field("order.eligible_amount", T.MONEY, _("Amount that earns"), ORDER, order=12),
        attrgetter("everything.amount"),
    ),
    Readable(
        Field("order.discount_amount", T.MONEY, _("Discount"), ORDER, order=14),
        lambda scene: sum(line.discount_amount for line in scene.basket.lines),
    ),
    Readable(
        Field("order.line_count", T.COUNT, _("Number of order lines"), ORDER, order=16),
        lambda scene: len(scene.basket.lines),
    ),
    Readable(
        Field("order.quantity", T.NUMBER, _("Number of pieces"), ORDER, order=18),
        lambda scene: sum(line.quantity for line in scene.basket.lines),
    ),
    Readable(
        Field("order.categories", T.TEXT_SET, _("Categories in the order"), ORDER, order=20), _of_lines("category")
    ),
    Readable(Field("order.brands", T.TEXT_SET, _("Brands in the order"), ORDER, order=22), _of_lines("brand")),
    Readable(Field("order.skus", T.TEXT_SET, _("Articles in the order"), ORDER, order=24), _of_lines("sku")),
    Readable(Field("order.channel", T.TEXT, _("Channel"), ORDER, order=26), attrgetter("basket.channel")),
    Readable(
        Field("order.store_city", T.TEXT, _("City of the store"), ORDER, order=30),
        attrgetter("basket.store_city"),
    ),
    Readable(
        Field(
            "order.tags", T.TEXT_SET, _("Tags of the order"), ORDER, order=32, description=_("Written as name=value.")
        ),
        lambda scene: _tags(scene.basket.tags),
    ),
)
_TIME_FIELDS = (
    Readable(
        Field("time.weekday", T.CHOICE, _("Weekday"), TIME, choices=WEEKDAYS, order=10),
        attrgetter("weekday"),
    ),
    Readable(
        Field("time.hour", T.COUNT, _("Hour of the day (0–23)"), TIME, order=14),
        lambda scene: scene.basket.local_at.hour,
    ),
    Readable(Field("time.date", T.DATE, _("Day"), TIME, order=16), lambda scene: scene.local_date),
    Readable(
        Field("time.day_of_month", T.COUNT, _("Day of the month (1–31)"), TIME, order=18),
        lambda scene: scene.local_date.day,
    ),
    Readable(Field("time.month", T.COUNT, _("Month (1–12)"), TIME, order=20), lambda scene: scene.local_date.month),
)
_BIRTHDAY = Readable(
    Field(
        "member.birthday",
        T.CHOICE_SET,
        _("Birthday occasions"),
        MEMBER,
        choices=BIRTHDAYS,
        order=10,
        description=_("In the person's own zone; birthdays by the lunar calendar move with it."),
    ),
    lambda scene: scene.state.birthday,
)
_MEMBER_FIELDS = (
    _BIRTHDAY,
    Readable(
        Field("member.order_number", T.COUNT, _("Number of this order"), MEMBER, order=12,
              description=_("1 is the member's first order in the programme.")),
        lambda scene: scene.state.order_count + 1,
    ),
    Readable(
        Field("member.days_since_last_order", T.COUNT, _("Days since the last order"), MEMBER, order=14),
        lambda scene: scene.state.last_order_days,
    ),
    Readable(
        Field("member.joined_days", T.COUNT, _("Days since joining the programme"), MEMBER, order=16),
        lambda scene: scene.state.joined_days,
    ),
)  # fmt: skip


def _percent(line: BasketLine) -> int:
    full = line.net_amount + line.discount_amount
    return line.discount_amount * 100 * SCALE // full if full > 0 else 0


_LINE_FIELDS = (
    Readable(Field("line.sku", T.TEXT, _("Article"), LINE, order=10), attrgetter("sku")),
    Readable(Field("line.category", T.TEXT, _("Category"), LINE, order=12), attrgetter("category")),
    Readable(Field("line.brand", T.TEXT, _("Brand"), LINE, order=14), attrgetter("brand")),
    Readable(Field("line.quantity", T.NUMBER, _("Quantity"), LINE, order=16), attrgetter("quantity")),
    Readable(Field("line.unit_price", T.MONEY, _("Unit price"), LINE, order=18), attrgetter("unit_price")),
    Readable(Field("line.net_amount", T.MONEY, _("Amount of the line"), LINE, order=20), attrgetter("net_amount")),
    Readable(
        Field("line.discount_percent", T.NUMBER, _("Discount in percent"), LINE, order=22), _percent
    ),
    Readable(
        Field("line.is_discounted", T.BOOLEAN, _("Sold at a discount"), LINE, order=24),
        lambda line: line.discount_amount > 0,
    ),
    Readable(
        Field(
            "line.attributes", T.TEXT_SET, _("Attributes of the line"), LINE, order=26,
            description=_("Written as name=value."),
        ),
        lambda line: _tags(line.attributes),
    ),
)  # fmt: skip


def line_fields() -> dict[str, Readable]:
    """Return what conditions over lines may use, by code."""
    return {one.field.code: one for one in _LINE_FIELDS}


def basket_fields() -> dict[str, Readable]:
    """Return what conditions over an order may use where no programme's tiers or dayparts are at hand."""
    found = [*_ORDER_FIELDS, *_TIME_FIELDS, _store(), _BIRTHDAY, _SEGMENTS]
    return {one.field.code: one for one in found}


def scene_fields(document: ProgrammeDocument, on: str) -> dict[str, Readable]:
    """Return what a rule's `when` may use besides the customer's fields; `on` as the rule names it."""
    found = [*_TIME_FIELDS, *_MEMBER_FIELDS, *_choices_of(document), _store()]
    found += _ORDER_FIELDS if on == "order" else _event_fields(on)
    return {one.field.code: one for one in found}


def scene_catalogue(document: ProgrammeDocument, on: str) -> Catalogue:
    """Return the catalogue of a rule's `when`: the scene's fields and the customer's."""
    own = [one.field for one in scene_fields(document, on).values()]
    subject = Subject("scene", _("Order") if on == "order" else _("Event"))
    return Catalogue(subject, [*own, *conditions.catalogue("customer")])


def line_catalogue() -> Catalogue:
    """Return the catalogue of conditions over lines."""
    return Catalogue(Subject("line", _("Order line")), [one.field for one in _LINE_FIELDS])


def customer_catalogue() -> Catalogue:
    """Return the customer's fields, by which answers of a member's state are found."""
    return conditions.catalogue("customer")


def _store() -> Readable:
    return Readable(
        Field("order.store", T.CHOICE, _("Store"), ORDER, choices=_stores, order=28),
        lambda scene: None if scene.basket.store_id is None else str(scene.basket.store_id),
    )


def _stores() -> list[Choice]:
    return [Choice(str(store.pk), store.name) for store in staff.stores()]


def _choices_of(document: ProgrammeDocument) -> Iterable[Readable]:
    """Yield the fields whose choices are the document's own: dayparts, tiers, badges; and segments."""
    parts = [Choice(code, code) for code in document.dayparts]
    yield Readable(
        Field("time.daypart", T.CHOICE_SET, _("Part of the day"), TIME, choices=parts, order=12),
        lambda scene: scene.dayparts,
    )
    ladder = document.tiers.ladder if document.tiers else ()
    tiers = [Choice(tier.code, shown(tier.name)) for tier in ladder]
    yield Readable(
        Field("member.tier", T.CHOICE, _("Tier"), MEMBER, choices=tiers, order=6),
        lambda scene: scene.state.tier or None,
    )
    badges = [Choice(badge.code, shown(badge.name)) for badge in document.badges]
    yield Readable(
        Field("member.badges", T.CHOICE_SET, _("Badges"), MEMBER, choices=badges, order=18),
        lambda scene: scene.state.badges,
    )
    yield _SEGMENTS


def _segments() -> list[Choice]:
    return [Choice(str(one.id), str(one)) for one in segments.segments() if one.is_published]


_SEGMENTS = Readable(
    Field("member.segments", T.CHOICE_SET, _("Segments"), MEMBER, choices=_segments, order=8),
    lambda scene: scene.state.segments,
)


def event_fields(on: str) -> dict[str, str] | None:
    """Return the fields of an event's data with their meaning, None where neither we nor the company know the event."""
    own = events.event_type(on)
    if own is not None:
        return {name: str(FieldType(kind).label) for name, kind in own.fields.items()}
    try:
        return dict(registry.get(on).fields)
    except LookupError:
        return None


def _event_fields(on: str) -> list[Readable]:
    """Return the fields of an event's data, each as text and as a number."""
    names = event_fields(on) or {}
    texts = [
        Readable(Field(f"event.{name}", T.TEXT, name, EVENT, description=meaning), _event_text(name))
        for name, meaning in names.items()
    ]
    numbers = [
        Readable(
            Field(f"event_number.{name}", T.NUMBER, _number_label(name), EVENT, description=meaning),
            _event_number(name),
        )
        for name, meaning in names.items()
    ]
    return texts + numbers


def _number_label(name: str) -> str:
    return f"{name} (123)"


def _event_text(name: str) -> Callable[[Scene], str | None]:
    def read(scene: Scene) -> str | None:
        value = scene.basket.data.get(name)
        return None if value is None else str(value)

    return read


def _event_number(name: str) -> Callable[[Scene], int | None]:
    def read(scene: Scene) -> int | None:
        try:
            value = Decimal(str(scene.basket.data.get(name)))
        except InvalidOperation:
            return None
        return int(value * SCALE) if value.is_finite() and abs(value) <= LIMIT else None

    return read
