"""The attributes that the company keeps of its customers beyond the fixed facts."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.customers import services
from troth.customers.models import AttributeDefinition
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError

from . import figure_attributes
from .attribute_forms import AttributeForm


@require_safe
@requires(Permission.CUSTOMERS_CONFIGURE)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the attributes, and those that figures would read if they were kept."""
    rows = customers.all_attribute_definitions()
    missing = figure_attributes.missing({row.code for row in rows})
    return render(request, "console/settings/attributes.html", {"rows": rows, "missing": missing})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CUSTOMERS_CONFIGURE)
def edit(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Define an attribute, or change the one of this code."""
    found = _definition(code) if code else None
    form = AttributeForm(request.POST or None, definition=found)
    if request.method == "POST" and form.is_valid() and _save(request, form, code):
        messages.success(request, _("The attribute is saved."))
        return redirect("settings:attributes")
    return render(request, "console/settings/attribute.html", {"form": form, "definition": found})


@require_POST
@requires(Permission.CUSTOMERS_CONFIGURE)
def add_ready_made(request: ConsoleRequest, code: str) -> HttpResponse:
    """Define an attribute that figures read, as it is delivered; one that is there stays as it is."""
    wanted = figure_attributes.fields_of(code)
    if wanted is None:
        raise Http404
    try:
        services.define_attribute(actor=request.actor, now=utc_now(), code=code, is_new=True, **wanted)
    except TrothError as refusal:
        messages.error(request, str(refusal))
    else:
        text = _("“%(label)s” can be filled in now: on a customer's page, by an import, or through the API.")
        messages.success(request, text % {"label": wanted["label"]})
    return redirect("settings:attributes")


def _definition(code: str) -> AttributeDefinition:
    for row in customers.all_attribute_definitions():
        if row.code == code:
            return row
    raise Http404


def _save(request: ConsoleRequest, form: AttributeForm, code: str) -> bool:
    fields: dict[str, Any] = form.fields_given()
    given = code or fields.pop("code")
    try:
        services.define_attribute(actor=request.actor, now=utc_now(), code=given, is_new=not code, **fields)
    except TrothError as refusal:
        field = refusal.fields.get("field")
        form.add_error(field if field in form.fields else None, str(refusal))
        return False
    return True
