"""What a remedy is, in words."""

from django.utils.translation import gettext as _

from troth.console import formats
from troth.ledger import queries as ledger
from troth.ledger.errors import CurrencyUnknownError
from troth.rewards import queries as rewards
from troth.rewards.errors import CampaignNotFoundError
from troth.voice.models import CaseRemedy, RemedyKind


def remedy_text(remedy: CaseRemedy) -> str:
    """Return what the customer gets: "500 points", "¥50.00 back", "Coupon: Sorry"."""
    if remedy.remedy_kind == RemedyKind.REFUND:
        return _("%(amount)s back") % {"amount": formats.money(remedy.amount, remedy.currency)}
    if remedy.remedy_kind == RemedyKind.COUPON:
        try:
            return _("Coupon: %(campaign)s") % {"campaign": rewards.campaign(remedy.campaign)}
        except CampaignNotFoundError:
            return _("Coupon: %(campaign)s") % {"campaign": remedy.campaign}
    try:
        currency = ledger.currency(remedy.point_currency)
    except CurrencyUnknownError:
        return f"{remedy.points} {remedy.point_currency}"
    return f"{formats.units(remedy.points, currency)} {currency}"
