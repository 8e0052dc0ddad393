"""Logins: who may sign in, as what, and the table of what each role allows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access import links
from troth.access import queries as access
from troth.access.models import User
from troth.access.permissions import ROLE_PERMISSIONS, Permission, Role
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import accounts

from .forms import InviteForm, RoleForm
from .tabs import tabs

INVITATION_DAYS = 7


@require_safe
@requires(Permission.STAFF_VIEW)
def users(request: ConsoleRequest) -> HttpResponse:
    """Show everybody who may sign in."""
    return render(request, "console/staff/users.html", _context(request, "users", users=access.users()))


@require_http_methods(["GET", "POST"])
@requires(Permission.STAFF_EDIT)
def invite(request: ConsoleRequest) -> HttpResponse:
    """Make a login and show the link by which its owner comes in the first time."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user = _try(
            form,
            lambda: accounts.add_user(
                email=data["email"],
                name=data["name"],
                role=Role(data["role"]),
                actor=request.actor,
                now=utc_now(),
            ),
        )
        if user is not None:
            return _with_link(request, user)
    return render(request, "console/staff/invite.html", _context(request, "users", form=form))


@require_http_methods(["GET", "POST"])
@requires(Permission.STAFF_VIEW)
def user(request: ConsoleRequest, user_id: UUID) -> HttpResponse:
    """Show one login; give it another role."""
    found = access.user(user_id)
    form = RoleForm(request.POST or None, initial={"role": found.role})
    if request.method == "POST" and request.actor.may(Permission.STAFF_EDIT) and form.is_valid():
        role = Role(form.cleaned_data["role"])
        changed = _try(
            form, lambda: accounts.change_role(user_id=user_id, role=role, actor=request.actor, now=utc_now())
        )
        if changed is not None:
            messages.success(request, _("%(name)s is now: %(role)s.") % {"name": changed, "role": role.label})
            return redirect("staff:user", user_id)
    keys = access.working_keys_of(found, utc_now())
    return render(request, "console/staff/user.html", _context(request, "users", shown=found, form=form, keys=keys))


@require_POST
@requires(Permission.STAFF_EDIT)
def new_link(request: ConsoleRequest, user_id: UUID) -> HttpResponse:
    """Make a new login link for somebody who lost the first one or the password."""
    return _with_link(request, access.user(user_id))


@require_POST
@requires(Permission.STAFF_EDIT)
def deactivate(request: ConsoleRequest, user_id: UUID) -> HttpResponse:
    """Shut somebody out."""
    shut = accounts.deactivate_user(user_id=user_id, actor=request.actor, now=utc_now())
    messages.success(request, _("%(name)s can no longer sign in.") % {"name": shut})
    return redirect("staff:user", user_id)


@require_POST
@requires(Permission.STAFF_EDIT)
def reactivate(request: ConsoleRequest, user_id: UUID) -> HttpResponse:
    """Let somebody in again."""
    opened = accounts.reactivate_user(user_id=user_id, actor=request.actor, now=utc_now())
    messages.success(request, _("%(name)s can sign in again.") % {"name": opened})
    return redirect("staff:user", user_id)


@require_safe
@requires(Permission.STAFF_VIEW)
def roles(request: ConsoleRequest) -> HttpResponse:
    """Show which role holds which permission."""
    matrix = [(permission, [permission in ROLE_PERMISSIONS[role] for role in Role]) for permission in Permission]
    return render(request, "console/staff/roles.html", _context(request, "roles", roles=list(Role), matrix=matrix))


def _with_link(request: ConsoleRequest, user: User) -> HttpResponse:
    """The link is shown, never stored or logged; a sign-in or a new password makes it worthless."""
    token = links.make_login_link(user, now=utc_now(), lifetime=timedelta(days=INVITATION_DAYS))
    link = request.build_absolute_uri(reverse("accounts:welcome", args=[token]))
    context = _context(request, "users", shown=user, link=link, days=INVITATION_DAYS)
    response = render(request, "console/staff/link.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _try(form: InviteForm | RoleForm, act: Callable[[], User]) -> User | None:
    """Do the act; a refusal becomes an error of the field it names."""
    try:
        return act()
    except TrothError as refusal:
        field = refusal.fields.get("field")
        form.add_error(field if field in form.fields else None, str(refusal))
        return None


def _context(request: ConsoleRequest, active: str, **more: Any) -> dict[str, Any]:
    return {"tabs": tabs(active), "may_edit": request.actor.may(Permission.STAFF_EDIT), **more}
