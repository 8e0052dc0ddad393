"""A task: one piece of work for a person, and every act with it."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify

COMPANY_OWNER = UUID(int=0)
"""Owner of tasks that concern no single customer, as in the event log."""


class TaskState(models.TextChoices):
    """Where a task stands."""

    OPEN = "open", pgettext_lazy("task", "Open")
    DONE = "done", pgettext_lazy("task", "Done")
    CANCELLED = "cancelled", pgettext_lazy("task", "Cancelled")


class Effect(models.TextChoices):
    """What an outcome does with its task."""

    DONE = "done", _("The task is done, and it went well")
    FAILED = "failed", _("The task is done, and it came to nothing")
    AGAIN = "again", _("The task stays, to be tried again later")


class Task(models.Model):
    """One piece of work. Whoever takes it is its `assignee`; without one it waits for anybody of its team.

    task_kind, script: codes; priority: 0 to 100, the higher the more urgent; facts: what the one who made it knows, for
    the call script; source: "journey:<id>", "case:<id>"; due_at: by when; hidden_until: put off till then;
    remind_at: when the assignee is reminded; attempts: how often it was tried; script_version: what was read at last.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id key task_kind team assignee state priority due_at hidden_until remind_at script"
        " script_version source attempts outcome taken_at completed_at completed_by created_at created_by"
        " updated_at revision",
        personal="title facts answers note",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField(default=COMPANY_OWNER)
    key = models.CharField(max_length=160)
    task_kind = models.CharField(max_length=40)
    title = models.CharField(_("title"), max_length=200)
    team = models.ForeignKey("worklist.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    assignee = models.ForeignKey(
        "staff.StaffMember", on_delete=models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    state = models.CharField(max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    priority = models.PositiveSmallIntegerField(_("priority"), default=50)
    due_at = models.DateTimeField(null=True)
    hidden_until = models.DateTimeField(null=True)
    remind_at = models.DateTimeField(null=True)
    script = models.CharField(max_length=40, blank=True)
    script_version = models.PositiveIntegerField(null=True)
    facts = models.JSONField(default=dict)
    source = models.CharField(max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=40, blank=True)
    answers = models.JSONField(default=dict)
    note = models.CharField(max_length=2000, blank=True)
    taken_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    completed_by = models.UUIDField(null=True)  # the member of staff who did it
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "key"], name="task_once"),
            models.CheckConstraint(condition=Q(priority__lte=100), name="task_priority_to_100"),
        ]
        indexes = [
            models.Index(fields=["owner_id", "-created_at"], name="task_owner"),
            models.Index(fields=["assignee", "state", "-priority", "due_at"], name="task_assignee"),
            models.Index(fields=["team", "state", "-priority", "due_at"], name="task_team"),
            models.Index(fields=["state", "-priority", "due_at"], name="task_urgency"),
            models.Index(fields=["source", "state"], name="task_source"),
            models.Index(fields=["completed_by", "completed_at"], name="task_done_by"),
            models.Index(fields=["completed_at"], name="task_done", condition=Q(completed_at__isnull=False)),
            models.Index(fields=["remind_at"], name="task_remind", condition=Q(remind_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def customer_id(self) -> UUID | None:
        """Return the customer, or None for a task that concerns nobody in particular."""
        return None if self.owner_id == COMPANY_OWNER else self.owner_id


class ActKind(models.TextChoices):
    """What was done with a task."""

    CREATED = "created", pgettext_lazy("task act", "Made")
    TAKEN = "taken", pgettext_lazy("task act", "Taken")
    RELEASED = "released", pgettext_lazy("task act", "Given back")
    ASSIGNED = "assigned", pgettext_lazy("task act", "Assigned")
    SNOOZED = "snoozed", pgettext_lazy("task act", "Put off")
    REMINDED = "reminded", pgettext_lazy("task act", "Reminder set")
    ATTEMPTED = "attempted", pgettext_lazy("task act", "Tried")
    COMPLETED = "completed", pgettext_lazy("task act", "Done")
    CANCELLED = "cancelled", pgettext_lazy("task act", "Cancelled")
    REOPENED = "reopened", pgettext_lazy("task act", "Opened again")
    COMMENTED = "commented", pgettext_lazy("task act", "Note")


class TaskAct(models.Model):
    """One act with a task, never changed: its history, and what results per person are counted from.

    member_id: the member of staff who did it, or to whom it was assigned; outcome: code; data: codes and moments.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id task_id act member_id task_kind outcome effect data actor occurred_at",
        personal="note",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField(default=COMPANY_OWNER)
    task_id = models.UUIDField()
    act = models.CharField(max_length=10, choices=ActKind.choices)
    member_id = models.UUIDField(null=True)
    task_kind = models.CharField(max_length=40)
    outcome = models.CharField(max_length=40, blank=True)
    effect = models.CharField(max_length=10, choices=Effect.choices, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    data = models.JSONField(default=dict)
    actor = models.CharField(max_length=80)
    occurred_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["task_id", "occurred_at"], name="task_act_task"),
            models.Index(fields=["act", "occurred_at", "member_id"], name="task_act_results"),
            models.Index(fields=["owner_id"], name="task_act_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.task_id}"
