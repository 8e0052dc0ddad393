"""What a new installation needs before the overview has anything to show, each step with where it is done."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from troth.access import queries as access
from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.activity import queries as activity
from troth.customers import queries as customers
from troth.kit.regions import country_name
from troth.messaging.channels import setups
from troth.staff import queries as staff

from .words import Remark

DONE = "circle-check"


def first_steps(actor: Actor) -> list[Remark]:
    """Return the steps that this person may take, in their order; what is done says so."""
    found = []
    if actor.may(Permission.SETTINGS_EDIT):
        found.append(_company())
    if actor.may(Permission.IMPORTS_RUN):
        found += [_customers(), _orders()]
    if actor.may(Permission.MESSAGES_EDIT):
        found.append(_channel())
    if actor.may(Permission.STAFF_EDIT):
        found.append(_colleagues())
    return found


def _company() -> Remark:
    company = staff.company()
    text = _("%(company)s counts in %(currency)s by the days of %(zone)s (%(country)s), and writes %(language)s.") % {
        "company": company.name,
        "currency": company.currency,
        "zone": company.time_zone,
        "country": country_name(company.country),
        "language": dict(settings.LANGUAGES)[company.language],
    }
    return Remark(text, reverse("settings:company"), _("Change it if it is wrong"), "building-store", "info")


def _customers() -> Remark:
    url = reverse("imports:index")
    if customers.customers_matching(customers.CustomerFilter()).exists():
        return Remark(_("Customers are here."), url, _("Import more"), DONE, "good")
    return Remark(_("Import your customers first, from Excel or CSV."), url, _("Import customers"), "users")


def _orders() -> Remark:
    url = reverse("imports:index")
    if activity.orders().exists():
        return Remark(_("Orders are here."), url, _("Import more"), DONE, "good")
    return Remark(_("Then their orders: they show who is loyal."), url, _("Import orders"), "shopping-cart")


def _channel() -> Remark:
    url = reverse("texts:channels")
    if any(one.is_enabled and one.channel.is_outward for one in setups.set_up_channels()):
        return Remark(_("A channel to your customers is in use."), url, _("Channels"), DONE, "good")
    return Remark(_("Messages need a channel; most begin with e-mail."), url, _("Set up a channel"), "send")


def _colleagues() -> Remark:
    url = reverse("staff:invite")
    if access.users().filter(is_active=True).count() > 1:
        return Remark(_("Colleagues may sign in."), url, _("Invite somebody"), DONE, "good")
    text = _("You are alone here. Programmes need a second person, who reviews them.")
    return Remark(text, url, _("Invite somebody"), "user-plus")
