"""Who was given a birthday gift, who will be and who could not be: on the screen and as a CSV file."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.customers.exporting import escaped
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.rewards import queries as rewards
from troth.rewards.coming_gifts import Coming
from troth.rewards.models import BirthdayGift, GiftIssue
from troth.staff import queries as staff

from .gift_words import refusal_text

P = Permission
PAGE_SIZE = 40
AT_ONCE = 500
LOOKING_BACK = timedelta(days=365)
SEES_PEOPLE = (P.CUSTOMERS_VIEW, P.CUSTOMERS_VIEW_PERSONAL)
"""Who gets a birthday gift tells when the birthday is."""
SHOWN = ("given", "coming", "refused")


@dataclass(frozen=True, slots=True)
class Line:
    """One person. owner_id: None where the person was erased; day: given, to be given or tried."""

    owner_id: UUID | None
    name: str
    birthday: date
    day: date
    why: str = ""


@require_safe
@requires(P.REWARDS_VIEW, *SEES_PEOPLE)
def people(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show who was given a gift in the last year, who could not be, and who would get it soon."""
    gift, show = rewards.gift(code), _shown(request)
    texts = {
        "given": _("Who was given it in the last year, the latest first."),
        "coming": _("Who would get it on the next 30 mornings, as things stand now."),
        "refused": _("Who could not be given it in the last year, and why."),
    }
    page = Paginator(_rows(gift, show), PAGE_SIZE).get_page(request.GET.get("page"))
    labels = (("given", _("Had it")), ("coming", _("Will get it")), ("refused", _("Got none")))
    context = {
        "gift": gift,
        "show": show,
        "text": texts[show],
        "page": page,
        "rows": _lines(list(page)),
        "day_label": _day_label(show),
        "tabs": [Tab(label, f"?show={name}", name == show) for name, label in labels],
        "may_export": request.actor.may(P.CUSTOMERS_EXPORT),
    }
    return render(request, "console/rewards/gift_people.html", context)


@require_safe
@requires(P.REWARDS_VIEW, *SEES_PEOPLE, P.CUSTOMERS_EXPORT)
def download(request: ConsoleRequest, code: str) -> StreamingHttpResponse:
    """Hand out the same people, all of them, as a CSV file."""
    gift, show = rewards.gift(code), _shown(request)
    cells = list(_file(gift, show))  # in the language of this request
    response = StreamingHttpResponse(cells, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{gift.code}-{show}.csv"'
    return response


def _shown(request: HttpRequest) -> str:
    wanted = request.GET.get("show", "")
    return wanted if wanted in SHOWN else SHOWN[0]


def _rows(gift: BirthdayGift, show: str) -> Any:
    """Return what can be sliced: those to come, or what was tried."""
    now = staff.moment(utc_now())
    if show == "coming":
        return rewards.coming_gifts(gift, now)
    return rewards.gift_issues(gift.id, since=now - LOOKING_BACK, is_refused=show == "refused")


def _day_label(show: str) -> str:
    labels = {"given": _("Given on"), "coming": _("Would be given on"), "refused": _("Tried on")}
    return labels[show]


def _lines(found: Sequence[Coming | GiftIssue]) -> list[Line]:
    """Return rows of either kind as they are shown."""
    known = customers.records({one.owner_id for one in found if isinstance(one, GiftIssue)})
    return [_issued(one, known) if isinstance(one, GiftIssue) else _coming(one) for one in found]


def _coming(one: Coming) -> Line:
    return Line(one.customer.id, shown_name(one.customer, is_open=True), one.birthday, one.given_date)


def _issued(one: GiftIssue, known: dict[UUID, Any]) -> Line:
    person = known.get(one.owner_id)
    name = shown_name(person, is_open=True) if person else _("Customer")
    day = timezone.localtime(one.issued_at).date()
    return Line(one.owner_id if person else None, name, one.birthday_date, day, refusal_text(one.refusal))


def _file(gift: BirthdayGift, show: str) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    heads = ["id", pgettext("rewards", "Member"), _("Birthday"), _day_label(show)]
    why = [pgettext("points", "Why")] if show == "refused" else []
    yield "\ufeff" + writer.writerow([escaped(head) for head in heads + why])
    rows = _rows(gift, show)
    for start in range(0, rows.count() if show != "coming" else len(rows), AT_ONCE):
        for one in _lines(list(rows[start : start + AT_ONCE])):
            cells = [str(one.owner_id or ""), one.name, one.birthday.isoformat(), one.day.isoformat()]
            yield writer.writerow([escaped(cell) for cell in [*cells, *([one.why] if why else [])]])


class _Echo:
    """A file that hands back each line written to it."""

    def write(self, text: str) -> str:
        return text
