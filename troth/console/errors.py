"""Error pages in the console's look, and the page of a refusal."""

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from troth.kit.errors import InvalidError, TrothError


class BeyondError(InvalidError):
    """A day past the end of the calendar, a number or a sign that no column holds: nothing that can be meant."""

    code = "beyond"

    def __init__(self) -> None:
        super().__init__(
            _("A day, a number or a sign in it is beyond what can be kept. Choose another; nothing changed.")
        )


def is_beyond(error: BaseException) -> bool:
    """Tell whether Python or the database could not hold a value at all."""
    return isinstance(error, OverflowError | DataError)


def refusal_page(request: HttpRequest, error: TrothError) -> HttpResponse:
    """Return a page that says what was refused, with the error's own status."""
    return _page(request, error.status, _("This cannot be done"), str(error))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page of a request that makes no sense."""
    return _page(
        request,
        400,
        _("That request makes no sense to us"),
        _("Go back and try again from the page you came from."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page of a missing permission; the text of the refusal names it."""
    text = str(exception) or _("An administrator can give you the permission.")
    return _page(request, 403, _("You may not open this"), text)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page of a form that was open too long or came from elsewhere."""
    return _page(request, 403, _("This form is out of date"), _("Go back, reload the page and send the form again."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page of an address that leads nowhere."""
    return _page(request, 404, _("There is nothing here"), _("The address may be mistyped, or what it named is gone."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page of our own failure; it needs no database and no session."""
    return HttpResponse(render_to_string("500.html"), status=500)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    template = "portal/refused.html" if request.path.startswith("/p/") else "console/error.html"
    return render(request, template, {"status": status, "title": title, "text": text}, status=status)
