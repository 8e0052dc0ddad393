"""Who wants no decision by machine alone (GDPR 22, PIPL 24) gets no offers that a program chose; staff may send."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.customers import queries as customers
from troth.customers.models import ConsentChannel, ConsentPurpose

from .gates import Gate
from .intents import Candidate, Result, Verdict

CODE = "automation"
CHOSEN_BY_PROGRAM = frozenset({"journey", "api", "model"})
"""How the sources of such messages begin, with what stands behind a colon or without."""
KEY = (ConsentPurpose.AUTOMATED.value, ConsentChannel.ANY.value)


def judge(contacts: Sequence[Candidate], now: datetime) -> list[Verdict]:
    """Stop offers that no person chose, where the customer objected. Service and survey messages pass."""
    asked = {one.owner_id for one in contacts if _is_automatic(one)}
    people = customers.contactables(asked, purposes=[KEY[0]], kinds=[]) if asked else {}
    objecting = {owner for owner, one in people.items() if KEY in one.consents and not one.consents[KEY].is_given}
    return [
        Verdict(CODE, Result.STOP if _is_automatic(one) and one.owner_id in objecting else Result.PASS)
        for one in contacts
    ]


def explain(verdict: Verdict) -> str:
    """Return the verdict as a sentence."""
    if verdict.result is Result.STOP:
        return _("The customer wants no decisions by machine alone; a program chose this offer.")
    return _("The customer did not object to decisions by machine.")


def _is_automatic(one: Candidate) -> bool:
    is_offer = one.intent.purpose == ConsentPurpose.MARKETING.value
    return is_offer and one.intent.source.partition(":")[0] in CHOSEN_BY_PROGRAM


GATE = Gate(CODE, gettext_lazy("No decision by machine alone"), 105, judge, explain)
