"""Words that claim to be the customer's: kept as unproven, and nothing moves before a person has judged them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.staff import queries as staff
from troth.worklist import services as worklist
from troth.worklist.errors import TaskRefusedError
from troth.worklist.services import TaskDraft

from ..models import Case, CaseEntry, CaseState, Channel, EntryKind
from .errors import CaseRefusedError
from .finding import hold_speaker, locked, save
from .handling import checked_text, move_by_customer
from .record import UNPROVEN, add_entry, note_act
from .telling import source_of

MOST_TEXT = 20_000
OURS, FOREIGN = "words_confirmed", "words_denied"
PRIORITY = 70


@transaction.atomic
def keep_unproven(*, actor: Actor, now: datetime, case_id: UUID, text: str) -> Case:
    """Keep words of an e-mail whose sender nothing proves, and have somebody look; the case stays as it is.

    Raises:
        CaseNotFoundError: no such case.
        CaseRefusedError: the text is empty or too long.
        CustomerErasedError: the data of whose case it is were erased.
    """
    hold_speaker(case_id)
    case = locked(case_id)
    is_first = not unproven_words_of(case)
    data = {"channel": Channel.EMAIL.value, "sender": UNPROVEN}
    kept = checked_text(text, most=MOST_TEXT)
    entry = add_entry(case, EntryKind.IN, actor=actor, now=now, text=kept, act="said", data=data)
    if is_first:  # one task for all that wait: a flood of letters makes no flood of tasks
        _make_task(case, entry, actor, now)
    return save(case)


@transaction.atomic
def judge_words(*, actor: Actor, now: datetime, case_id: UUID, entry_id: UUID, is_customer: bool) -> Case:
    """Say whether unproven words are the customer's: then the case moves as if they had been said on the phone.

    Raises:
        CaseNotFoundError: no such case.
        CaseRefusedError: no such words wait to be judged.
    """
    case = locked(case_id)
    if entry_id not in {one.id for one in unproven_words_of(case)}:
        raise CaseRefusedError(_("These words do not wait to be looked at any more."), field="entry")
    note_act(case, OURS if is_customer else FOREIGN, actor=actor, now=now, entry=str(entry_id))
    return move_by_customer(case, actor=actor, now=now) if is_customer else save(case)


def unproven_words_of(case: Case) -> list[CaseEntry]:
    """Return such words in a case and in those that were merged into it."""
    return unproven_words([case.id, *Case.objects.filter(merged_into_id=case.id).values_list("id", flat=True)])


def is_sender_unproven(case: Case) -> bool:
    """Tell whether a case was opened by an e-mail or form of which nothing proves whose it is."""
    opened = CaseEntry.objects.filter(case_id=case.id, act="opened").order_by("created_at", "id").first()
    return opened is not None and opened.data.get("sender") == UNPROVEN


def unproven_words(case_ids: Sequence[UUID]) -> list[CaseEntry]:
    """Return words in cases that nobody has judged yet, the oldest first."""
    lines = CaseEntry.objects.filter(case_id__in=case_ids, act__in=("said", OURS, FOREIGN)).order_by("created_at", "id")
    found: dict[str, CaseEntry] = {}
    for line in lines:
        if line.act != "said":
            found.pop(line.data.get("entry", ""), None)
        elif line.data.get("sender") == UNPROVEN:
            found[str(line.id)] = line
    return list(found.values())


def _make_task(case: Case, entry: CaseEntry, actor: Actor, now: datetime) -> None:
    company = staff.company_or_none()
    with translation.override(company.language if company else "en"):
        title = _("Complaint %(number)s: look whether an e-mail is the customer's") % {"number": case.number}
    draft = TaskDraft(
        key=f"case:{case.id}:unproven:{entry.id}",
        kind="case",
        title=title,
        customer_id=case.customer_id,
        team=case.team,
        assignee_id=case.assignee_id if case.state != CaseState.CLOSED else None,
        due_at=None,
        facts={"case": case.number, "severity": case.severity, "category": case.category.code},
        source=source_of(case.id),
        priority=PRIORITY,
    )
    try:
        worklist.create_tasks([draft], actor=actor, now=now)
    except TaskRefusedError:  # team or colleague are not there any more: better everybody's task than nobody's
        worklist.create_tasks([replace(draft, team="", assignee_id=None)], actor=actor, now=now)
