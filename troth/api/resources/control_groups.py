"""Control groups of single things given: who was kept out by chance, and what the thing brought against them."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Path, Router
from pydantic import Field

from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.messaging import queries
from troth.messaging import services as messaging
from troth.rewards import queries as rewards
from troth.rewards import services

from ..fields import Amount, AmountText, MomentText, Request, Response, Whole, example
from ..keys import ApiRequest
from ..operations import reads, writes
from .coupon_schemas import CampaignCode
from .messages import ComparedOut, CostHeadOut, compared_out, costs_out

router = Router(tags=["Coupons"])
P = Permission


class DrawMeasurement(Response):
    """What a campaign's coupons brought in some days after each customer's draw."""

    days: int = Field(description="How many days after the draw.")
    as_of_date: date = Field(description="Last day of the analysis.")
    currency: str = Field(description="Currency of the money.")
    given_people: int = Field(description="Customers who were handed one and have had all these days.")
    kept_out_people: int = Field(description="Customers kept out by chance who have had all these days.")
    waiting_people: int = Field(description="Customers drawn who have not had all these days; in no figure.")
    is_of_all: bool = Field(description="Those who got none are kept out of all offers: the difference is all offers'.")
    cost: AmountText = Field(description="What each one was said to cost besides.")
    message_price: AmountText = Field(description="What one message was said to cost.")
    costs: list[CostHeadOut] = Field(description="What `net` takes off; points and gifts where their cost is known.")
    outcomes: list[ComparedOut] = Field(description="Empty where a side has fewer than two customers.")


class CampaignControlOut(Response):
    """Whom chance kept out of a campaign, and what was measured against them."""

    percent: int = Field(description="How many in a hundred get none by chance; 0: nobody.")
    given_people: int = Field(description="Customers drawn to get one.")
    kept_out_people: int = Field(description="Customers drawn to get none.")
    is_being_measured: bool = Field(description="A measurement waits or runs.")
    measured: DrawMeasurement | None = Field(description="The newest measurement; null before the first.")


class MeasureCampaignIn(Request):
    """What to measure of a campaign."""

    model_config = example({"days": 30, "cost": "2", "message_price": "0.05"})

    days: Whole = Field(ge=1, le=365, description="Days after each customer's draw.")
    cost: Amount = Field(Decimal(0), description="What each one costs besides what is known, such as print.")
    message_price: Amount = Field(
        Decimal(0), description="What one message costs, in the currency of the analysis; 0 takes nothing off."
    )


class DrawOut(Response):
    """How a customer's draw came out; it holds for good."""

    subject: str = Field(description="What is given: coupon and the campaign's code, or points and the journey's step.")
    is_kept_out: bool = Field(description="By chance the customer gets none of it.")
    is_of_all: bool = Field(description="Because the customer is kept out of all offers.")
    percent: int = Field(description="How many in a hundred were kept out of it then.")
    drawn_at: MomentText = Field(description="When it was drawn.")


class DrawList(Response):
    """A customer's draws."""

    items: list[DrawOut] = Field(description="The newest first.")


@reads(router, "/campaigns/{campaign}/control-group", scope=P.REWARDS_VIEW, response=CampaignControlOut)
def get_campaign_control_group(request: ApiRequest, campaign: Path[CampaignCode]) -> CampaignControlOut:
    """Tell whom chance kept out of a campaign, and what it brought against them."""
    return _control_group(campaign)


@writes(
    router,
    "POST",
    "/campaigns/{campaign}/control-group/measurements",
    scope=P.REWARDS_EDIT,
    response=CampaignControlOut,
    status=202,
)
def measure_campaign(
    request: ApiRequest, campaign: Path[CampaignCode], wanted: MeasureCampaignIn
) -> CampaignControlOut:
    """Have measured in the background what a campaign's coupons brought."""
    row = rewards.campaign(campaign)
    messaging.measure_draws(
        subject=services.subject_of(row.code), actor=request.auth, now=request.now, **wanted.model_dump()
    )
    return _control_group(campaign)


@reads(router, "/customers/{customer_id}/control-groups", scope=P.REWARDS_VIEW, response=DrawList)
def list_control_groups(request: ApiRequest, customer_id: Path[UUID]) -> DrawList:
    """List what chance kept a customer out of, and what not."""
    found = queries.control_draws(customers.customer(customer_id).id)
    names = ("subject", "is_kept_out", "is_of_all", "percent", "drawn_at")
    return DrawList(items=[DrawOut(**{name: getattr(one, name) for name in names}) for one in found])


def _control_group(code: str) -> CampaignControlOut:
    row = rewards.campaign(code)
    subject = services.subject_of(row.code)
    given, kept_out = queries.control_counts(subject)
    job, done = queries.draws_job(subject), queries.draws_measurement(subject)
    return CampaignControlOut(
        percent=row.control_percent,
        given_people=given,
        kept_out_people=kept_out,
        is_being_measured=bool(job and job.is_active),
        measured=_measurement(done.result) if done else None,
    )


def _measurement(result: dict[str, Any]) -> DrawMeasurement:
    plain = {name: result[name] for name in ("days", "as_of_date", "currency", "is_of_all", "cost", "message_price")}
    return DrawMeasurement(
        **plain,
        given_people=result["counts"]["may"],
        kept_out_people=result["counts"]["control"],
        waiting_people=result["waiting"],
        costs=costs_out(result),
        outcomes=compared_out(result),
    )
