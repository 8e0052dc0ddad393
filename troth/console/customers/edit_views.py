"""Adding and changing a customer, and the small acts of the data tab."""

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from troth.access.permissions import Permission
from troth.activity import services as activity
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.customers import services
from troth.customers.errors import CustomerNotFoundError, IdentityTakenError
from troth.customers.models import Customer
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.messaging import services as messaging

from . import forms

P = Permission


@require_http_methods(["GET", "POST"])
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EDIT)
def add(request: ConsoleRequest) -> HttpResponse:
    """Add a customer."""
    form = forms.CustomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = [
            services.NewIdentity(kind, form.cleaned_data[kind]) for kind in form.IDENTITIES if form.cleaned_data[kind]
        ]
        try:
            made = services.create_customer(
                actor=request.actor,
                now=utc_now(),
                identities=given,
                source="console",
                **form.customer_fields(),
            )
        except TrothError as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("The customer was added."))
            return redirect("customers:customer", made.id)
    return render(request, "console/customers/edit.html", {"form": form})


@require_http_methods(["GET", "POST"])
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_VIEW_PERSONAL, P.CUSTOMERS_EDIT)
def edit(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Change a customer; a change that somebody else made meanwhile is not overwritten."""
    found = _known(customer_id)
    form = forms.CustomerForm(request.POST or None, customer=found)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_customer(
                actor=request.actor,
                now=utc_now(),
                customer_id=found.id,
                expected_revision=_revision(request),
                **form.customer_fields(),
            )
        except TrothError as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("The changes were saved."))
            return redirect("customers:customer", found.id)
    return render(request, "console/customers/edit.html", {"form": form, "customer": found})


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EDIT)
def add_identity(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Let the customer be recognised by one more thing."""
    _known(customer_id)
    form = forms.IdentityForm(request.POST)
    if form.is_valid():
        services.add_identity(actor=request.actor, now=utc_now(), customer_id=customer_id, **form.cleaned_data)
        messages.success(request, _("Added."))
    return _back(request, form, customer_id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EDIT)
def remove_identity(request: ConsoleRequest, customer_id: UUID, identity_id: int) -> HttpResponse:
    """Stop recognising the customer by it."""
    services.remove_identity(actor=request.actor, now=utc_now(), customer_id=customer_id, identity_id=identity_id)
    messages.success(request, _("Removed."))
    return redirect("customers:data", customer_id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EDIT)
def record_consent(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Record an act of consent."""
    _known(customer_id)
    form = forms.ConsentForm(request.POST)
    if form.is_valid():
        given = dict(form.cleaned_data)
        if (said := given.pop("is_given")) == forms.CONFIRM:
            _ask_to_confirm(request, customer_id, given)
        else:
            by: dict[str, Any] = {"actor": request.actor, "now": utc_now()}
            services.record_consent(customer_id=customer_id, is_given=said == "1", **given, **by)
            messages.success(request, _("Recorded."))
    return _back(request, form, customer_id)


def _ask_to_confirm(request: ConsoleRequest, customer_id: UUID, given: dict[str, Any]) -> None:
    asked = {name: given[name] for name in ("purpose", "channel", "source")}
    done = messaging.ask_to_confirm(customer_id=customer_id, **asked, actor=request.actor, now=utc_now())
    if done.request is None:
        messages.error(request, _("It could not be sent; the customer's messages say why."))
    elif not done.is_new:
        messages.error(request, _("The customer was asked within a day already; nothing more is sent."))
    else:
        messages.success(request, _("The customer is asked; it counts once the button behind the link is pressed."))


@require_POST
@requires(P.CUSTOMERS_VIEW, P.ORDERS_VIEW, P.ORDERS_RECORD)
def cancel_cost(request: ConsoleRequest, customer_id: UUID, cost_id: UUID) -> HttpResponse:
    """Cancel a cost to serve by a counter entry."""
    reason = request.POST.get("reason", "")
    activity.cancel_cost(cost_id=cost_id, reason=reason, actor=request.actor, now=utc_now())
    messages.success(request, _("The cost is cancelled and counts no more from the next analysis on."))
    return redirect("customers:orders", customer_id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_VIEW_PERSONAL, P.CUSTOMERS_EDIT)
def set_attributes(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Set the attributes of the form."""
    _known(customer_id)
    form = forms.AttributesForm(request.POST, customer_id=customer_id)
    if form.is_valid():
        services.set_attributes(actor=request.actor, now=utc_now(), customer_id=customer_id, values=form.cleaned_data)
        messages.success(request, _("The changes were saved."))
    return _back(request, form, customer_id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EDIT)
def add_tag(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Put a tag on the customer."""
    services.add_tag(actor=request.actor, now=utc_now(), customer_id=customer_id, name=request.POST.get("tag", ""))
    return redirect("customers:data", customer_id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EDIT)
def remove_tag(request: ConsoleRequest, customer_id: UUID, tag_id: int) -> HttpResponse:
    """Take a tag off the customer."""
    services.remove_tag(actor=request.actor, now=utc_now(), customer_id=customer_id, tag_id=tag_id)
    return redirect("customers:data", customer_id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_VIEW_PERSONAL, P.CUSTOMERS_EXPORT)
def hand_out(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Hand out everything kept of one customer, for the customer, as a JSON file."""
    sections = services.export_customer(actor=request.actor, now=utc_now(), customer_id=customer_id)
    response = JsonResponse(sections, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="customer-{customer_id}.json"'
    return response


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_VIEW_PERSONAL, P.CUSTOMERS_EDIT, P.CUSTOMERS_MERGE)
def erase(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Erase the personal data of a customer for good."""
    services.erase_customer(actor=request.actor, now=utc_now(), customer_id=customer_id)
    messages.success(request, _("The personal data were erased. Orders and totals stay, without a name."))
    return redirect("customers:customer", customer_id)


def _known(customer_id: UUID) -> Customer:
    """Return the customer, or answer that there is none, whatever the form holds."""
    try:
        return customers.customer(customer_id)
    except CustomerNotFoundError as missing:
        raise Http404(str(missing)) from missing


def _refuse(form: django_forms.Form, refusal: TrothError) -> None:
    """Show a refusal at the field it is about; a taken phone leads to the customer who holds it."""
    field = str(refusal.fields.get("field", ""))
    message: Any = str(refusal)
    if isinstance(refusal, IdentityTakenError) and (holder := refusal.fields.get("customer")):
        url = reverse("customers:customer", args=[holder])
        message = format_html('{} <a href="{}">{}</a>', message, url, _("Open that customer"))
    form.add_error(field if field in form.fields else None, message)


def _back(request: ConsoleRequest, form: django_forms.Form, customer_id: UUID) -> HttpResponse:
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        messages.error(request, f"{label}: {errors[0]}" if label else str(errors[0]))
    return redirect("customers:data", customer_id)


def _revision(request: ConsoleRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
