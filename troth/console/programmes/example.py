"""The live example: a basket and a member, made up or real, before a draft; nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from troth.activity import queries as activity
from troth.activity.orders import NewLine, NewOrder
from troth.console import formats
from troth.console.components import Reason
from troth.console.numbers import whole
from troth.kit.money import QUANTUM, SCALE, in_words
from troth.programs import queries as programs
from troth.programs.baskets import Basket, basket_of
from troth.programs.document.shapes import Period
from troth.programs.evaluation import evaluate
from troth.programs.outcomes import Award, AwardKind, Evaluation
from troth.programs.queries import Version
from troth.programs.seekers import Seeker
from troth.programs.state import MemberState
from troth.programs.words import Speaker
from troth.sales import queries as sales
from troth.staff import queries as staff

from .telling import asked_figures

MAX_LINES = 60
MAX_AMOUNT = Decimal(10_000_000)
SOURCE = "example"


class ExampleRefusedError(ValueError):
    """A value of the example cannot be meant; the text says which and the way out."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the basket as it stands in the form."""

    category: str = ""
    sku: str = ""
    brand: str = ""
    amount: str = ""
    quantity: str = "1"


@dataclass(frozen=True, slots=True)
class Example:
    """What the form holds. order_id, owner_id: of the real order it was taken from, None for a made-up member."""

    lines: tuple[Line, ...]
    at: datetime
    store: str = ""
    channel: str = ""
    tier: str = ""
    order_number: int = 2
    joined_days: int = 100
    birthday: str = ""
    answers: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    order_id: UUID | None = None
    owner_id: UUID | None = None
    tags: Mapping[str, object] = field(default_factory=dict)


def default(at: datetime) -> Example:
    """Return a small basket to begin with."""
    return Example((Line(amount="126", quantity="1"),), at)


def read(form: QueryDict, now: datetime, zone: ZoneInfo) -> Example:
    """Return the example of a form.

    Raises:
        ExampleRefusedError: the moment or a number makes no sense.
    """
    columns = [form.getlist(f"line_{name}")[:MAX_LINES] for name in ("category", "sku", "brand", "amount", "quantity")]
    lines = tuple(Line(*(part.strip()[:200] for part in row)) for row in zip(*columns, strict=False))
    order_id = _uuid(form.get("order", ""))
    order = activity.order(order_id) if order_id else None
    birthday = form.get("birthday", "")
    return Example(
        lines=lines,
        at=_moment(form.get("at", ""), now, zone),
        store=form.get("store", ""),
        channel=form.get("channel", "").strip()[:20],
        tier=form.get("tier", ""),
        order_number=_whole(form.get("order_number", ""), _("Number of this order"), 1),
        joined_days=_whole(form.get("joined_days", ""), _("Days since joining"), 0),
        birthday=birthday if birthday in ("day", "week", "month") else "",
        answers=frozenset(form.getlist("answer")),
        segments=frozenset(form.getlist("segment")),
        order_id=order.id if order else None,
        owner_id=order.owner_id if order else None,
        tags=order.tags if order else {},
    )


def of_order(order_id: UUID, zone: ZoneInfo) -> Example:
    """Return a real order as an example, for the member as it stood then.

    Raises:
        OrderNotFoundError: no such order.
    """
    order = activity.order(order_id)
    new = activity.new_orders([order_id])[order_id]
    lines = tuple(
        Line(one.category, one.sku, one.brand, _plain(one.net_amount), _plain(one.quantity))
        for one in new.lines[:MAX_LINES]
    )
    return Example(
        lines=lines,
        at=order.occurred_at.astimezone(zone),
        store=str(order.store_id or ""),
        channel=order.channel,
        order_id=order.id,
        owner_id=order.owner_id,
        tags=order.tags,
    )


def basket(example: Example, version: Version) -> Basket:
    """Return the example's basket as rules read it.

    Raises:
        ExampleRefusedError: an amount or quantity is none.
        BasketRefusedError: a tag of the real order is none.
    """
    stores = {str(one.id): one for one in staff.stores()}
    store = stores.get(example.store)
    lines = tuple(
        _line(number, one) for number, one in enumerate(example.lines, 1) if one.amount or one.category or one.sku
    )
    order = NewOrder(
        source=SOURCE,
        external_id=SOURCE,
        customer_id=example.owner_id or UUID(int=0),
        occurred_at=example.at,
        currency=version.compiled.document.currency,
        lines=lines,
        store_id=store.id if store else None,
        channel=example.channel,
        tags=example.tags,
    )
    zone = ZoneInfo(store.time_zone) if store and store.time_zone else version.zone
    return basket_of(order, zone=zone, store_city=store.city if store else "")


def state(example: Example, version: Version, found: Basket) -> MemberState:
    """Return the member before the basket: made up, or the real customer as it stood before the real order."""
    if example.owner_id is None:
        order_count = example.order_number - 1
        return MemberState(
            tier=example.tier or (version.ladder.start if version.ladder else ""),
            answers=dict.fromkeys(example.answers, True),
            segments=tuple(sorted(example.segments)),
            birthday=_parts(example.birthday),
            order_count=order_count,
            counters=_counted(version, order_count, example.at),
            joined_days=example.joined_days,
            last_order_days=min(7, example.joined_days) if order_count else None,
        )
    now = programs.states([Seeker(example.owner_id, version, found)])[0]
    before = _stored(example, version)
    if before is None:
        return now
    return replace(
        now,
        tier=before.tier,
        counters=before.counters,
        left=before.left,
        badges=before.badges,
        order_count=before.order_count,
        joined_days=before.joined_days,
        last_order_days=before.last_order_days,
    )


def _counted(version: Version, orders: int, at: datetime) -> dict[str, int]:
    """Return how far a made-up member is with rules for the nth order of all, which no condition narrows."""
    happening = version.compiled.happenings.get("order")
    rules = happening.rules if happening and orders else ()
    plain = (rule.nth for rule in rules if rule.nth and rule.when is None and rule.lines is None)
    return {nth.key(at.date()): orders for nth in plain if nth.period is Period.LIFETIME}


def _stored(example: Example, version: Version) -> MemberState | None:
    """Return the state that was stored with the real order when it earned in this programme."""
    if example.order_id is None or example.owner_id is None:
        return None
    for step in sales.history_of(example.order_id, example.owner_id):
        if step.programme == version.programme_code and step.state is not None:
            return MemberState.from_json(step.state)
    return None


def _parts(birthday: str) -> tuple[str, ...]:
    """Return what a day is in: the birthday itself lies in its week and month, too."""
    return {"day": ("day", "week", "month"), "week": ("week", "month"), "month": ("month",)}.get(birthday, ())


# --- what it brings


@dataclass(frozen=True, slots=True)
class Earned:
    """What the basket brings, in words. fired, unfired: rules with their reasons; cost_share: of the basket."""

    headline: str
    fired: list[Reason]
    unfired: list[Reason]
    tier_note: str
    cost: str
    cost_share: str


def earned(version: Version, found: Basket, member: MemberState) -> Earned:
    """Return what a basket brings a member under a version, rule by rule."""
    evaluation = evaluate(version.compiled, found, member)
    document = version.compiled.document
    speaker = Speaker(document)
    outcomes = [
        (one, Reason(speaker.name_of(one.rule), speaker.outcome(one), "good" if one.has_fired else "neutral"))
        for one in evaluation.outcomes
    ]
    net = sum(line.net_amount for line in found.lines)
    cost = sum(award.amount * award.unit_cost for award in evaluation.awards if award.unit_cost is not None)
    return Earned(
        headline=headline(evaluation.awards, document.points),
        fired=[reason for one, reason in outcomes if one.has_fired],
        unfired=[reason for one, reason in outcomes if not one.has_fired],
        tier_note=_tier_note(version, evaluation),
        cost=in_words(Decimal(cost) / SCALE, document.currency) if cost else "",
        cost_share=formats.percent(cost / net) if cost and net > 0 else "",
    )


def headline(awards: tuple[Award, ...], points: str) -> str:
    """Return all that is given, in one line; "" for nothing."""
    sums: dict[tuple[AwardKind, str], int] = {}
    for award in awards:
        key = (award.kind, award.currency or award.reference)
        sums[key] = sums.get(key, 0) + award.amount
    return " + ".join(_amount(kind, name, amount, points) for (kind, name), amount in sums.items())


def _amount(kind: AwardKind, name: str, amount: int, points: str) -> str:
    said = {"amount": formats.count(amount), "name": name}
    match kind:
        case AwardKind.POINTS:
            return said["amount"] if name == points else f"{said['amount']} {name}"
        case AwardKind.STAMPS:
            return _("%(amount)s stamps (%(name)s)") % said
        case AwardKind.COUPON:
            return _("%(amount)s × coupon “%(name)s”") % said
        case AwardKind.TIER_POINTS:
            return _("%(amount)s tier points") % said
    return _("badge “%(name)s”") % said


def _tier_note(version: Version, evaluation: Evaluation) -> str:
    if version.ladder is None:
        return ""
    money = in_words(Decimal(evaluation.tier_spend) / SCALE, version.compiled.document.currency)
    visits = evaluation.tier_visits
    parts = [
        _("%(points)s points") % {"points": formats.count(evaluation.tier_points)},
        _("%(spend)s spent") % {"spend": money},
        ngettext("%(n)d visit", "%(n)d visits", visits) % {"n": visits},
    ]
    asked = asked_figures(version.ladder)
    found = [part for part, figure in zip(parts, asked, strict=True) if figure]
    return _("Counts for the tier: %(what)s") % {"what": pgettext("list", ", ").join(found)} if found else ""


# --- reading values


def _line(number: int, line: Line) -> NewLine:
    amount = _decimal(line.amount, _("Line %(number)d: amount") % {"number": number})
    quantity = _decimal(line.quantity or "1", _("Line %(number)d: quantity") % {"number": number})
    if quantity <= 0:
        raise ExampleRefusedError(_("Line %(number)d: give a quantity above 0.") % {"number": number})
    return NewLine(
        number,
        quantity,
        (amount / quantity).quantize(QUANTUM),
        amount,
        category=line.category,
        sku=line.sku,
        brand=line.brand,
    )


def _decimal(text: str, label: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "") or "0")
        if not number.is_finite() or abs(number) > MAX_AMOUNT:
            raise InvalidOperation
        return number.quantize(QUANTUM)
    except InvalidOperation:
        said = {"label": label, "value": text[:40]}
        raise ExampleRefusedError(_("%(label)s: “%(value)s” is no number; write it like 12.50.") % said) from None


def _whole(text: str, label: str, least: int) -> int:
    if not text:
        return least
    number = whole(text)
    if number is None or not least <= number <= 100_000:
        said = {"label": label, "value": text[:40]}
        raise ExampleRefusedError(_("%(label)s: “%(value)s” is no whole number that can be meant.") % said)
    return number


def _moment(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    if not text:
        return now.astimezone(zone)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        said = _("“%(value)s” is no day and time; choose one from the calendar.")
        raise ExampleRefusedError(said % {"value": text[:40]}) from None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
