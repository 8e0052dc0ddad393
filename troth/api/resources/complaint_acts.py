"""What is done to a complaint on its way: whose it is, what is noted, what it turns out to be, where it belongs."""

from typing import Any
from uuid import UUID

from ninja import Path, Router
from pydantic import Field

from troth.access.permissions import Permission
from troth.staff import queries as staff
from troth.voice.complaints import queries, services

from ..fields import Request, Text40, Text64
from ..keys import ApiRequest
from ..operations import writes
from .complaint_schemas import CaseNumber, ComplaintDetail, TextIn
from .complaints import detail
from .task_schemas import StaffCode

router = Router(tags=["Complaints"])
P = Permission


class ComplaintAssignIn(Request):
    """Whose a complaint is."""

    team: Text64 | None = Field(None, description="Code of the team; empty: of none; left out: as it is.")
    assignee: StaffCode | None = Field(
        None, description="Staff number of whose it is; left out: nobody's in particular."
    )


class ComplaintCauseIn(Request):
    """Why it went wrong."""

    cause: Text40 = Field(min_length=1, description="Code of the root cause.")


class ComplaintMergeIn(Request):
    """The complaint that is about the same."""

    into: CaseNumber = Field(description="Number of the complaint that stays.")


@writes(router, "POST", "/complaints/{number}/assign", scope=P.CASES_WORK, response=ComplaintDetail)
def assign_complaint(request: ApiRequest, number: Path[CaseNumber], wanted: ComplaintAssignIn) -> ComplaintDetail:
    """Give a complaint to a team, to a member of staff, or to both."""
    assignee_id = staff.member(wanted.assignee).id if wanted.assignee else None
    return _done(request, number, services.assign_case, team=wanted.team, assignee_id=assignee_id)


@writes(router, "POST", "/complaints/{number}/acknowledge", scope=P.CASES_WORK, response=ComplaintDetail)
def acknowledge_complaint(request: ApiRequest, number: Path[CaseNumber]) -> ComplaintDetail:
    """Note that the customer was told that we have it."""
    return _done(request, number, services.acknowledge_case)


@writes(router, "POST", "/complaints/{number}/notes", scope=P.CASES_WORK, response=ComplaintDetail)
def add_complaint_note(request: ApiRequest, number: Path[CaseNumber], note: TextIn) -> ComplaintDetail:
    """Keep something for colleagues only, also when the complaint is closed."""
    return _done(request, number, services.add_note, text=note.text)


@writes(router, "POST", "/complaints/{number}/go-on", scope=P.CASES_WORK, response=ComplaintDetail)
def go_on_with_complaint(request: ApiRequest, number: Path[CaseNumber]) -> ComplaintDetail:
    """Stop waiting for the customer: the clocks run again."""
    return _done(request, number, services.go_on)


@writes(router, "POST", "/complaints/{number}/cause", scope=P.CASES_WORK, response=ComplaintDetail)
def name_complaint_cause(request: ApiRequest, number: Path[CaseNumber], named: ComplaintCauseIn) -> ComplaintDetail:
    """Say why it went wrong."""
    return _done(request, number, services.set_cause, cause=named.cause)


@writes(router, "POST", "/complaints/{number}/reject", scope=P.CASES_WORK, response=ComplaintDetail)
def reject_complaint(request: ApiRequest, number: Path[CaseNumber], why: TextIn) -> ComplaintDetail:
    """Put away what is no complaint: spam, praise, a question. The text is for colleagues."""
    return _done(request, number, services.reject_case, note=why.text)


@writes(router, "POST", "/complaints/{number}/reopen", scope=P.CASES_WORK, response=ComplaintDetail)
def reopen_complaint(request: ApiRequest, number: Path[CaseNumber], why: TextIn) -> ComplaintDetail:
    """Open a decided or closed complaint again; clocks for answer and resolution begin anew."""
    return _done(request, number, services.reopen_case, note=why.text)


@writes(router, "POST", "/complaints/{number}/merge", scope=P.CASES_WORK, response=ComplaintDetail)
def merge_complaint(request: ApiRequest, number: Path[CaseNumber], same: ComplaintMergeIn) -> ComplaintDetail:
    """Make a complaint a part of another one that is about the same, and get that one.

    What was said and given stays with each; the clocks of the one that goes end.
    """
    into_id: UUID = queries.case(same.into).id
    _done(request, number, services.merge_cases, into_id=into_id)
    return detail(into_id, request)


def _done(request: ApiRequest, number: str, act: Any, **given: Any) -> ComplaintDetail:
    found = queries.case(number)
    act(actor=request.auth, now=staff.moment(request.now), case_id=found.id, **given)
    return detail(found.id, request)
