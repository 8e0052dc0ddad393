"""Terms of coupons: conditions over the order, its lines and the customer, in the one condition language.

The order's and the lines' fields are those of programmes, read by the same functions; the customer's are all that the
catalogue knows, looked up in one query for what the terms ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from troth.customers import queries as customers
from troth.kit.conditions import compiling
from troth.kit.conditions.catalogue import Catalogue, Subject
from troth.kit.conditions.evaluating import holds
from troth.kit.conditions.reading import read
from troth.kit.conditions.tree import Condition, comparisons, to_json
from troth.kit.conditions.wording import Words
from troth.programs.answers import birthday_parts
from troth.programs.baskets import Basket
from troth.programs.fields import Readable, basket_fields, customer_catalogue, line_catalogue, line_fields
from troth.programs.judging import Failure, answer_key, asked_of_customer, compile_condition
from troth.programs.scene import Picked, Scene
from troth.programs.state import MemberState
from troth.segments import queries as segments
from troth.staff import queries as staff

from .discounts import LineTest

STRANGER = MemberState()
NOT_FOR_COUPONS = "order.eligible_amount"  # what earns is a programme's word


def order_fields() -> dict[str, Readable]:
    """Return the fields of an order that terms may ask, by code."""
    return {code: one for code, one in basket_fields().items() if code != NOT_FOR_COUPONS}


def catalogue() -> Catalogue:
    """Return what terms may ask of an order and its customer."""
    own = [one.field for one in order_fields().values()]
    return Catalogue(Subject("coupon", _("Order")), [*own, *customer_catalogue()])


def checked(raw: Any) -> dict[str, Any] | None:
    """Return terms in their one written form, None for none.

    Raises:
        ConditionInvalidError: they cannot be understood.
    """
    return None if raw is None else to_json(read(raw, catalogue()))


def checked_lines(raw: Any) -> dict[str, Any] | None:
    """Return terms over lines in their one written form; see `checked`."""
    return None if raw is None else to_json(read(raw, line_catalogue()))


def checked_audience(raw: Any) -> dict[str, Any] | None:
    """Return a condition over customers in its one written form; see `checked`."""
    return None if raw is None else to_json(read(raw, customer_catalogue()))


def sentence(raw: Any, fields: Catalogue, currency: str) -> str:
    """Return stored terms in words, in the language in force; "" where there are none."""
    return "" if raw is None else Words(fields, currency).sentence(read(raw, fields, is_stored=True))


@dataclass(frozen=True, slots=True)
class Terms:
    """Stored terms made ready to be judged: over the order and customer, and over its lines."""

    condition: Condition | None
    counts_for: LineTest

    def failure(self, basket: Basket, state: MemberState) -> Failure | None:
        """Return None where they hold, and otherwise what says which part failed."""
        judge = None if self.condition is None else compile_condition(self.condition, order_fields())
        return None if judge is None else judge(Scene(basket, state, Picked([]), ()))


def terms_of(raw: Any, raw_lines: Any) -> Terms:
    """Return stored terms ready to be judged."""
    condition = None if raw is None else read(raw, catalogue(), is_stored=True)
    return Terms(condition, _line_test(raw_lines))


def state_for(asking: Sequence[Terms], group: tuple[UUID, ...], basket: Basket) -> MemberState:
    """Return what the terms ask of a customer, in a handful of queries; of a stranger everything is unknown.

    group: all records of the customer, the canonical one first; empty for a stranger.
    """
    conditions = [one.condition for one in asking if one.condition is not None]
    asked = {one.field for condition in conditions for one in comparisons(condition)}
    answers = _answers(conditions, group, basket)
    if not group:
        return replace(STRANGER, answers=answers)
    return replace(
        STRANGER,
        answers=answers,
        segments=_segments(group) if "member.segments" in asked else (),
        birthday=_birthday(group[0], basket) if "member.birthday" in asked else (),
    )


def _answers(conditions: Sequence[Condition], group: tuple[UUID, ...], basket: Basket) -> dict[str, bool]:
    own = order_fields()
    asked = {answer_key(one): one for condition in conditions for one in asked_of_customer(condition, own)}
    if not asked:
        return {}
    known = customer_catalogue()
    when = segments.as_of(basket.occurred_at, scope=group)
    loaded = compiling.load(asked.values(), known, when) if group else {}
    unknown = {one.operand: () if known[one.field].type.is_set else None for one in asked.values()}
    record = next(iter(loaded.values()), unknown)
    return {key: holds(one, record, known, when) for key, one in asked.items()}


def _segments(group: tuple[UUID, ...]) -> tuple[str, ...]:
    return tuple(str(one.id) for one in segments.segments_of(group[0]))


def _birthday(customer_id: UUID, basket: Basket) -> tuple[str, ...]:
    person = customers.customer(customer_id)
    if person.birth_date is None:
        return ()
    zone = ZoneInfo(person.time_zone or staff.company().time_zone)
    today = basket.occurred_at.astimezone(zone).date()
    return birthday_parts(person.birth_date, today, is_lunar=person.is_lunar_birthday)


def _line_test(raw: Any) -> LineTest:
    judge = None
    if raw is not None:
        judge = compile_condition(read(raw, line_catalogue(), is_stored=True), line_fields())
    if judge is None:
        return lambda _line: True
    is_met = judge
    return lambda line: is_met(line) is None
