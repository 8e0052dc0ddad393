"""`createuser`."""

import getpass
import sys
from dataclasses import dataclass

import typer
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from troth.access import links
from troth.access.actors import Actor, system_actor
from troth.access.models import User
from troth.access.permissions import Role
from troth.cli.exits import Exit
from troth.kit import clock
from troth.kit.regions import country_name
from troth.staff import accounts
from troth.staff import queries as staff
from troth.staff import services as staff_services

_CHINESE = "zh-hans"


@dataclass(frozen=True)
class FirstCompany:
    """The company as the first login of an installation sets it up."""

    name: str
    currency: str
    time_zone: str
    country: str
    language: str


def createuser(email: str, name: str, role: str, first: FirstCompany, *, from_stdin: bool, by_link: bool) -> int:
    """Give somebody a login, and the installation its company if it has none."""
    company_name = _wanted_company(first)
    if company_name is None:
        return Exit.USAGE
    password = None if by_link else _password(from_stdin)
    if password is None and not by_link:
        return Exit.FAILED
    actor, now = system_actor("createuser"), clock.utc_now()
    with transaction.atomic():
        if company_name:
            _set_up(first, company_name, actor)
        user = accounts.add_user(
            email=email, name=name, role=Role(role), password=password, language="", actor=actor, now=now
        )
    typer.echo(_("%(email)s may sign in as %(role)s.") % {"email": user.email, "role": Role(role).label})
    if company_name:
        _print_company()
    if by_link:
        _print_link(user)
    return Exit.DONE


def _wanted_company(first: FirstCompany) -> str | None:
    """Return the name of the company to set up: empty if there is one, None if nobody says."""
    if staff.company_or_none() is not None:
        return ""
    if first.name:
        return first.name
    if sys.stdin.isatty():
        return input(_("Name of the company: ")).strip() or None
    typer.echo(_("troth: this installation has no company yet; name it with --company."), err=True)
    return None


def _set_up(first: FirstCompany, name: str, actor: Actor) -> None:
    staff_services.set_up_company(
        actor=actor,
        now=clock.utc_now(),
        name=name,
        currency=first.currency,
        time_zone=first.time_zone,
        country=first.country,
        language=first.language or (_CHINESE if first.country == "CN" else get_language() or "en"),
    )


def _print_company() -> None:
    """Say how the company counts: what nobody named was assumed."""
    company = staff.company()
    values = {
        "company": company.name,
        "currency": company.currency,
        "zone": company.time_zone,
        "country": country_name(company.country),
        "language": dict(settings.LANGUAGES)[company.language],
    }
    typer.echo(_("%(company)s: %(currency)s, %(zone)s, %(country)s, writes to customers in %(language)s.") % values)
    typer.echo(_("Settings, Company changes it; do it before the first import."))


def _password(from_stdin: bool) -> str | None:
    """Return the password, from standard input or asked for twice; None, having said why, without."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        typer.echo(_("troth: nobody to ask for a password; use --password-stdin or --link."), err=True)
        return None
    password = getpass.getpass(_("Password: "))
    if getpass.getpass(_("Once more: ")) != password:
        typer.echo(_("troth: the two differ; nothing was done."), err=True)
        return None
    return password


def _print_link(user: User) -> None:
    minutes = int(links.LIFETIME.total_seconds() // 60)
    path = reverse("accounts:welcome", args=[links.make_login_link(user, now=clock.utc_now())])
    message = _("This address signs the person in once, within %(minutes)d minutes; put your server before it:")
    typer.echo(message % {"minutes": minutes})
    typer.echo(path)
