"""While a complaint is open, promotion to the customer is silent; what is sent as a service passes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.customers.models import ConsentPurpose
from troth.messaging.services import Candidate, Gate, Result, Verdict

from ..models import OPEN_STATES, Case

CODE = "open_complaint"
MUTED = frozenset({ConsentPurpose.MARKETING.value, "survey"})
"""Nobody asks a customer who waits for an answer how likely they are to recommend us."""


def judge(contacts: Sequence[Candidate], now: datetime) -> list[Verdict]:
    """Return a verdict for each: stop with the case's number where promotion would meet an open complaint."""
    records = {record for one in contacts if one.intent.purpose in MUTED for record in one.records}
    found = Case.objects.filter(customer_id__among=list(records), state__in=OPEN_STATES) if records else ()
    numbers = {case.customer_id: case.number for case in found}
    return [_verdict(one, numbers) for one in contacts]


def _verdict(contact: Candidate, numbers: Mapping[UUID | None, str]) -> Verdict:
    if contact.intent.purpose in MUTED:
        number = next((numbers[record] for record in contact.records if record in numbers), None)
        if number is not None:
            return Verdict(CODE, Result.STOP, {"case": number})
    return Verdict(CODE, Result.PASS)


def explain(verdict: Verdict) -> str:
    """Return the verdict as a sentence."""
    if verdict.result is Result.PASS:
        return gettext("No complaint is open that promotion or a survey would meet.")
    return gettext("Complaint %(case)s is open: promotion and surveys keep silent until it is settled.") % {
        "case": verdict.values.get("case", "")
    }


GATE = Gate(CODE, _("Open complaint"), 110, judge, explain)
