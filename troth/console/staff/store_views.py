"""Places that sell."""

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

from .forms import StoreForm
from .tabs import tabs


@require_safe
@requires(Permission.STAFF_VIEW)
def stores(request: ConsoleRequest) -> HttpResponse:
    """Show the stores."""
    context = {
        "tabs": tabs("stores"),
        "may_edit": request.actor.may(Permission.STAFF_EDIT),
        "stores": staff.stores_with_people(),
    }
    return render(request, "console/staff/stores.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.STAFF_EDIT)
def edit(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Add a store, or change one."""
    store = staff.store(code) if code else None
    form = StoreForm(request.POST or None, store=store)
    if request.method == "POST" and form.is_valid() and _save(request, form):
        messages.success(request, _("Saved: %(name)s") % {"name": form.cleaned_data["name"]})
        return redirect("staff:stores")
    return render(request, "console/staff/store.html", {"tabs": tabs("stores"), "form": form, "store": store})


def _save(request: ConsoleRequest, form: StoreForm) -> bool:
    try:
        services.save_store(actor=request.actor, now=utc_now(), **form.cleaned_data)
    except TrothError as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
