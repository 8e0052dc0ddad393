"""Journeys: their documents and versions, who goes through them, and rehearsals over the past."""

from typing import Annotated
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.permissions import Permission
from troth.care.journeys import queries
from troth.care.journeys import services as journeys
from troth.care.models import JourneyState
from troth.staff import queries as staff

from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from . import journey_views as views
from .journey_schemas import (
    EnteredOut,
    EnterIn,
    JourneyCheckOut,
    JourneyCode,
    JourneyDetail,
    JourneyDraftIn,
    JourneyIn,
    JourneyOut,
    JourneyPage,
    JourneyPublishIn,
    JourneyRehearsalIn,
    JourneyRehearsalOut,
    JourneyRehearsalPage,
    JourneyVersionPage,
    RehearsedActPage,
    RunDetail,
    RunPage,
    StepCode,
)

router = Router(tags=["Journeys"])


class JourneyFilter(BaseModel):
    """Which journeys."""

    state: JourneyState | None = Field(None, description="In this state; left out: all but stopped ones.")


class PeopleFilter(BaseModel):
    """Which of those under way."""

    step: StepCode | None = Field(None, description="At this step; left out: anywhere.")


@reads(router, "/journeys", scope=Permission.JOURNEYS_VIEW, response=JourneyPage)
def list_journeys(request: ApiRequest, which: Annotated[JourneyFilter, Query(...)], paging: PagingQuery) -> JourneyPage:
    """List the journeys in use, or those in a state: stopped ones are only there."""
    found = queries.journeys() if which.state is None else queries.journeys(states=[which.state])
    rows, cursor = page(found, paging, keys=("code",))
    return JourneyPage(items=[views.journey(row) for row in rows], next_cursor=cursor)


@writes(router, "POST", "/journeys", scope=Permission.JOURNEYS_EDIT, response=JourneyDetail, status=201)
def create_journey(request: ApiRequest, document: JourneyIn) -> JourneyDetail:
    """Make a journey from the first draft of its document, whose code and name it takes.

    Nobody enters before it is published.
    """
    row = journeys.create_journey(actor=request.auth, now=staff.moment(request.now), text=document.text)
    return views.journey_detail(row)


@reads(router, "/journey-documents/check", scope=Permission.JOURNEYS_VIEW, response=JourneyCheckOut, method="POST")
def check_document(request: ApiRequest, document: JourneyIn) -> JourneyCheckOut:
    """Check a document: everything that is wrong, by line. Nothing is written."""
    return views.check(document.text)


@reads(router, "/journeys/{journey}", scope=Permission.JOURNEYS_VIEW, response=JourneyDetail)
def get_journey(request: ApiRequest, journey: Path[JourneyCode]) -> JourneyDetail:
    """Get a journey with its documents and figures."""
    return views.journey_detail(queries.journey_by_code(journey))


@reads(router, "/journeys/{journey}/versions", scope=Permission.JOURNEYS_VIEW, response=JourneyVersionPage)
def list_journey_versions(request: ApiRequest, journey: Path[JourneyCode], paging: PagingQuery) -> JourneyVersionPage:
    """List the published versions of a journey."""
    found = queries.versions(queries.journey_by_code(journey).id)
    rows, cursor = page(found, paging, keys=("-number",))
    return JourneyVersionPage(items=[views.version(row) for row in rows], next_cursor=cursor)


@writes(router, "PUT", "/journeys/{journey}/draft", scope=Permission.JOURNEYS_EDIT, response=JourneyDetail)
def save_journey_draft(request: ApiRequest, journey: Path[JourneyCode], draft: JourneyDraftIn) -> JourneyDetail:
    """Keep a text as the draft of the next version, also one that is not right yet."""
    row = journeys.save_draft(
        actor=request.auth,
        now=staff.moment(request.now),
        journey_id=queries.journey_by_code(journey).id,
        text=draft.text,
        expected_revision=draft.expected_revision,
    )
    return views.journey_detail(row)


@writes(router, "POST", "/journeys/{journey}/publish", scope=Permission.JOURNEYS_PUBLISH, response=JourneyDetail)
def publish_journey(request: ApiRequest, journey: Path[JourneyCode], wanted: JourneyPublishIn) -> JourneyDetail:
    """Publish the draft: people enter by it from now on, whoever is under way finishes the version begun."""
    found = queries.journey_by_code(journey)
    journeys.publish(
        actor=request.auth,
        now=staff.moment(request.now),
        journey_id=found.id,
        note=wanted.note,
        expected_revision=wanted.expected_revision,
    )
    return views.journey_detail(queries.journey(found.id))


@writes(router, "POST", "/journeys/{journey}/pause", scope=Permission.JOURNEYS_PUBLISH, response=JourneyOut)
def pause_journey(request: ApiRequest, journey: Path[JourneyCode]) -> JourneyOut:
    """Hold everybody where they are and let nobody in."""
    found = queries.journey_by_code(journey)
    return views.journey(journeys.pause(actor=request.auth, now=staff.moment(request.now), journey_id=found.id))


@writes(router, "POST", "/journeys/{journey}/resume", scope=Permission.JOURNEYS_PUBLISH, response=JourneyOut)
def resume_journey(request: ApiRequest, journey: Path[JourneyCode]) -> JourneyOut:
    """Let a paused journey go on."""
    found = queries.journey_by_code(journey)
    return views.journey(journeys.resume(actor=request.auth, now=staff.moment(request.now), journey_id=found.id))


@writes(router, "POST", "/journeys/{journey}/stop", scope=Permission.JOURNEYS_PUBLISH, response=JourneyOut)
def stop_journey(request: ApiRequest, journey: Path[JourneyCode]) -> JourneyOut:
    """End a journey for good: everybody leaves it."""
    found = queries.journey_by_code(journey)
    return views.journey(journeys.stop(actor=request.auth, now=staff.moment(request.now), journey_id=found.id))


@writes(router, "POST", "/journeys/{journey}/people", scope=Permission.JOURNEYS_PUBLISH, response=EnteredOut)
def enter_people(request: ApiRequest, journey: Path[JourneyCode], people: EnterIn) -> EnteredOut:
    """Put people into a running journey, by its rules of who may and how often."""
    ways = journeys.enter(
        actor=request.auth,
        now=staff.moment(request.now),
        journey_id=queries.journey_by_code(journey).id,
        customer_ids=people.customers,
        key=people.key,
        facts=people.facts,
    )
    return EnteredOut(entered=ways.pop("entered", 0), turned_away=ways)


@reads(router, "/journeys/{journey}/people", scope=Permission.JOURNEYS_VIEW, response=RunPage)
def list_people(
    request: ApiRequest, journey: Path[JourneyCode], which: Annotated[PeopleFilter, Query(...)], paging: PagingQuery
) -> RunPage:
    """List who is under way in a journey, or at one of its steps."""
    found = queries.people_at(queries.journey_by_code(journey).id, which.step or "").select_related("journey")
    rows, cursor = page(found, paging, keys=("-entered_at", "-id"))
    return RunPage(items=[views.run(row) for row in rows], next_cursor=cursor)


@reads(router, "/customers/{customer_id}/journeys", scope=Permission.JOURNEYS_VIEW, response=RunPage)
def list_runs_of_customer(request: ApiRequest, customer_id: Path[UUID], paging: PagingQuery) -> RunPage:
    """List a customer's ways through journeys, of all records."""
    rows, cursor = page(queries.runs_of(customer_id), paging, keys=("-entered_at", "-id"))
    return RunPage(items=[views.run(row) for row in rows], next_cursor=cursor)


@reads(router, "/journey-runs/{run_id}", scope=Permission.JOURNEYS_VIEW, response=RunDetail)
def get_run(request: ApiRequest, run_id: Path[UUID]) -> RunDetail:
    """Get somebody's way through a journey, step by step."""
    return views.run_detail(queries.run(run_id))


# --- rehearsals


@writes(
    router,
    "POST",
    "/journeys/{journey}/rehearsals",
    scope=Permission.JOURNEYS_EDIT,
    response=JourneyRehearsalOut,
    status=201,
)
def start_journey_rehearsal(
    request: ApiRequest, journey: Path[JourneyCode], rehearsal: JourneyRehearsalIn
) -> JourneyRehearsalOut:
    """Have a journey's draft replayed over the past; nothing is sent and nobody enters.

    It runs in the background: ask for it until its `state` is `finished`.
    """
    row = journeys.rehearse(
        actor=request.auth,
        now=staff.moment(request.now),
        journey_id=queries.journey_by_code(journey).id,
        since=rehearsal.since,
        until=rehearsal.until,
        prices=rehearsal.prices,
    )
    return views.rehearsal(row)


@reads(router, "/journeys/{journey}/rehearsals", scope=Permission.JOURNEYS_VIEW, response=JourneyRehearsalPage)
def list_journey_rehearsals(
    request: ApiRequest, journey: Path[JourneyCode], paging: PagingQuery
) -> JourneyRehearsalPage:
    """List the rehearsals of a journey."""
    found = queries.rehearsals(queries.journey_by_code(journey).id).select_related("journey")
    rows, cursor = page(found, paging, keys=("-created_at", "-id"))
    return JourneyRehearsalPage(items=[views.rehearsal(row) for row in rows], next_cursor=cursor)


@reads(router, "/journey-rehearsals/{rehearsal_id}", scope=Permission.JOURNEYS_VIEW, response=JourneyRehearsalOut)
def get_journey_rehearsal(request: ApiRequest, rehearsal_id: Path[UUID]) -> JourneyRehearsalOut:
    """Get a rehearsal with what came out."""
    return views.rehearsal(queries.rehearsal(rehearsal_id))


@reads(router, "/journey-rehearsals/{rehearsal_id}/acts", scope=Permission.JOURNEYS_VIEW, response=RehearsedActPage)
def list_rehearsed_acts(request: ApiRequest, rehearsal_id: Path[UUID], paging: PagingQuery) -> RehearsedActPage:
    """List who would have got what, when, and what would have stopped it."""
    found = queries.rehearsed_acts(queries.rehearsal(rehearsal_id).id)
    rows, cursor = page(found, paging, keys=("happened_at", "id"))
    return RehearsedActPage(items=[views.rehearsed_act(row) for row in rows], next_cursor=cursor)
