"""The list of segments, and the ready-made ones to begin with."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.wording import Words
from troth.segments import queries as segments
from troth.segments.models import Segment
from troth.segments.starters import starters


@dataclass(frozen=True, slots=True)
class Row:
    """A segment as the list draws it."""

    segment: Segment
    sentence: str
    trend: list[float]


@require_safe
@requires(Permission.SEGMENTS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the segments with what they mean, how many are in them, and how that went."""
    is_archived = request.GET.get("show") == "archived"
    fields = segments.catalogue()
    words = segments.words(fields)
    found = list(segments.segments(is_archived=is_archived))
    sizes = segments.sizes([one.id for one in found], limit=30)
    context = {
        "rows": [
            Row(one, _sentence(one, words), [float(size.member_count) for size in sizes[one.id]]) for one in found
        ],
        "tabs": [
            Tab(_("In use"), "?", not is_archived),
            Tab(_("Archived"), "?show=archived", is_archived),
        ],
        "is_archived": is_archived,
        "starters": starters(segments.catalogue(request.actor)),
        "may_edit": request.actor.may(Permission.SEGMENTS_EDIT),
        "now": utc_now(),
    }
    return render(request, "console/segments/index.html", context)


def _sentence(segment: Segment, words: Words) -> str:
    """Return the version in force in words, else the draft; where a field has gone, that."""
    version = segments.version_in_force(segment)
    definition = version.definition if version else segment.draft
    try:
        return words.sentence(segments.condition_of(definition, words.catalogue))
    except ConditionInvalidError as error:
        return str(error)
