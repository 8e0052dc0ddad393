"""An invitation to a training: what it is, and a seat to take or to give up. A GET changes nothing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from troth.access.actors import Actor
from troth.care.models import SeatState, SessionState
from troth.care.training import queries, services
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.portal.guarding import FormRefusedError
from troth.portal.pages import language_of, page, public
from troth.staff import queries as staff

_ACTS = {"take": services.register, "give_up": services.give_up}


@csrf_exempt  # the signed link is the proof, and browsers inside chat apps refuse cookies
@require_http_methods(["GET", "HEAD", "POST"])
@public
def session(request: HttpRequest, token: str) -> HttpResponse:
    """Show the session and the customer's seat; take it or give it up."""
    now = staff.moment(utc_now())
    invited = queries.opened_by(token, now=now)
    customer = customers.customer(invited.customer_id)
    problem: TrothError | None = None
    if request.method == "POST":
        try:
            act = _ACTS.get(request.POST.get("act", ""))
            if act is None:
                raise FormRefusedError(_("Choose one of the two."), field="act")
            act(invited.session_id, customer.id, actor=Actor("member", str(customer.id), "portal"), now=now)
        except TrothError as refusal:
            problem = refusal
    found = queries.session(invited.session_id)
    seat = queries.seat_of(invited.session_id, customer.id)
    is_chinese = language_of(request, customer.language).startswith("zh")
    state = seat.state if seat else ""
    context: dict[str, Any] = {
        "session": found,
        "zone": staff.company().time_zone,
        "name": (found.course.name_zh if is_chinese else "") or found.course.name,
        "about": (found.course.description_zh if is_chinese else "") or found.course.description,
        "is_open": found.state == SessionState.OPEN and found.starts_at > now,
        "has_seat": state == SeatState.TAKEN,
        "is_waiting": state == SeatState.WAITING,
        "place": seat.place if seat else 0,
        "free": queries.free_seats(found.id),
        "problem": problem,
    }
    status = problem.status if problem else 200
    return page(request, "portal/training/session.html", context, language=customer.language, status=status)
