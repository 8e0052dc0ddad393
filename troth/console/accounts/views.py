"""The one-time link, and the address by which one signs in."""

from allauth.account import app_settings as allauth_settings
from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from troth.access import links
from troth.access.errors import LinkRefusedError
from troth.access.models import User
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now


@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for one press, so that a mail scanner that opens the link uses nothing up, then let its person in.

    Whoever comes with a used or forged link is told so at once, and led to sign in.
    """
    try:
        if request.method == "POST":
            return _signed_in(request, links.redeem_login_link(token, now=utc_now()))
        links.check_login_link(token, now=utc_now())
        response = render(request, "console/accounts/welcome.html", {"token": token})
    except LinkRefusedError as error:
        response = render(request, "console/accounts/link_refused.html", {"error": error}, status=error.status)
    add_never_cache_headers(response)
    return response


@require_safe
@requires()
def email(request: ConsoleRequest, key: str = "") -> HttpResponse:
    """Say by which address one signs in and who changes it: whoever invites decides, not the person alone."""
    return render(request, "console/accounts/email.html")


def _signed_in(request: HttpRequest, user: User) -> HttpResponse:
    """Go on as after a right password: whoever set up a second step is asked for it here too.

    Who has no password yet is led to set one: the link will not work again.
    """
    next_page = "console:start" if user.has_usable_password() else "account_set_password"
    response: HttpResponse = perform_login(
        request,
        user,
        email_verification=allauth_settings.EmailVerificationMethod.NONE,
        redirect_url=reverse(next_page),
    )
    return response
