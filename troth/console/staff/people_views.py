"""People who work here, with or without a login."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.staff import services

from .forms import PersonForm
from .tabs import tabs


@require_safe
@requires(Permission.STAFF_VIEW)
def people(request: ConsoleRequest) -> HttpResponse:
    """Show everybody who works or worked here."""
    rows = staff.people().select_related("store", "user")
    context = {"tabs": tabs("people"), "may_edit": request.actor.may(Permission.STAFF_EDIT), "people": rows}
    return render(request, "console/staff/people.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.STAFF_EDIT)
def edit(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Add a member of staff, or change one."""
    person = staff.member(code) if code else None
    form = PersonForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid() and _save(request, form):
        messages.success(request, _("Saved: %(name)s") % {"name": form.cleaned_data["name"]})
        return redirect("staff:people")
    return render(request, "console/staff/person.html", {"tabs": tabs("people"), "form": form, "person": person})


def _save(request: ConsoleRequest, form: PersonForm) -> bool:
    data = dict(form.cleaned_data)
    login = data.pop("user")
    try:
        services.save_member(actor=request.actor, now=utc_now(), user_id=login.id if login else None, **data)
    except TrothError as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
