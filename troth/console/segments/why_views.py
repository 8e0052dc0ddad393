"""Why one customer is in a segment, or is not: every condition with the customer's own value."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.customers.errors import CustomerNotFoundError
from troth.customers.models import Customer
from troth.kit.clock import utc_now
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.wording import ExplainedLine
from troth.segments import queries as segments
from troth.segments.models import SegmentVersion


@require_safe
@requires(Permission.SEGMENTS_VIEW, Permission.CUSTOMERS_VIEW)
def choose(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Lead to the explanation of the segment that was chosen on the customer's page."""
    try:
        segment_id = UUID(request.GET.get("segment", ""))
    except ValueError:
        return redirect("customers:customer", customer_id)
    return redirect("segments:why", segment_id, customer_id)


@require_safe
@requires(Permission.SEGMENTS_VIEW, Permission.CUSTOMERS_VIEW)
def why(request: ConsoleRequest, segment_id: UUID, customer_id: UUID) -> HttpResponse:
    """Show what decides, worked out now, and say where the stored members are older than that.

    The customer's page asks for the lines alone.
    """
    segment = segments.segment(segment_id)
    version = segments.version_in_force(segment)
    person = _customer(customer_id)
    is_open = request.actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)
    lines = _lines(version, person, is_open=is_open) if version else []
    is_member = segments.segments_of(person.id).filter(id=segment.id).exists()
    context = {
        "segment": segment,
        "customer": person,
        "name": shown_name(person, is_open),
        "lines": lines,
        "fits": bool(lines) and lines[0].holds,
        "is_member": is_member,
        "now": utc_now(),
    }
    part = "why_lines" if request.htmx else "why"
    return render(request, f"console/segments/{part}.html", context)


def _lines(version: SegmentVersion, person: Customer, *, is_open: bool) -> list[ExplainedLine]:
    """Return the explanation, nothing for an erased customer or a definition that can no longer be read."""
    fields = segments.catalogue()
    try:
        condition = segments.condition_of(version.definition, fields)
    except ConditionInvalidError:
        return []
    verdict = segments.explain(condition, fields, segments.as_of(utc_now()), person.id)
    return segments.words(fields).explanation(verdict, tells_personal=is_open) if verdict else []


def _customer(customer_id: UUID) -> Customer:
    try:
        return customers.customer(customer_id)
    except CustomerNotFoundError as missing:
        raise Http404(_("There is no such customer.")) from missing
