"""Bodies about journeys, people in them, and rehearsals."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from troth.care.models import JourneyState, RunState

from ..fields import NO_NUL, Amount, Marks, Moment, MomentText, Request, Response, Text120, Whole, example
from .programme_schemas import DocumentProblemOut, DocumentText

JourneyCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
StepCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
ChannelCode = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=NO_NUL)]


# Not the enumeration itself: another one of its name stands in the document already.
RehearsalText = Literal["waiting", "running", "finished", "failed"]


class JourneyIn(Request):
    """A journey as one text."""

    text: DocumentText = Field(description="The document, in YAML or JSON; see the guide to journeys.")


class JourneyDraftIn(JourneyIn):
    """A draft of the next version of a journey."""

    expected_revision: Whole | None = Field(
        None, description="`revision` of the journey as you read it: what another saved since is not overwritten."
    )


class JourneyPublishIn(Request):
    """What to publish a journey's draft with."""

    note: Text120 = Field("", description="What changed and why.")
    expected_revision: Whole | None = Field(
        None, description="`revision` of the journey as you read it: what another saved since is not overwritten."
    )


class EnterIn(Request):
    """People to put into a journey."""

    model_config = example({"customers": ["0192f0c1-2d3e-7f4a-8b5c-6d7e8f901234"]})

    customers: Annotated[list[UUID], Field(min_length=1, max_length=10_000)] = Field(
        description="Ids of customers, 10,000 at most."
    )
    key: Text120 = Field("", description="The occasion, where the journey lets people in once for each.")
    facts: Marks = Field(
        default_factory=dict, description="Codes and numbers that its texts may name; no personal data."
    )


class JourneyRehearsalIn(Request):
    """A rehearsal of a journey to take."""

    model_config = example({"since": "2026-10-01T00:00:00+08:00", "until": "2026-11-01T00:00:00+08:00"})

    since: Moment = Field(description="From when on the past is replayed.")
    until: Moment | None = Field(None, description="Until when; left out: until now.")
    prices: dict[ChannelCode, Amount] = Field(
        default_factory=dict, max_length=50, description="What one message costs, by channel."
    )


class JourneyOut(Response):
    """A journey: what happens to people, step by step."""

    id: UUID = Field(description="Its id.")
    code: str = Field(description="The code that names it; never changes.")
    name: str = Field(description="Its name, in English where both are kept.")
    name_zh: str = Field(description="Its name in Chinese, or empty.")
    state: JourneyState = Field(description="Whether it lets people in and moves them on.")
    version: int = Field(description="The version by which people enter; 0: only a draft so far.")
    has_draft: bool = Field(description="Whether a next version is in the making.")
    revision: int = Field(description="Counts every change; give it back to overwrite nothing.")
    updated_at: MomentText = Field(description="When it was last changed.")


class JourneyTotalsOut(Response):
    """How many have gone through a journey."""

    entered: int = Field(description="Runs in all.")
    active: int = Field(description="On the way now.")
    stuck: int = Field(description="Whom a step failed several times; a person has to look.")
    finished: int = Field(description="Came to the end.")
    exited: int = Field(description="Left by an exit or at the goal.")
    stopped: int = Field(description="Were taken out, or the journey was stopped.")
    reached: int = Field(description="Reached the goal.")


class StepCountOut(Response):
    """How many are at a step, and how many left it."""

    step: str = Field(description="Its id in the document; <entry>, <left> and <goal> count those events.")
    waiting: int = Field(description="At it now.")
    stuck: int = Field(description="Of them stuck.")
    outcomes: dict[str, int] = Field(description="How many left it, by what came of it.")


class JourneyDetail(JourneyOut):
    """A journey with its documents and figures."""

    document: dict[str, Any] | None = Field(description="The document by which people enter; null without a version.")
    draft_text: str = Field(description="The draft of the next version as it was written, or empty.")
    totals: JourneyTotalsOut = Field(description="Its figures over all versions.")
    steps: list[StepCountOut] = Field(description="The figures of every step that anybody came to.")


class JourneyPage(Response):
    """A page of journeys."""

    items: list[JourneyOut] = Field(description="By code.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class JourneyVersionOut(Response):
    """A published version of a journey."""

    number: int = Field(description="Its number, from 1.")
    note: str = Field(description="What changed and why.")
    published_at: MomentText = Field(description="When it was published.")
    published_by: str = Field(description="By whom.")
    document: dict[str, Any] = Field(description="The document.")


class JourneyVersionPage(Response):
    """A page of versions of a journey."""

    items: list[JourneyVersionOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class JourneyCheckOut(Response):
    """What is wrong with a document."""

    is_valid: bool = Field(description="Whether it could be published as it stands.")
    problems: list[DocumentProblemOut] = Field(description="Everything that is wrong, by line.")


class EnteredOut(Response):
    """How putting people into a journey went."""

    entered: int = Field(description="Are in now.")
    turned_away: dict[str, int] = Field(
        description="How many not, by why: again, under_way, too_often, audience, automation_refused, erased, unknown."
    )


class RunOut(Response):
    """Somebody's way through a journey."""

    id: UUID = Field(description="Its id.")
    customer: UUID = Field(description="Whose it is.")
    journey: str = Field(description="Code of the journey.")
    version: int = Field(description="The version gone through.")
    state: RunState = Field(description="Where they are.")
    key: str = Field(description="The occasion, or what tells the runs of one person apart.")
    step: str = Field(description="The step they are at; empty at the end.")
    due_at: MomentText | None = Field(description="When they go on, or null.")
    entered_at: MomentText = Field(description="When they entered.")
    ended_at: MomentText | None = Field(description="When they left, or null.")
    end_reason: str = Field(description="Why they left: finished, the exit's code, goal, …; empty on the way.")
    goal_at: MomentText | None = Field(description="When they reached the goal, or null.")


class RunPage(Response):
    """A page of runs."""

    items: list[RunOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class PathStepOut(Response):
    """A step of somebody's path."""

    step: str = Field(description="Its id in the document.")
    arrived_at: MomentText = Field(description="When they came.")
    left_at: MomentText | None = Field(description="When they went on; null where they still are.")
    outcome: str = Field(description="What came of it, or the way taken.")
    detail: dict[str, Any] = Field(description="Ids of what was made: contact, task, transaction, coupon, event.")


class RunDetail(RunOut):
    """A run with its path."""

    path: list[PathStepOut] = Field(description="Step by step.")


class JourneyRehearsalOut(Response):
    """A journey replayed over the past."""

    id: UUID = Field(description="Its id.")
    journey: str = Field(description="Code of the journey.")
    state: RehearsalText = Field(description="How far it is.")
    since: MomentText = Field(description="From when on the past was replayed.")
    until: MomentText = Field(description="Until when.")
    error: str = Field(description="Why it failed, or empty.")
    result: dict[str, Any] = Field(
        description="Totals: entered, turned_away, steps, gates, channels, points, coupons, days, message_cost."
    )


class JourneyRehearsalPage(Response):
    """A page of rehearsals of a journey."""

    items: list[JourneyRehearsalOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class RehearsedActOut(Response):
    """What somebody would have got."""

    customer: UUID = Field(description="Who.")
    step: str = Field(description="At which step.")
    act: str = Field(description="What kind of step.")
    happened_at: MomentText = Field(description="When.")
    outcome: str = Field(description="queued, delayed or withheld for a message; done for others.")
    channel: str = Field(description="By which channel, or empty.")
    gate: str = Field(description="The gate that would have stopped or delayed it, or empty.")


class RehearsedActPage(Response):
    """A page of what people would have got."""

    items: list[RehearsedActOut] = Field(description="In the order in which it would have happened.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")
