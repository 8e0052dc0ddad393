"""Who and what stands behind the figures of a currency: people who hold it, whose points end or wait; movements."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Tab
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.kit.clock import business_date, day_start, utc_now
from troth.ledger import queries as ledger
from troth.ledger.models import PointCurrency
from troth.ledger.terms import Purpose
from troth.staff import queries as staff

from .purse import currency_name
from .said import Narrator

P = Permission
PAGE_SIZE = 40
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Holder:
    """A row of the list. url: the owner's points, "" where there is no page for them."""

    name: str
    url: str
    points: int


@require_safe
@requires(P.POINTS_VIEW)
def people(request: ConsoleRequest) -> HttpResponse:
    """Show who holds points of a currency, whose are not usable yet, or whose end in a month."""
    if not request.GET.get("currency"):
        return redirect("points:index")
    currency, now = ledger.currency(request.GET["currency"]), utc_now()
    show = request.GET.get("show", "held")
    month = _month(request.GET.get("month", "")) or business_date(now, currency.time_zone).replace(day=1)
    rows: Any
    if show == "ending":
        start, end = day_start(month, currency.time_zone), day_start(next_month(month), currency.time_zone)
        rows = ledger.ending_owners(currency, max(start, now), end)
    elif show == "pending":
        rows = ledger.pending_owners(currency, now)
    else:
        show, rows = "held", ledger.holders(currency)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    sums = [
        (one.owner_id, one.balance) if show == "held" else (one["owner_id"], one["points"]) for one in page.object_list
    ]
    texts = {
        "held": _("Who holds points, those with most first."),
        "pending": _("Whose points are earned and not usable yet."),
        "ending": _("Whose points end in %(month)s if they are not used before.") % {"month": formats.month(month)},
    }
    context = {
        "currency": currency,
        "name": currency_name(currency),
        "show": show,
        "month": month,
        "page": page,
        "rows": _holders(request, sums, currency),
        "text": texts[show],
        "tabs": [
            Tab(label, "?" + urlencode({"currency": currency.code, "show": code}), code == show)
            for code, label in (
                ("held", _("Held by members")),
                ("pending", _("Pending")),
                (
                    "ending",
                    _("Ends this month") if month <= business_date(now, currency.time_zone) else _("Ends in a month"),
                ),
            )
        ],
    }
    return render(request, "console/points/people.html", context)


@require_safe
@requires(P.POINTS_VIEW)
def movements(request: ConsoleRequest) -> HttpResponse:
    """Show what was issued, redeemed or expired, in a month or lately, each with its reason."""
    if not request.GET.get("currency"):
        return redirect("points:index")
    currency, now = ledger.currency(request.GET["currency"]), utc_now()
    known = {
        Purpose.ISSUED: _("Issued"),
        Purpose.REDEEMED: _("Redeemed"),
        Purpose.EXPIRED: _("Expired"),
        Purpose.ADJUSTED: _("Adjusted"),
        Purpose.WRITTEN_OFF: _("Written off"),
    }
    of = request.GET.get("of", "")
    purpose = Purpose(of) if of in known else Purpose.ISSUED
    month = _month(request.GET.get("month", ""))
    start, end = _span(currency, month, now)
    before = request.GET.get("before", "")
    found = ledger.movements(
        currency,
        [purpose],
        start=start,
        end=end,
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
        limit=PAGE_SIZE + 1,
    )
    shown = found[:PAGE_SIZE]
    narrator = Narrator([one.transaction for one in shown])
    names = _names(request, {one.transaction.owner_id for one in shown})
    query = {"currency": currency.code} | ({"month": month.strftime("%Y-%m")} if month else {})
    older = query | {"of": str(purpose), "before": str(shown[-1].id)} if len(found) > PAGE_SIZE else None
    context = {
        "currency": currency,
        "name": currency_name(currency),
        "month": month,
        "rows": [(one, narrator.say(one.transaction), names.get(one.transaction.owner_id, "")) for one in shown],
        "may_open": request.actor.may(P.CUSTOMERS_VIEW),
        "older": "?" + urlencode(older) if older else "",
        "tabs": [
            Tab(label, "?" + urlencode(query | {"of": str(code)}), code is purpose) for code, label in known.items()
        ],
    }
    return render(request, "console/points/movements.html", context)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def people_url(currency: PointCurrency, show: str, month: date | None = None) -> str:
    """Return the address of the people behind a figure."""
    query = {"currency": currency.code, "show": show} | ({"month": month.strftime("%Y-%m")} if month else {})
    return reverse("points:people", query=query)


def movements_url(currency: PointCurrency, purpose: Purpose, month: date | None = None) -> str:
    """Return the address of the movements behind a figure."""
    query = {"currency": currency.code, "of": str(purpose)} | ({"month": month.strftime("%Y-%m")} if month else {})
    return reverse("points:movements", query=query)


def _month(text: str) -> date | None:
    found = MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def _span(currency: PointCurrency, month: date | None, now: datetime) -> tuple[datetime, datetime]:
    if month is None:
        # A year back from the day that counts as today; what was written since then belongs to the list, too.
        today, last = staff.company().today(now), business_date(now, currency.time_zone)
        first = date(today.year - 1, today.month, 1)
        return day_start(first, currency.time_zone), day_start(next_month(last), currency.time_zone)
    return day_start(month, currency.time_zone), day_start(next_month(month), currency.time_zone)


def _names(request: ConsoleRequest, owner_ids: set[UUID]) -> dict[UUID, str]:
    if not request.actor.may(P.CUSTOMERS_VIEW):
        return {}
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    return {key: shown_name(one, is_open) for key, one in customers.records(owner_ids).items()}


def _holders(request: ConsoleRequest, sums: Iterable[tuple[UUID, int]], currency: PointCurrency) -> list[Holder]:
    found = list(sums)
    ids = {owner_id for owner_id, _points in found}
    names = _names(request, ids)
    homes = {one.id: one for one in customers.households().filter(id__in=ids - set(names))} if names or found else {}
    rows = []
    for owner_id, points in found:
        if owner_id in names:
            url = reverse("points:customer", args=[owner_id], query={"currency": currency.code})
            rows.append(Holder(names[owner_id], url, points))
        elif owner_id in homes and request.actor.may(P.CUSTOMERS_VIEW):
            name = str(homes[owner_id].name or _("Household"))
            rows.append(Holder(name, reverse("points:pool", args=[owner_id]), points))
        else:
            rows.append(Holder(_("Customer"), "", points))
    return rows
