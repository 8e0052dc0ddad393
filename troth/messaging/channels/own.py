"""Channels within this installation: the inbox of our own app or portal, and a person with a script."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.customers.models import ConsentChannel
from troth.kit import rows
from troth.kit.clock import utc_now
from troth.staff import queries as staff
from troth.worklist import services as worklist

from ..models import InboxMessage
from .protocol import Handover, HandoverState, Health, Outgoing, Setting
from .setups import values_of

_INBOX_COLUMNS = ("id", "owner_id", "contact_id", "language", "subject", "text", "html", "created_at")


class Inbox:
    """A message in the customer's inbox; the portal and the company's app show it."""

    code = "inbox"
    label = gettext_lazy("Inbox in our app")
    consent = ConsentChannel.ANY.value
    identity = ""
    body = "text"
    is_outward = False
    settings: tuple[Setting, ...] = ()

    def deliver(self, batch: Sequence[Outgoing]) -> list[Handover]:
        """Put them in; one that is there already is not put in twice."""
        with transaction.atomic():
            return self._put_in(batch, customers.hold_for_words(_people(batch)))

    def _put_in(self, batch: Sequence[Outgoing], gone: frozenset[UUID]) -> list[Handover]:
        now, faults = staff.moment(utc_now()), {one.contact_id: _fault(one, gone) for one in batch}
        written = [
            (
                rows.new_id_text(),
                one.customer_id,
                one.contact_id,
                one.language,
                one.subject[:300],
                one.text,
                one.html,
                now,
            )
            for one in batch
            if not faults[one.contact_id]
        ]
        rows.insert_missing(InboxMessage, _INBOX_COLUMNS, written)
        return [
            Handover(one.contact_id, HandoverState.FAILED, reason=faults[one.contact_id])
            if faults[one.contact_id]
            else Handover(one.contact_id, HandoverState.SENT, str(one.contact_id))
            for one in batch
        ]

    def check(self) -> Health:
        """It always could."""
        return Health(True, "")


class Person:
    """A task for a member of staff, with the text as the script: a call, a visit, a handwritten card."""

    code = "person"
    label = gettext_lazy("A person")
    consent = ConsentChannel.PHONE.value
    identity = ""
    body = "script"
    is_outward = False
    settings = (Setting("team", gettext_lazy("Team that gets the tasks"), hint=gettext_lazy("Code of a team.")),)

    def deliver(self, batch: Sequence[Outgoing]) -> list[Handover]:
        """Make a task each; the contact's key keeps it from being made twice."""
        team = str(values_of(self.code).get("team") or "")
        with transaction.atomic():
            gone = customers.hold_for_words(_people(batch))
            lasting = [one for one in batch if one.customer_id not in gone]
            drafts = [_draft(one, team) for one in lasting]
            made = worklist.create_tasks(drafts, actor=system_actor("messaging"), now=staff.moment(utc_now()))
        tasks = {one.contact_id: str(task_id) for one, task_id in zip(lasting, made, strict=True)}
        return [
            Handover(one.contact_id, HandoverState.SENT, tasks[one.contact_id])
            if one.contact_id in tasks
            else Handover(one.contact_id, HandoverState.FAILED, reason="erased")
            for one in batch
        ]

    def check(self) -> Health:
        """It always could."""
        return Health(True, "")


def _people(batch: Sequence[Outgoing]) -> set[UUID]:
    """Return whom the messages are for: held while they are put down, nobody is erased between decision and word."""
    return {one.customer_id for one in batch if one.customer_id is not None}


def _fault(one: Outgoing, gone: frozenset[UUID]) -> str:
    """Return why a message cannot be put into an inbox, "" where it can."""
    if one.customer_id is None:
        return "no_customer"
    return "erased" if one.customer_id in gone else ""


def _draft(one: Outgoing, team: str) -> worklist.TaskDraft:
    return worklist.TaskDraft(
        key=f"message:{one.key}",
        kind="call",
        title=one.subject or one.text.strip().split("\n")[0][:120],
        customer_id=one.customer_id,
        team=team,
        facts={**one.facts, "script": one.text},
        source=f"message:{one.contact_id}",
    )
