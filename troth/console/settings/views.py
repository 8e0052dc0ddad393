"""The company's settings."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console import navigation
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.messaging import brand
from troth.staff import queries as staff
from troth.staff import services

from .forms import CompanyForm


@require_safe
@requires()
def first(request: ConsoleRequest) -> HttpResponse:
    """Lead to the first page of the settings that the person may open."""
    items = navigation.items_for(request.actor)
    url = next((item.url for item in items if item.pillar is navigation.Pillar.SETTINGS), None)
    if url is None:
        raise PermissionDenied(_("Your role opens none of the settings. An administrator can change your role."))
    return redirect(url)


@require_http_methods(["GET", "POST"])
@requires(Permission.SETTINGS_EDIT)
def company(request: ConsoleRequest) -> HttpResponse:
    """Show and change what the company is called and how it counts."""
    form = CompanyForm(request.POST or None, request.FILES or None, company=staff.company())
    if request.method == "POST" and form.is_valid() and _save(request, form):
        messages.success(request, _("The settings are saved."))
        return redirect("settings:company")
    return render(request, "console/settings/company.html", {"form": form})


def _save(request: ConsoleRequest, form: CompanyForm) -> bool:
    try:
        with transaction.atomic():
            services.change_company(actor=request.actor, now=utc_now(), **form.company_fields())
            look = {"color": form.cleaned_data["color"], "logo": form.logo_content()}
            brand.change_brand(actor=request.actor, now=utc_now(), **look)
    except TrothError as refusal:
        field = refusal.fields.get("field")
        form.add_error(field if field in form.fields else None, str(refusal))
        return False
    return True
