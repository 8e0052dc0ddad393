"""Who may open a view: signed in, and with the permissions it names."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from troth.access.actors import Actor
from troth.access.models import User
from troth.access.permissions import Permission

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class ConsoleRequest(HttpRequest):
    """A request of a signed-in person; `actor` is who to name in writes."""

    user: User
    actor: Actor
    htmx: HtmxDetails


ConsoleView = Callable[Concatenate[ConsoleRequest, P], R]
PlainView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def requires(*permissions: Permission) -> Callable[[ConsoleView[P, R]], PlainView[P]]:
    """Let only people in who are signed in and hold all the permissions; others sign in or see a page that
    names what is missing.
    """

    def decorate(view: ConsoleView[P, R]) -> PlainView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not isinstance(request.user, User):
                return _send_to_login(request)
            actor = request.user.actor
            missing = [permission for permission in permissions if not actor.may(permission)]
            if missing:
                raise PermissionDenied(_missing_text(missing))
            console_request: Any = request
            console_request.actor = actor
            return view(console_request, *args, **kwargs)

        cast(Any, guarded).permissions = permissions  # a test reads them of every address
        return cast(PlainView[P], guarded)

    return decorate


def _send_to_login(request: HttpRequest) -> HttpResponseBase:
    """An htmx request would swap the sign-in page into a corner of the screen, so the browser is sent there
    instead.
    """
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("account_login")})
    return redirect_to_login(request.get_full_path(), reverse("account_login"))


def _missing_text(missing: list[Permission]) -> str:
    names = ", ".join(f"“{permission.label}”" for permission in missing)
    return _("Your role does not hold the permission %(names)s. An administrator can change your role.") % {
        "names": names
    }
