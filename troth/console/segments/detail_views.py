"""One segment: what it means, how large it is, who is in it, what it was before."""

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, Literal
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console import charts, formats
from troth.console.components import Change, ChartCard, Figure, Tab, Table
from troth.console.guard import ConsoleRequest, requires
from troth.jobs import queries as jobs
from troth.jobs.models import Job
from troth.kit.clock import utc_now
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.wording import Change as WordChange
from troth.kit.conditions.wording import Line, Words
from troth.kit.conditions.wording import change as change_between
from troth.segments import queries as segments
from troth.segments import services
from troth.segments.models import Segment, SegmentSize, SegmentVersion

from .sample import PersonRow, sample_rows

MEMBERS_PAGE = 50


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in words, with what it changed against the one before."""

    version: SegmentVersion
    outline: list[Line]
    change: WordChange | None


@require_safe
@requires(Permission.SEGMENTS_VIEW)
def detail(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Show what the segment means, its size and its trend."""
    segment = segments.segment(segment_id)
    fields = segments.catalogue()
    words = segments.words(fields)
    version = segments.version_in_force(segment)
    sizes = segments.sizes([segment.id])[segment.id]
    newest = [row.owner_id for row in segments.memberships(segment.id)[:10]]
    context = _frame(request, segment, "detail") | {
        "version": version,
        "outline": _outline(version.definition if version else segment.draft, words),
        "draft_outline": _outline(segment.draft, words) if version and segment.draft else None,
        "figures": _figures(segment, sizes),
        "chart": _chart(sizes) if len(sizes) > 1 else None,
        "rows": sample_rows(request.actor, newest),
    }
    return render(request, "console/segments/detail.html", context)


@require_safe
@requires(Permission.SEGMENTS_VIEW, Permission.CUSTOMERS_VIEW)
def members(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Show the stored members, those who came last first."""
    segment = segments.segment(segment_id)
    page = Paginator(segments.memberships(segment_id), MEMBERS_PAGE).get_page(request.GET.get("page"))
    since: dict[UUID, datetime] = {row.owner_id: row.entered_at for row in page}
    rows: list[tuple[PersonRow, datetime]] = [
        (row, since[row.customer.id]) for row in sample_rows(request.actor, list(since))
    ]
    context = _frame(request, segment, "members") | {"page": page, "rows": rows}
    return render(request, "console/segments/members.html", context)


@require_safe
@requires(Permission.SEGMENTS_VIEW)
def versions(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Show every version in words, with what each changed."""
    segment = segments.segment(segment_id)
    words = segments.words(segments.catalogue())
    found = list(segments.versions(segment_id))
    rows = [
        VersionRow(one, _outline(one.definition, words), _change(before, one, words))
        for one, before in zip_longest(found, found[1:])
    ]
    return render(request, "console/segments/versions.html", _frame(request, segment, "versions") | {"rows": rows})


@require_safe
@requires(Permission.SEGMENTS_VIEW)
def status(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Answer the note that asks again while members are worked out; then have the page come anew."""
    job = _active_job(segment_id)
    if job is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "console/segments/status.html", {"segment_id": segment_id, "job": job})


@require_POST
@requires(Permission.SEGMENTS_EDIT)
def refresh(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Have the members worked out now."""
    services.request_refresh(actor=request.actor, now=utc_now(), segment_id=segment_id)
    return redirect("segments:detail", segment_id)


@require_POST
@requires(Permission.SEGMENTS_EDIT)
def archive(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Take the segment out of use."""
    segment = services.archive_segment(actor=request.actor, now=utc_now(), segment_id=segment_id)
    messages.success(request, _("“%(name)s” is archived. You find it under Archived.") % {"name": segment})
    return redirect("segments:index")


@require_POST
@requires(Permission.SEGMENTS_EDIT)
def restore(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Take the segment into use again."""
    services.restore_segment(actor=request.actor, now=utc_now(), segment_id=segment_id)
    return redirect("segments:detail", segment_id)


def _frame(request: ConsoleRequest, segment: Segment, active: str) -> dict[str, Any]:
    """Return what every view of one segment shows."""
    count = "" if segment.member_count is None else formats.count(segment.member_count)
    entries = [("detail", _("Overview"), ""), ("members", _("Members"), count)]
    entries.append(("versions", _("Versions"), formats.count(segment.version_number)))
    return {
        "segment": segment,
        "tabs": [
            Tab(label, reverse(f"segments:{name}", args=[segment.id]), name == active, number)
            for name, label, number in entries
        ],
        "job": _active_job(segment.id),
        "segment_id": segment.id,
        "may_edit": request.actor.may(Permission.SEGMENTS_EDIT),
        "now": utc_now(),
    }


def _active_job(segment_id: UUID) -> Job | None:
    return jobs.active().filter(name="segments.refresh", unique_key=str(segment_id)).first()


def _outline(definition: Any, words: Words) -> list[Line]:
    try:
        return words.outline(segments.condition_of(definition, words.catalogue))
    except ConditionInvalidError as error:
        return [Line(0, str(error))]


def _change(before: SegmentVersion | None, after: SegmentVersion, words: Words) -> WordChange | None:
    """Return what changed, None for the first version and where one can no longer be read."""
    if before is None:
        return None
    try:
        old, new = (segments.condition_of(one.definition, words.catalogue) for one in (before, after))
    except ConditionInvalidError:
        return None
    return change_between(old, new, words)


def _figures(segment: Segment, sizes: list[SegmentSize]) -> list[Figure]:
    if segment.member_count is None:
        return []
    last = sizes[-1] if sizes else None
    figures = [
        Figure(
            label=_("Members"),
            value=formats.count(segment.member_count),
            change=_growth(sizes),
            trend=[float(one.member_count) for one in sizes] if len(sizes) > 2 else [],
            trend_note=_("Size after each renewal"),
            url=reverse("segments:members", args=[segment.id]),
        )
    ]
    if last is not None:
        note = _("when the size last changed")
        figures.append(Figure(label=_("Came"), value=formats.count(last.entered_count), note=note))
        figures.append(Figure(label=_("Went"), value=formats.count(last.left_count), note=note))
    return figures


def _growth(sizes: list[SegmentSize]) -> Change | None:
    if len(sizes) < 2:
        return None
    difference = sizes[-1].member_count - sizes[0].member_count
    direction: Literal["up", "down", "flat"] = "up" if difference > 0 else "down" if difference < 0 else "flat"
    since = formats.day(sizes[0].counted_at.date())
    return Change(formats.count(abs(difference)), direction, note=_("since %(day)s") % {"day": since})


def _chart(sizes: list[SegmentSize]) -> ChartCard:
    days = [formats.day(one.counted_at.date()) for one in sizes]
    counts = [one.member_count for one in sizes]
    return ChartCard(
        id="segment-size",
        title=_("Size over time"),
        option=charts.trend(days, {_("Members"): counts}, axis_format=charts.compact(), value_format=charts.count()),
        table=Table(
            columns=[_("Day"), _("Members"), _("Came"), _("Went")],
            rows=[
                [day, one.member_count, one.entered_count, one.left_count] for day, one in zip(days, sizes, strict=True)
            ],
        ),
        height="sm",
        csv_name="segment-size",
    )
