"""Points given by one member to another, or to the household's pool."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.customers import page
from troth.console.customers.people import Faces
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.customers.models import Customer
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.ledger import queries as ledger
from troth.ledger import services
from troth.ledger.models import TransferRule
from troth.ledger.operations import Outcome, Owner, Reason, Transfer

from .forms import AmountForm
from .purse import currency_name
from .said import uuid_of

P = Permission
HITS = 8
POOL = "pool"


@require_http_methods(["GET", "POST"])
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW, P.POINTS_SPEND)
def give(request: ConsoleRequest, customer_id: UUID, code: str) -> HttpResponse:
    """Choose who gets how much, then give it under the currency's rule; the points keep their end."""
    shown = page.profile_of(request, customer_id)
    currency, now = ledger.currency(code), utc_now()
    if currency.transfer_rule == TransferRule.NONE:
        raise Http404(_("Points of this currency cannot be given."))
    home = customers.household_of(shown.customer.id)
    query = request.GET.get("q", "").strip()[:100].replace("\0", "")
    hits = _found(request, query, shown.customer.id) if currency.transfer_rule == TransferRule.ANYONE else []
    form = AmountForm(request.POST or None, currency=currency)
    to = request.POST.get("to", "")
    context = page.context_of(request, shown, "points") | {
        "currency": currency,
        "name": currency_name(currency),
        "balance": ledger.balances([shown.customer.id], code, now=now)[shown.customer.id],
        "hits": hits,
        "q": query,
        "home": home,
        "is_for_anyone": currency.transfer_rule == TransferRule.ANYONE,
        "form": form,
        "to": to or (POOL if home and not hits else ""),
        "key": request.POST.get("key", "")[:100] or f"console:{new_id()}",
    }
    if request.method == "POST" and form.is_valid():
        receiver = _receiver(to, home.household.id if home else None)
        if receiver is None:
            return render(request, "console/points/give.html", context | {"error": _("Say who gets them.")}, status=422)
        operation = Transfer(
            key=str(context["key"]),
            owner=Owner("customer", shown.customer.id),
            currency=code,
            occurred_at=now,
            reason=Reason("gift"),
            to=receiver,
            amount=form.units(),
        )
        (posted,) = services.post([operation], actor=request.actor, now=now)
        error: TrothError | None = posted.error
        if error is None:
            if posted.outcome is Outcome.REPEATED:
                messages.info(request, _("That was done already."))
            else:
                messages.success(request, _("%(amount)s given.") % {"amount": formats.units(posted.amount, currency)})
            return redirect(reverse("points:customer", args=[shown.customer.id], query={"currency": code}))
        return render(request, "console/points/give.html", context | {"error": error}, status=error.status)
    return render(request, "console/points/give.html", context, status=422 if form.errors else 200)


def _found(request: ConsoleRequest, query: str, giver_id: UUID) -> list[tuple[Customer, str, str]]:
    found = customers.find(query, limit=HITS, sees_personal=request.actor.may(P.CUSTOMERS_VIEW_PERSONAL))
    others = [one for one in found if one.id != giver_id]
    faces = Faces(request.actor, [one.id for one in others])
    return [(one, faces.name(one), faces.contact(one)) for one in others]


def _receiver(to: str, household_id: UUID | None) -> Owner | None:
    if to == POOL:
        return Owner("household", household_id) if household_id else None
    found = uuid_of(to)
    return Owner("customer", found) if found is not None and customers.records([found]) else None
