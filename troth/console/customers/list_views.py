"""The list of customers: search, filters, columns, saved views, export."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires
from troth.console.value.report import margin_note
from troth.customers import queries as customers
from troth.customers import services
from troth.insights import queries as insights
from troth.insights.models import Band, RfmSegment
from troth.kit.clock import utc_now
from troth.segments import queries as segments
from troth.staff import queries as staff

from . import behind, exporting, filters, listing, scores

P = Permission
OWN_FIELDS = ("band", "status", "rfm_segment")


@require_safe
@requires(P.CUSTOMERS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the customers that fit, a page at a time."""
    asked = filters.read(request.GET, listing.default_sort(), request.actor)
    page = listing.page_of(asked, request.actor, _page_number(request.GET))
    company = staff.company_or_none()
    context = {
        "asked": asked,
        "page": page,
        "sort": asked.sort,
        "tabs": _tabs(request, asked),
        "kept": [(key, value) for key, value in request.GET.items() if key not in ("columns", "page")],
        "views": customers.saved_views(request.user.id),
        "all_columns": filters.columns_for(request.actor).values(),
        "bands": Band.choices,
        "statuses": scores.status_choices(),
        "also": behind.in_words(asked.behind, leave_out=OWN_FIELDS),
        "behind": [(name, value) for name, value in asked.behind.given().items() if name not in OWN_FIELDS],
        "rfm_segments": RfmSegment.choices,
        "segments": segments.segments(),
        "tags": customers.all_tags(),
        "owners": staff.people(),
        "currency": company.currency if company else "CNY",
        "sees_personal": asked.narrow.sees_personal,
        "may_edit": request.actor.may(P.CUSTOMERS_EDIT),
        "may_export": request.actor.may(P.CUSTOMERS_EXPORT),
        "may_import": request.actor.may(P.IMPORTS_RUN),
        "segment_url": _segment_url(asked) if request.actor.may(P.SEGMENTS_EDIT) else "",
        "margin_note": _margin_note(asked),
    }
    return render(request, "console/customers/list.html", context)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EXPORT)
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    """Hand out the list as CSV; who took how many rows of what is kept in the log first."""
    asked = filters.read(request.GET, listing.default_sort(), request.actor)
    count = customers.customers_matching(asked.narrow).count()
    columns = [column.key for column in asked.columns]
    services.note_list_export(
        actor=request.actor, now=utc_now(), rows=count, columns=columns, filters=asked.narrow.used()
    )
    lines = exporting.csv_lines(
        listing.all_rows(asked, request.actor),
        asked.columns,
        name_label=_("Name"),
        currency=staff.company().currency,
        is_profit_assumed=bool(_margin_note(asked)),
    )
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="customers.csv"'
    return response


@require_POST
@requires(P.CUSTOMERS_VIEW)
def save_view(request: ConsoleRequest) -> HttpResponse:
    """Keep the present list under a name."""
    query = request.POST.get("query", "")[:2000]
    view = services.save_view(user_id=request.user.id, now=utc_now(), name=request.POST.get("name", ""), query=query)
    messages.success(request, _("Saved: %(name)s") % {"name": view.name})
    return redirect(f"{reverse('customers:index')}?{query}")


@require_POST
@requires(P.CUSTOMERS_VIEW)
def remove_view(request: ConsoleRequest, view_id: int) -> HttpResponse:
    """Forget a saved view."""
    services.remove_view(user_id=request.user.id, view_id=view_id)
    return redirect("customers:index")


def _tabs(request: ConsoleRequest, asked: filters.ListRequest) -> list[Tab]:
    """Return the ready-made lists and those the person keeps."""
    here = reverse("customers:index")
    ready = [
        (_("Everyone"), ""),
        (_("Best"), "band=diamond"),
        (_("New"), "status=new"),
        (_("Sleeping"), "status=sleeping"),
        (_("Lost"), "status=lost"),
    ]
    kept = [(view.name, view.query) for view in customers.saved_views(request.user.id)]
    return [
        Tab(label=label, url=f"{here}?{query}" if query else here, is_active=_same(query, asked.query))
        for label, query in ready + kept
    ]


def _segment_url(asked: filters.ListRequest) -> str:
    """Return where a segment of these people is made; empty where a filter is no condition of a segment."""
    given = asked.behind.given()
    if not given or set(asked.narrow.used()) != set(given):
        return ""
    return f"{reverse('segments:new')}?{urlencode({name: str(value) for name, value in given.items()})}"


def _margin_note(asked: filters.ListRequest) -> str:
    """Return on what the list's profit rests, where it has that column and not every cost is known."""
    run = insights.latest_run() if any(column.key == "profit" for column in asked.columns) else None
    return margin_note(run) if run else ""


def _same(one: str, other: str) -> bool:
    def essence(query: str) -> dict[str, list[str]]:
        return {key: values for key, values in QueryDict(query).lists() if any(values)}

    return essence(one) == essence(other)


def _page_number(data: QueryDict) -> int:
    text = data.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
