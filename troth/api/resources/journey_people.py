"""What is done to those under way in a journey: taken out, put on another version, tried again."""

from typing import Annotated
from uuid import UUID

from ninja import Path, Router
from pydantic import Field

from troth.access.permissions import Permission
from troth.care.journeys import queries
from troth.care.journeys import services as journeys
from troth.staff import queries as staff

from ..fields import Request, Response, Whole
from ..keys import ApiRequest
from ..operations import writes
from .journey_schemas import JourneyCode, JourneyDetail, StepCode
from .journey_views import journey_detail

router = Router(tags=["Journeys"])


class TakenOutIn(Request):
    """Who leaves a journey."""

    customers: list[UUID] = Field(min_length=1, max_length=1_000, description="Ids of any of their records.")


class MoveIn(Request):
    """Which version those under way go on by."""

    version: Annotated[Whole, Field(ge=1)] = Field(description="Number of a published version.")
    steps: dict[StepCode, StepCode] = Field(
        default_factory=dict,
        max_length=200,
        description="For steps that the version does not have: the old step, and where those at it go on.",
    )


class StuckIn(Request):
    """Who is tried again."""

    step: StepCode | None = Field(None, description="Those who are stuck at this step; left out: everybody.")


class PeopleMovedOut(Response):
    """How many it concerned."""

    count: int = Field(description="Ways of customers through the journey.")


@writes(router, "POST", "/journeys/{journey}/people/out", scope=Permission.JOURNEYS_PUBLISH, response=PeopleMovedOut)
def take_people_out(request: ApiRequest, journey: Path[JourneyCode], people: TakenOutIn) -> PeopleMovedOut:
    """Take people out of a journey, wherever they are in it."""
    found = queries.journey_by_code(journey)
    count = journeys.take_out(
        actor=request.auth, now=staff.moment(request.now), journey_id=found.id, customer_ids=people.customers
    )
    return PeopleMovedOut(count=count)


@writes(router, "POST", "/journeys/{journey}/people/move", scope=Permission.JOURNEYS_PUBLISH, response=PeopleMovedOut)
def move_people(request: ApiRequest, journey: Path[JourneyCode], wanted: MoveIn) -> PeopleMovedOut:
    """Put everybody who is under way on another version.

    Whoever is at a step that it has goes on there. What was done under the earlier version is not done again.
    """
    found = queries.journey_by_code(journey)
    count = journeys.move_people(
        actor=request.auth,
        now=staff.moment(request.now),
        journey_id=found.id,
        to_version=wanted.version,
        steps=wanted.steps,
    )
    return PeopleMovedOut(count=count)


@writes(router, "POST", "/journeys/{journey}/people/again", scope=Permission.JOURNEYS_PUBLISH, response=PeopleMovedOut)
def try_people_again(request: ApiRequest, journey: Path[JourneyCode], stuck: StuckIn) -> PeopleMovedOut:
    """Let those go on who are stuck since their step failed several times; it is tried again."""
    found = queries.journey_by_code(journey)
    count = journeys.try_again(
        actor=request.auth, now=staff.moment(request.now), journey_id=found.id, step=stuck.step or ""
    )
    return PeopleMovedOut(count=count)


@writes(router, "POST", "/journeys/{journey}/draft/discard", scope=Permission.JOURNEYS_EDIT, response=JourneyDetail)
def discard_journey_draft(request: ApiRequest, journey: Path[JourneyCode]) -> JourneyDetail:
    """Throw the draft away: what was changed since the version in force."""
    found = queries.journey_by_code(journey)
    journeys.discard_draft(actor=request.auth, now=staff.moment(request.now), journey_id=found.id)
    return journey_detail(queries.journey(found.id))
