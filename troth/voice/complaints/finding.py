"""Finding a case and locking it for a change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from troth.customers import services as customers

from ..models import Case, CaseNumber, CaseState
from .errors import CaseChangedError, CaseNotFoundError, CaseStateError


def locked(case_id: UUID, expected_revision: int | None = None) -> Case:
    """Return the case, locked until the transaction ends.

    Raises:
        CaseNotFoundError: no such case.
        CaseChangedError: it has another revision than the caller saw.
    """
    found = Case.objects.select_for_update(of=("self",)).select_related("category", "policy", "calendar", "store")
    case = found.filter(id=case_id).first()
    if case is None:
        raise CaseNotFoundError(str(case_id))
    if expected_revision is not None and case.revision != expected_revision:
        raise CaseChangedError(case.revision)
    return case


def hold_speaker(case_id: UUID) -> None:
    """Keep whose case it is from being erased until what they say is written. Before the case is locked, as others do.

    Raises:
        CustomerErasedError: their data were erased; no word is kept of them any more.
    """
    customer_id = Case.objects.filter(id=case_id).values_list("customer_id", flat=True).first()
    if customer_id is not None:
        customers.hold_customer(customer_id)


def require_state(case: Case, *states: CaseState) -> None:
    """Refuse what cannot be done where the case stands.

    Raises:
        CaseStateError: it stands elsewhere.
    """
    if case.state not in states:
        text = _("Case %(number)s is “%(state)s”; this can be done with: %(states)s.")
        values = {
            "number": case.number,
            "state": case.get_state_display(),
            "states": ", ".join(str(state.label) for state in states),
        }
        raise CaseStateError(text % values, state=case.state)


def save(case: Case, **changes: Any) -> Case:
    """Store changes of a locked case as its next revision."""
    for field, value in changes.items():
        setattr(case, field, value)
    case.revision += 1
    case.save()
    return case


def case_of_number(number: str) -> UUID | None:
    """Return the id of the case of a number, however its hyphen was typed; None if there is none."""
    digits = "".join(sign for sign in number if sign.isdigit())
    written = f"{digits[:4]}-{digits[4:]}"
    return CaseNumber.objects.filter(number=written).values_list("case_id", flat=True).first()


def final_case(case_id: UUID) -> UUID:
    """Return the case that a merged one went into, at whatever distance; itself where it is not merged."""
    seen = set()
    while case_id not in seen:
        seen.add(case_id)
        following = Case.objects.filter(id=case_id).values_list("merged_into_id", flat=True).first()
        if following is None:
            return case_id
        case_id = following
    return case_id


def moment_or(moment: datetime | None, fallback: datetime) -> datetime:
    """Return the earlier moment where there is one: what was done once stays."""
    return fallback if moment is None else moment
