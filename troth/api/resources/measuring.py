"""The rules by which customers are measured, to read: keys never change settings."""

from decimal import Decimal
from typing import Any

from ninja import Router
from pydantic import Field

from troth.access.permissions import Permission
from troth.insights import measuring, queries
from troth.value import Margin, Terms
from troth.value.loyalty import Group, LoyaltyTerms

from ..fields import MomentText, Response, number_text
from ..keys import ApiRequest
from ..operations import reads

router = Router(tags=["Scores"])


class BandRulesOut(Response):
    """Where the value bands begin."""

    by: str = Field(description="`share`: of all customers in the pyramid; `amount`: of money.")
    diamond: str = Field(description="The best so many, or from so much money.")
    gold: str = Field(description="The next so many, or from so much money.")
    silver: str = Field(description="The next so many, or from so much money.")
    measure: str = Field(description="Ranked by `revenue` or `profit`.")
    window_days: int = Field(description="Who bought in so many days stands in the pyramid.")
    new_days: int = Field(description="Whose first purchase lies so many days back at most is new.")


class RhythmRulesOut(Response):
    """When a silence is too long."""

    sleeping_after: str = Field(description="Asleep beyond so many usual gaps.")
    lost_after: str = Field(description="Lost beyond so many usual gaps.")
    floor_days: int = Field(description="The shortest silence that counts as sleeping.")
    company_gaps: int = Field(description="The company's gap counts as so many further gaps of the customer's own.")
    active_from_purchases: int = Field(description="Active instead of repeat from so many purchases on.")
    fallback_gap_days: int = Field(description="The company's gap where nobody has come back yet.")


class RfmRulesOut(Response):
    """Four rising edges of each score; null: by fifths of the customers."""

    recency_days: list[int] | None = Field(description="Of the days since the last purchase; fewer is better.")
    purchases: list[int] | None = Field(description="Of the days with a purchase.")
    revenue: list[str] | None = Field(description="Of net revenue.")


class IndexWeightOut(Response):
    """What an indicator weighs in the loyalty index."""

    indicator: str = Field(description="Its code.")
    group: Group = Field(description="Which side of loyalty it speaks for.")
    weight: float = Field(description="0: it does not count.")


class TypeEdgesOut(Response):
    """From where on somebody buys much, is fond, trusts, and what counts as a hold."""

    behaviour_from: str = Field(description="Points of behaviour, 0 to 100.")
    attitude_from: str = Field(description="Points of attitude, 0 to 100.")
    trust_from: str = Field(description="Points of trust, 0 to 100.")
    incentive_from: str = Field(description="Share of purchases with points, a reward or a coupon.")
    price_from: str = Field(description="Share of the full price taken off.")
    convenience_from: str = Field(description="Share of purchases in one of several stores.")
    inertia_below: str = Field(description="Points of breadth, 0 to 100.")


class MeasureSettingsOut(Response):
    """The rules in force: the next analysis measures by them."""

    version: int = Field(description="Counts the changes; 0 before the first analysis.")
    created_at: MomentText | None = Field(description="When this version was made.")
    assumed_margin: str = Field(description="Profit / revenue where the cost is not known.")
    bands: BandRulesOut = Field(description="Value bands.")
    rhythm: RhythmRulesOut = Field(description="Life cycle.")
    rfm: RfmRulesOut = Field(description="Recency, frequency and money.")
    weights: list[IndexWeightOut] = Field(description="Of the loyalty index, each indicator.")
    types: TypeEdgesOut = Field(description="Types of loyalty.")
    client_wallet: str = Field(description="From which share of wallet one is a client.")
    advocate_referrals: int = Field(description="How many buyers an advocate must have brought.")
    market_by: str = Field(description="`store`, `department` or `attribute:` with its code; empty: no markets.")
    satisfied_from: str = Field(description="Points from which one counts as satisfied.")


@reads(router, "/measure-settings", scope=Permission.INSIGHTS_VIEW, response=MeasureSettingsOut)
def get_measure_settings(request: ApiRequest) -> MeasureSettingsOut:
    """Get the rules by which customers are measured.

    To change them, an administrator uses the console or `troth measure`.
    """
    del request
    stored = queries.settings_in_force()
    terms = measuring.terms_of(stored) if stored else Terms(margin=Margin())
    loyal = measuring.loyalty_of(stored) if stored else LoyaltyTerms()
    rfm, types = terms.rfm, TypeEdgesOut.model_fields
    return MeasureSettingsOut(
        version=stored.version if stored else 0,
        created_at=stored.created_at if stored else None,
        assumed_margin=number_text(terms.margin.assumed),
        bands=BandRulesOut(**_texts(terms.bands, BandRulesOut)),
        rhythm=RhythmRulesOut(**_texts(terms.rhythm, RhythmRulesOut)),
        rfm=RfmRulesOut(
            recency_days=list(rfm.recency_days) if rfm.recency_days else None,
            purchases=list(rfm.purchases) if rfm.purchases else None,
            revenue=[number_text(edge) for edge in rfm.revenue] if rfm.revenue else None,
        ),
        weights=[IndexWeightOut(indicator=one.code, group=one.group, weight=one.weight) for one in loyal.catalogue],
        types=TypeEdgesOut(**{name: number_text(getattr(loyal, name)) for name in types}),
        client_wallet=number_text(loyal.client_wallet),
        advocate_referrals=loyal.advocate_referrals,
        market_by=loyal.market_by,
        satisfied_from=number_text(loyal.satisfied_from),
    )


def _texts(rules: Any, shape: type[Response]) -> dict[str, Any]:
    """The fields of a shape from rules of the same names, Decimals as text."""
    found = {name: getattr(rules, name) for name in shape.model_fields}
    return {name: number_text(one) if isinstance(one, Decimal) else one for name, one in found.items()}
