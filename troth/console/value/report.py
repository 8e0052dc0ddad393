"""One analysis as screens read it: its frames, its day, its currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from troth.console import formats
from troth.insights import queries as insights
from troth.insights.models import AnalysisRun
from troth.insights.queries import Table


@dataclass(frozen=True, slots=True)
class Report:
    """The frames that a screen asked for."""

    run: AnalysisRun
    tables: dict[str, Table]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return a frame's rows by column name."""
        return self.tables[name].rows

    def facts(self, name: str) -> dict[str, Any]:
        """Return the figures beside a frame."""
        return self.tables[name].facts

    def money(self, amount: Any) -> str:
        """Return an amount in the currency of the analysis."""
        return formats.money(Decimal(str(amount)), self.run.currency)

    def money_compact(self, amount: Any) -> str:
        """Return an amount short enough for a card."""
        return formats.money_compact(Decimal(str(amount)), self.run.currency)

    @property
    def symbol(self) -> str:
        """Return the currency's symbol."""
        return formats.currency_symbol(self.run.currency)

    @property
    def margin_note(self) -> str:
        """Return on what profit rests."""
        return margin_note(self.run)


def margin_note(run: AnalysisRun) -> str:
    """Return on what profit rests: the assumed margin, in whole or in part; say it wherever profit is shown.

    Empty where every cost is known.
    """
    share = run.assumed_share
    margin = formats.percent(run.settings.assumed_margin, 0)
    if not share:
        return ""
    if share >= 1:
        return _("Profit is assumed: no costs are known, so a margin of %(margin)s is taken.") % {"margin": margin}
    text = _("Profit: for %(share)s of revenue the cost is unknown; there a margin of %(margin)s is assumed.")
    return text % {"margin": margin, "share": formats.percent(share, 0)}


def load(names: Sequence[str]) -> Report | None:
    """Return the newest analysis with these frames; None before the first."""
    run = insights.latest_run()
    return Report(run, insights.tables(run, *names)) if run else None


def month_label(first_day: str) -> str:
    """Return a month for an axis: "Mar 17" or "17年3月"."""
    day = date.fromisoformat(first_day)
    return f"{day:%y}年{day.month}月" if formats.is_chinese() else f"{day:%b %y}"
