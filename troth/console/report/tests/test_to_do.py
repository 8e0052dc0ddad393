"""The sentence of the report that says what to do now."""

from types import SimpleNamespace
from typing import Any

from troth.console.report import contents
from troth.console.value.report import Report
from troth.insights.queries import Table


def report(*rows: dict[str, Any]) -> Any:
    return Report(SimpleNamespace(currency="CNY"), {"actions": Table(list(rows), {})})  # type: ignore[arg-type]  # reads only the currency


def row(action: str, customers: int, stake: float | None) -> dict[str, Any]:
    return {"action": action, "customers": customers, "stake": stake}


def test_it_counts_whom_to_save_and_adds_up_what_is_at_risk() -> None:
    found = report(row("repair", 17, 40.0), row("hold", 1143, 1500.25), row("thank", 9, 999.0))
    assert contents._to_do(found) == [
        "To do now, in customers: put it right with 17, hold 1,143. With them ¥1,540 a year is at risk."
    ]


def test_where_nobody_is_to_be_saved_it_is_left_out() -> None:
    assert contents._to_do(report(row("thank", 9, 999.0))) == []
    assert contents._to_do(report(row("hold", 0, 0.0))) == []
