"""Satisfaction × competition: what the newest analysis found in each market."""

from datetime import date
from typing import Any

from ninja import Router
from pydantic import Field

from troth.access.permissions import Permission
from troth.insights import queries
from troth.insights.market_models import MarketCorner
from troth.insights.markets import FRAME
from troth.value.loyalty import CompetitionSource

from ..fields import Response
from ..keys import ApiRequest
from ..operations import reads

router = Router(tags=["Scores"])


class CurveOut(Response):
    """Chance to stay by satisfaction s, 0 to 100: floor + (ceiling − floor) ÷ (1 + exp(−steepness × (s − knee)))."""

    floor: float = Field(description="Chance to stay far below the knee.")
    ceiling: float = Field(description="Chance to stay far above it; of a flat curve the only one.")
    steepness: float = Field(description="Per point of satisfaction.")
    knee: float | None = Field(description="Where it rises most steeply; null of a flat curve.")
    knee_low: float | None = Field(description="Lower end of its interval of 95%.")
    knee_high: float | None = Field(description="Upper end of its interval of 95%.")
    is_flat: bool = Field(description="The answers do not tell the curve from a level line.")


class MarketOut(Response):
    """One market: who stands in which corner, how staying follows satisfaction, how strong the competition is."""

    market: str = Field(description="Its name: a value of the attribute, a city, or a department.")
    asked: int = Field(description="Customers in it who said in the last year how satisfied they are.")
    stayed: int = Field(description="Those of them who stay.")
    corners: dict[MarketCorner, int] = Field(description="Customers asked by corner.")
    competition: float | None = Field(description="0 (nobody else sells there) to 1; null: not known.")
    competition_low: float | None = Field(description="Lower end of its interval of 95%; null where it was entered.")
    competition_high: float | None = Field(description="Upper end of its interval of 95%; null where it was entered.")
    competition_source: CompetitionSource = Field(description="What it rests on.")
    curve: CurveOut | None = Field(description="The fitted curve; null with fewer than 50 customers asked.")


class MarketsOut(Response):
    """The markets of the newest analysis."""

    as_of_date: date | None = Field(description="The day that counted as today; null before the first analysis.")
    market_by: str = Field(description="`store`, `department` or `attribute:` with its code; empty: none defined.")
    satisfied_from: float | None = Field(description="Points from which one counts as satisfied.")
    items: list[MarketOut] = Field(description="The markets in which somebody was asked, by name.")


@reads(router, "/markets", scope=Permission.INSIGHTS_VIEW, response=MarketsOut)
def get_markets(request: ApiRequest) -> MarketsOut:
    """Get how staying follows satisfaction in each market.

    At most 24 markets, those with most answers.
    """
    del request
    run = queries.latest_run()
    if run is None:
        return MarketsOut(as_of_date=None, market_by="", satisfied_from=None, items=[])
    table = queries.tables(run, FRAME)[FRAME]
    return MarketsOut(
        as_of_date=run.as_of_date,
        market_by=table.facts.get("by", ""),
        satisfied_from=table.facts.get("satisfied_from"),
        items=[_market(row) for row in table.rows if row["asked"]],
    )


def _market(row: dict[str, Any]) -> MarketOut:
    has_curve = row["is_flat"] is not None
    return MarketOut(
        market=row["market"],
        asked=row["asked"],
        stayed=row["stayed"],
        corners={corner: row[corner] for corner in MarketCorner},
        competition=row["level"],
        competition_low=row["low"],
        competition_high=row["high"],
        competition_source=CompetitionSource(row["source"]),
        curve=CurveOut(**{name: row[name] for name in CurveOut.model_fields}) if has_curve else None,
    )
