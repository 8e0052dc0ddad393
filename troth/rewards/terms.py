"""Terms of coupons: conditions over the order, its lines and the customer, in the one condition language.

The order's and the lines' fields are those of programmes, read by the same functions; the customer's are all that the
catalogue knows, looked up in one query for what the terms ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from troth.kit.conditions import catalogue as conditions
from troth.kit.conditions import compiling
from troth.kit.conditions.catalogue import Catalogue, Subject
from troth.kit.conditions.evaluating import holds
from troth.kit.conditions.reading import read
from troth.kit.conditions.tree import Condition, to_json
from troth.kit.conditions.wording import Words
from troth.programs.baskets import Basket
from troth.programs.fields import Readable, basket_fields, customer_catalogue, line_catalogue, line_fields
from troth.programs.judging import Failure, answer_key, asked_of_customer, compile_condition
from troth.programs.scene import Picked, Scene
from troth.programs.state import MemberState
from troth.segments import queries as segments

from .discounts import LineTest

NOBODY = MemberState()


def catalogue() -> Catalogue:
    """Return what terms may ask of an order and its customer."""
    own = [one.field for one in basket_fields().values()]
    return Catalogue(Subject("coupon", _("Order")), [*own, *conditions.catalogue("customer")])


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
    """Return stored terms in words, in the language in force."""
    return Words(fields, currency).sentence(read(raw, fields, is_stored=True))


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms made ready to be judged: the condition, and whether a line is meant."""

    condition: Condition | None
    counts_for: LineTest

    def asks_customer(self) -> bool:
        """Tell whether the customer must be known."""
        return self.condition is not None and any(True for _one in asked_of_customer(self.condition, basket_fields()))


def terms_of(raw: Any, raw_lines: Any) -> Terms:
    """Return stored terms ready to be judged."""
    condition = None if raw is None else read(raw, catalogue(), is_stored=True)
    return Terms(condition, _line_test(raw_lines))


def failure(terms: Terms, basket: Basket, state: MemberState) -> Failure | None:
    """Return None where the terms hold, and otherwise what says which part failed."""
    if terms.condition is None:
        return None
    judge = compile_condition(terms.condition, basket_fields())
    return None if judge is None else judge(Scene(basket, state, Picked([]), ()))


def state_for(terms: list[Terms], customer_id: UUID | None, records: frozenset[UUID], now: datetime) -> MemberState:
    """Return the answers to what the terms ask of a customer; of a stranger everything is unknown."""
    fields: Mapping[str, Readable] = basket_fields()
    asked = {
        answer_key(one): one for part in terms if part.condition for one in asked_of_customer(part.condition, fields)
    }
    if not asked:
        return NOBODY
    known = customer_catalogue()
    when = segments.as_of(now, scope=records)
    record: Mapping[str, Any] | None = None
    if customer_id is not None:
        record = compiling.load(asked.values(), known, when).get(customer_id)
    if record is None:
        record = {one.operand: () if known[one.field].type.is_set else None for one in asked.values()}
    answers = {key: holds(one, record, known, when) for key, one in asked.items()}
    return replace(NOBODY, answers=answers)


def _line_test(raw: Any) -> LineTest:
    if raw is None:
        return lambda _line: True
    judge = compile_condition(read(raw, line_catalogue(), is_stored=True), line_fields())
    if judge is None:
        return lambda _line: True
    is_met = judge
    return lambda line: is_met(line) is None
