"""What orders brought their customers, and rehearsals of programmes over the past."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.json_text import JsonTextField
from troth.kit.tables import TableKind, classify


class Cause(models.TextChoices):
    """Why an order was evaluated."""

    ORDER = "order", pgettext_lazy("cause", "Order")
    CORRECTION = "correction", _("Order changed")
    RETURN = "return", pgettext_lazy("cause", "Return")


class OrderEvaluation(models.Model):
    """What an order brings under one programme, as it stands after its `step`. Never changed.

    Step 1 is the order as it came; each correction and return adds a step, evaluated under the same version and with
    the same state. state: the member as it was before the order, on step 1 only. awards, outcomes, figures: the
    evaluation, see `programs.outcomes`; figures hold what tiers, counters and budgets count, and what was answered
    beside it, see `repeating`. postings: what this step moved, see `postings.Posting`. source_id: the return, else
    the order.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id order_id programme step cause source_id version_id occurred_at recorded_at state awards"
        " outcomes figures postings"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    order_id = models.UUIDField()
    programme = models.CharField(max_length=64)  # its code
    step = models.PositiveIntegerField()
    cause = models.CharField(max_length=10, choices=Cause.choices)
    source_id = models.UUIDField()
    version_id = models.UUIDField()
    occurred_at = models.DateTimeField()  # of the order
    recorded_at = models.DateTimeField()
    state = JsonTextField(null=True)
    awards = JsonTextField()
    outcomes = JsonTextField()
    figures = JsonTextField()
    postings = JsonTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_id", "programme", "step", "owner_id"], name="order_evaluation_once")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.programme} {self.step}"


class EventEvaluation(models.Model):
    """What an event of the log brought under one programme: a sign-up, a check-in. Never changed.

    Stored also where it brought nothing: so it is judged once.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id event_id happening programme version_id occurred_at recorded_at awards outcomes figures"
        " postings"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    event_id = models.UUIDField()
    happening = models.CharField(max_length=80)
    programme = models.CharField(max_length=64)
    version_id = models.UUIDField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    awards = models.JSONField()
    outcomes = models.JSONField()
    figures = models.JSONField()
    postings = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "programme", "owner_id"], name="event_evaluation_once")
        ]

    def __str__(self) -> str:
        return f"{self.happening} {self.programme}"


class EventCursor(models.Model):
    """Up to when the event log was looked through for what may earn."""

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(business="id name recorded_at updated_at")

    name = models.CharField(max_length=40, unique=True)
    recorded_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class RehearsalState(models.TextChoices):
    """How far a rehearsal is."""

    QUEUED = "queued", pgettext_lazy("rehearsal", "Waiting")
    RUNNING = "running", pgettext_lazy("rehearsal", "Running")
    DONE = "done", pgettext_lazy("rehearsal", "Done")
    CANCELLED = "cancelled", pgettext_lazy("rehearsal", "Cancelled")
    FAILED = "failed", pgettext_lazy("rehearsal", "Failed")


class RehearsalOccasion(models.TextChoices):
    """On which occasion a rehearsal was begun that nobody gave a name; "" stands for none of them."""

    PUBLISHING = "publishing", _("Before it is published")
    AWARDING = "awarding", _("Before awarding past orders")


class HistoryAwardState(models.TextChoices):
    """How far awarding the past is."""

    ASKED = "asked", pgettext_lazy("award of the past", "Waiting for approval")
    QUEUED = "queued", pgettext_lazy("award of the past", "Approved")
    RUNNING = "running", pgettext_lazy("award of the past", "Running")
    DONE = "done", pgettext_lazy("award of the past", "Done")
    DECLINED = "declined", pgettext_lazy("award of the past", "Declined")
    CANCELLED = "cancelled", pgettext_lazy("award of the past", "Cancelled")
    FAILED = "failed", pgettext_lazy("award of the past", "Failed")


class HistoryAward(models.Model):
    """Orders of some days that were recorded as history and shall earn: who asked, who approved, what came of it.

    from_date, to_date: days, both included; total: orders that were history when it was asked for; points: by currency;
    refused: orders that stay history, and returns that could not be unwound, the first of them in `refusals` with id,
    code and message; unjudged: orders made when no programme was in force.
    """

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(
        business="id from_date to_date state total orders points coupons returns refused refusals unjudged seconds"
        " job_id error asked_at asked_by decided_at decided_by finished_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    from_date = models.DateField()
    to_date = models.DateField()
    state = models.CharField(max_length=10, choices=HistoryAwardState.choices, default=HistoryAwardState.ASKED)
    total = models.PositiveIntegerField()
    orders = models.PositiveIntegerField(default=0)
    points = models.JSONField(default=dict)
    coupons = models.PositiveIntegerField(default=0)
    returns = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list)
    unjudged = models.PositiveIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0)
    job_id = models.UUIDField(null=True)
    error = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="history_award_newest")]

    def __str__(self) -> str:
        return f"{self.from_date}–{self.to_date}"


class Rehearsal(models.Model):
    """A draft replayed over the company's own past, beside the version in force; nothing of it touches the ledger.

    draft_text: the document as it was; from_date, to_date: days, both included; result: see `rehearsing.result`.
    """

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(
        business="id name occasion programme draft_text compared_version_id from_date to_date state job_id orders lines"
        " seconds result error created_at created_by finished_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=120, blank=True)
    occasion = models.CharField(max_length=10, choices=RehearsalOccasion.choices, blank=True)
    programme = models.CharField(max_length=64)
    draft_text = models.TextField()
    compared_version_id = models.UUIDField(null=True)
    from_date = models.DateField()
    to_date = models.DateField()
    state = models.CharField(max_length=10, choices=RehearsalState.choices, default=RehearsalState.QUEUED)
    job_id = models.UUIDField(null=True)
    orders = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="rehearsal_newest")]

    def __str__(self) -> str:
        return self.title or f"{self.programme} {self.from_date}–{self.to_date}"

    @property
    def title(self) -> str:
        """Return its name, or its occasion in the reader's language, "" where it has neither."""
        return self.name or self.get_occasion_display()
