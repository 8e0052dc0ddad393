"""The demo company and its administrator."""

import secrets
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from troth.access import links
from troth.access import queries as access
from troth.access.actors import Actor
from troth.access.models import User
from troth.access.permissions import Role
from troth.demo import files, source
from troth.demo.errors import NotADemoError
from troth.staff import accounts
from troth.staff import queries as staff
from troth.staff import services as staff_services
from troth.staff.models import Company

EMAIL = "demo@example.com"


@transaction.atomic
def set_up(*, actor: Actor, now: datetime, language: str | None, as_of: date | None) -> Company:
    """Make the demo company with its stores, or change the day and language of the one that is there.

    Raises:
        NotADemoError: the database holds a real company.
        DemoDataMissingError: the package with the data is not installed.
    """
    company = staff.company_or_none()
    if company is None:
        language = language or translation.get_language() or "en"
        with translation.override(language):
            return _found(actor, now, language, as_of or files.day_after_last_order())
    if not company.is_demo:
        raise NotADemoError(company.name)
    changes = {"language": language, "as_of_date": as_of}
    return staff_services.change_company(
        actor=actor, now=now, **{name: value for name, value in changes.items() if value is not None}
    )


def _found(actor: Actor, now: datetime, language: str, as_of: date) -> Company:
    company = staff_services.set_up_company(
        actor=actor,
        now=now,
        name=_("Complete Journey Grocers (demo)"),
        currency="USD",
        time_zone=source.ZONE,
        country="US",
        language=language,
        as_of_date=as_of,
        is_demo=True,
    )
    for number in files.stores():
        name = _("Store %(number)s") % {"number": number}
        staff_services.save_store(actor=actor, now=now, code=number, name=name)
    return company


def administrator(*, actor: Actor, now: datetime, language: str) -> tuple[User, str | None]:
    """Return the demo's administrator, and the password if the login was made now: it is kept nowhere."""
    user = access.user_by_email(EMAIL)
    if user is not None:
        return user, None
    password = secrets.token_urlsafe(9)
    user = accounts.add_user(
        email=EMAIL,
        role=Role.ADMIN,
        name=_("Demo administrator"),
        password=password,
        language=language,
        actor=actor,
        now=now,
    )
    return user, password


def login_path(user: User, *, now: datetime) -> str:
    """Return the path of an address that signs the user in once."""
    return reverse("accounts:welcome", args=[links.make_login_link(user, now=now)])
