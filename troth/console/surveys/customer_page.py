"""The voice tab of a customer, and a card with what was said last."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.customers.page import CustomerCard, CustomerTab, register
from troth.console.customers.profile import Profile
from troth.console.guard import ConsoleRequest
from troth.value.voice.bands import ScoreKind
from troth.voice.surveys import queries

from .frame import tone_of


def card(request: ConsoleRequest, shown: Profile) -> Mapping[str, Any] | None:
    """Return what the customer said last; None of whom nothing is known."""
    standing = queries.standing(shown.customer.id)
    if standing is None or standing.answered_at is None:
        return None
    scores = [
        ("NPS", standing.nps_score, 10, standing.nps_at, tone_of(ScoreKind.NPS, standing.nps_score)),
        ("CSAT", standing.csat_score, 5, standing.csat_at, tone_of(ScoreKind.CSAT, standing.csat_score)),
        ("CES", standing.ces_score, 7, standing.ces_at, tone_of(ScoreKind.CES, standing.ces_score)),
    ]
    return {"standing": standing, "scores": [one for one in scores if one[1] is not None]}


register(
    CustomerTab("voice", _("Voice"), "surveys:customer", Permission.SURVEYS_VIEW, 50),
    CustomerCard("console/surveys/customer_card.html", Permission.SURVEYS_VIEW, card, 60),
)
