"""Baskets, programmes and members for tests."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from troth.activity.orders import NewLine, NewOrder
from troth.kit.ids import new_id
from troth.kit.money import QUANTUM
from troth.programs.baskets import Basket, basket_of
from troth.programs.compiled import CompiledProgramme
from troth.programs.compiling import compile_programme
from troth.programs.document.reading import read_document
from troth.programs.evaluation import evaluate
from troth.programs.outcomes import Evaluation
from troth.programs.state import MemberState

ZONE = ZoneInfo("Asia/Shanghai")
SATURDAY = datetime(2026, 11, 21, 4, tzinfo=UTC)  # noon in Shanghai
FRIDAY = datetime(2026, 11, 20, 4, tzinfo=UTC)
HEAD = "programme: club\nname: Club\ncurrency: CNY\n"
BASE = """rules:
  - code: base
    name: Base
    effect: {type: points_per_amount, points: 1}
"""
NOBODY = MemberState()

Line = tuple[str, str, str]  # category, amount, quantity


def order(*lines: Line, at: datetime = FRIDAY, owner_id: UUID | None = None, **fields: Any) -> NewOrder:
    """Return an order; each line is category, amount for all pieces, and quantity."""
    made = tuple(
        NewLine(number, Decimal(pieces), _unit(amount, pieces), Decimal(amount), category=category)
        for number, (category, amount, pieces) in enumerate(lines, start=1)
    )
    return NewOrder("test", str(new_id()), owner_id or new_id(), at, fields.pop("currency", "CNY"), made, **fields)


def _unit(amount: str, pieces: str) -> Decimal:
    return (Decimal(amount) / Decimal(pieces)).quantize(QUANTUM)


def basket(*lines: Line, at: datetime = FRIDAY, **fields: Any) -> Basket:
    """Return a basket of such an order."""
    return basket_of(order(*lines, at=at, **fields), zone=ZONE)


def compiled(text: str) -> CompiledProgramme:
    """Return a programme from what follows its head."""
    return compile_programme(read_document(HEAD + text))


def points(text: str, *lines: Line, state: MemberState = NOBODY, at: datetime = FRIDAY, **fields: Any) -> int:
    """Return the points that a programme gives for an order."""
    return evaluated(text, *lines, state=state, at=at, **fields).points.get("points", 0)


def evaluated(text: str, *lines: Line, state: MemberState = NOBODY, at: datetime = FRIDAY, **fields: Any) -> Evaluation:
    """Return the evaluation of an order."""
    return evaluate(compiled(text), basket(*lines, at=at, **fields), state)


def reasons(evaluation: Evaluation) -> Mapping[str, str]:
    """Return the reason of each rule."""
    return {one.rule: str(one.reason) for one in evaluation.outcomes}


def amounts(evaluation: Evaluation) -> Sequence[tuple[str, int]]:
    """Return the awards as rule and amount."""
    return [(award.rule, award.amount) for award in evaluation.awards]
