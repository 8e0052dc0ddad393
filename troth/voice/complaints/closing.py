"""The end of a case: the customer's word, the cause, closing, opening again, merging what is the same."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers.visible import visible

from ..models import OPEN_STATES, Case, CaseState, EntryKind, Word
from . import clocks, telling
from .errors import CaseRefusedError, CaseStateError, WordRefusedError
from .finding import hold_speaker, locked, require_state, save
from .handling import cause_for, open_again
from .policies import policy_of
from .record import add_entry, note_act, tell

MOST_WORDS = 2_000


@transaction.atomic
def say_word(
    *, actor: Actor, now: datetime, case_id: UUID, is_satisfied: bool, text: str = "", round_no: int | None = None
) -> Case:
    """Keep what the customer says of how the complaint was handled: by link, or told to somebody.

    Satisfied, with a known cause, closes the case; not satisfied opens it again unless the decision was final.
    round_no: of the question that is answered, None for the present one.

    Raises:
        CaseNotFoundError: no such case.
        WordRefusedError: nobody asked, or the question is answered.
        CaseRefusedError: the text is too long.
        CustomerErasedError: there are words, and the data of whose case it is were erased.
    """
    if text:
        hold_speaker(case_id)
    case = locked(case_id)
    if len(text) > MOST_WORDS:
        message = _("Write at most %(limit)d characters.") % {"limit": MOST_WORDS}
        raise CaseRefusedError(message, field="text", limit=MOST_WORDS)
    is_asked = case.state == CaseState.RESOLVED and case.word == Word.ASKED
    if not is_asked or round_no not in {None, case.round_no}:
        raise WordRefusedError(_("This question is answered already, or does not stand any more."), state=case.state)
    case.word, case.word_at = (Word.SATISFIED if is_satisfied else Word.DISSATISFIED), now
    add_entry(case, EntryKind.IN, actor=actor, now=now, text=visible(text), act="word", data={"word": case.word})
    if not is_satisfied and not case.is_final:
        return _reopen_dissatisfied(case, actor, now)
    save(case)
    return _close(case, actor, now) if case.cause_id else case


@transaction.atomic
def close_case(*, actor: Actor, now: datetime, case_id: UUID, cause: str = "", revision: int | None = None) -> Case:
    """Close a decided case: with its cause, and with the customer's word or after waiting for it long enough.

    cause: code, "" where it is known already.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`.
        CaseRefusedError: the cause is missing, or the customer's word, and it is too early to go without.
        CategoryRefusedError: no such cause in use.
    """
    case = locked(case_id, revision)
    require_state(case, CaseState.RESOLVED)
    if cause:
        case.cause = cause_for(cause)
    if case.cause_id is None:
        raise CaseRefusedError(_("Say why it went wrong before you close the case."), field="cause")
    if case.word == Word.ASKED:
        until = word_until(case)
        if case.customer_id is not None and now < until:
            text = _("The customer was asked and may answer until %(day)s. Ask on the phone and note the word.")
            raise CaseRefusedError(text % {"day": until.date().isoformat()}, field="word", until=until.isoformat())
        case.word, case.word_at = Word.SILENT, now
    return _close(case, actor, now)


@transaction.atomic
def reopen_case(*, actor: Actor, now: datetime, case_id: UUID, note: str, revision: int | None = None) -> Case:
    """Open a decided or closed case again. note: why, for colleagues.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`.
        CaseRefusedError: no reason given.
    """
    case = locked(case_id, revision)
    require_state(case, CaseState.RESOLVED, CaseState.CLOSED, CaseState.REJECTED)
    if not visible(note):
        raise CaseRefusedError(_("Write why it is opened again."), field="note")
    add_entry(case, EntryKind.NOTE, actor=actor, now=now, text=visible(note)[:MOST_WORDS])
    return open_again(case, "staff", actor=actor, now=now)


@transaction.atomic
def merge_cases(*, actor: Actor, now: datetime, case_id: UUID, into_id: UUID) -> Case:
    """Make a case a part of another one that is about the same; what was said and given stays with each.

    Raises:
        CaseNotFoundError: no such case.
        CaseStateError: one of them is settled or merged already.
        CaseRefusedError: they are of two customers, or are one case.
    """
    if case_id == into_id:
        raise CaseRefusedError(_("A case cannot be merged with itself."), field="into")
    found = {one: locked(one) for one in sorted((case_id, into_id))}
    case, into = found[case_id], found[into_id]
    require_state(case, *OPEN_STATES)
    require_state(into, *OPEN_STATES, CaseState.CLOSED)
    if not _same_customer(case, into):
        text = _("The cases are of two customers. Merge the customers first if they are one.")
        raise CaseRefusedError(text, field="into", value=into.number)
    clocks.void(case)
    note_act(case, "merged", actor=actor, now=now, into=into.number)
    note_act(into, "took_in", actor=actor, now=now, number=case.number)
    tell(case, "merged", actor=actor, now=now)
    telling.drop_tasks(case, actor=actor, now=now)
    Case.objects.filter(merged_into_id=case.id).update(merged_into_id=into.id)
    whose = into.customer_id or case.customer_id
    save(case, state=CaseState.MERGED, merged_into_id=into.id, pause_at=None, customer_id=whose)
    Case.objects.filter(merged_into_id=into.id, customer_id=None).update(customer_id=whose)
    return save(into, customer_id=whose)


def word_until(case: Case) -> datetime:
    """Return until when the customer's word is waited for."""
    assert case.asked_at is not None, "asked with the decision"
    return case.asked_at + timedelta(days=policy_of(case.policy).word_days)


def close_silent(case_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Close a case whose customer did not answer in time, if its cause is known; tell whether it was closed."""
    with transaction.atomic():
        case = locked(case_id)
        if case.state != CaseState.RESOLVED or case.word != Word.ASKED or now < word_until(case):
            return False
        case.word, case.word_at = Word.SILENT, now
        if case.cause_id is None:
            save(case)
            return False
        _close(case, actor, now)
    return True


def _close(case: Case, actor: Actor, now: datetime) -> Case:
    if case.word not in {Word.SATISFIED, Word.DISSATISFIED, Word.SILENT}:
        raise CaseStateError(_("The customer's word is missing."), state=case.state)
    note_act(case, "closed", actor=actor, now=now, word=case.word)
    tell(case, "closed", actor=actor, now=now)
    telling.drop_tasks(case, actor=actor, now=now)
    return save(case, state=CaseState.CLOSED, closed_at=now)


def _reopen_dissatisfied(case: Case, actor: Actor, now: datetime) -> Case:
    note_act(case, "word", actor=actor, now=now, word=case.word)
    return open_again(case, "dissatisfied", actor=actor, now=now)


def _same_customer(case: Case, into: Case) -> bool:
    if case.customer_id is None or into.customer_id is None:
        return True
    canonical = customers.canonical_ids([case.customer_id, into.customer_id])
    return canonical.get(case.customer_id) == canonical.get(into.customer_id)
