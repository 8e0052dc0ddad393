"""Journeys with their versions, who goes through them, what each step did, and rehearsals."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.json_text import JsonTextField
from troth.kit.languages import in_language
from troth.kit.money import MoneyField
from troth.kit.tables import TableKind, classify


class JourneyState(models.TextChoices):
    """Whether a journey takes people in and moves them on."""

    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")


class Journey(models.Model):
    """A journey under a code, meaning what its versions say; the draft is the next one.

    A draft is text as people write it (YAML or JSON) and may be wrong; a published one is right.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh state draft_text draft_saved_at draft_saved_by revision version_number"
        " published_at open_since_at paused_at stopped_at last_swept_date created_at created_by updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=JourneyState.choices, default=JourneyState.DRAFT)
    draft_text = models.TextField(blank=True)
    draft_saved_at = models.DateTimeField(null=True)
    draft_saved_by = models.CharField(max_length=80, blank=True)
    revision = models.PositiveIntegerField(default=1)
    version_number = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True)  # the latest version
    open_since_at = models.DateTimeField(null=True)  # events recorded earlier let nobody in
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    last_swept_date = models.DateField(null=True)  # up to which day entries by date were looked for
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)

    @property
    def has_draft(self) -> bool:
        """Tell whether a next version is in the making."""
        return self.draft_saved_at is not None


class JourneyVersion(models.Model):
    """A published document. Never changed: people finish the version they began."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id journey number text document note published_at published_by")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    document = models.JSONField()
    note = models.CharField(_("what changed and why"), max_length=200, blank=True)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "number"], name="journey_version_once")]

    def __str__(self) -> str:
        return f"{self.journey_id} v{self.number}"


class JourneyCursor(models.Model):
    """How far the event log was read. One row, locked by whoever reads on."""

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(business="id name last_event_id read_at")

    name = models.CharField(max_length=40, unique=True)
    last_event_id = models.UUIDField()
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.last_event_id}"


class RunState(models.TextChoices):
    """Where a person is in a journey."""

    ACTIVE = "active", pgettext_lazy("journey", "On the way")
    FINISHED = "finished", _("Finished")
    EXITED = "exited", _("Left by an exit")
    STOPPED = "stopped", _("Stopped")
    STUCK = "stuck", _("Stuck")


class JourneyRun(models.Model):
    """One person's way through one version of a journey.

    entry_key: what sets this run apart from the person's others (the order, the birthday, a number); at most one run
    ever has it. lane: within which only one may be under way: the key where each occasion has its own run, else "".
    due_at: when it goes on; null only where nothing but an event moves it, or where it is over.
    awaits_event, awaits_value: the event that wakes it, and what its key field must hold ("" for anything).
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id journey version state entry_key lane entry_event_id step awaits_event awaits_value"
        " woken_event_id due_at step_at entered_at moved_at ended_at end_reason goal_at failures error updated_at",
        personal="facts",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(JourneyVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.ACTIVE)
    entry_key = models.CharField(max_length=120, blank=True)
    lane = models.CharField(max_length=120, blank=True)
    entry_event_id = models.UUIDField(null=True)
    facts = JsonTextField(default=dict)
    step = models.CharField(max_length=40, blank=True)
    awaits_event = models.CharField(max_length=80, blank=True)
    awaits_value = models.CharField(max_length=120, blank=True)
    woken_event_id = models.UUIDField(null=True)
    due_at = models.DateTimeField(null=True)
    step_at = models.DateTimeField()  # since when at this step
    entered_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True)  # when last put on another version
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=60, blank=True)
    goal_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "journey", "entry_key"], name="journey_run_once"),
            models.UniqueConstraint(
                fields=["owner_id", "journey", "lane"],
                condition=Q(state__in=["active", "stuck"]),
                name="journey_run_alone",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="active"), name="journey_run_due"),
            models.Index(fields=["journey", "state", "step"], name="journey_run_step"),
            models.Index(
                fields=["awaits_event", "owner_id"],
                condition=Q(state="active") & ~Q(awaits_event=""),
                name="journey_run_awaits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.owner_id} {self.entry_key}"


class JourneyVisit(models.Model):
    """A step that a run has left, once for each; what it did stands in the same transaction.

    outcome: the code of the way taken or of what came of the act; detail: ids and codes, such as the contact's.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id run_id journey version step arrived_at left_at outcome detail")

    owner_id = models.UUIDField()
    run_id = models.UUIDField()
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(JourneyVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    step = models.CharField(max_length=40)
    arrived_at = models.DateTimeField()
    left_at = models.DateTimeField()
    outcome = models.CharField(max_length=60)
    detail = JsonTextField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "run_id", "step"], name="journey_visit_once")]
        indexes = [models.Index(fields=["journey", "step", "-left_at"], name="journey_visit_newest")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.step} {self.outcome}"


class JourneyTally(models.Model):
    """How many left a step with an outcome; entries and ends are counted under steps of their own.

    Kept in slices, so that workers need not wait for each other.
    """

    kind: ClassVar = TableKind.COUNTER
    data_map: ClassVar = classify(business="id version step outcome slice_number count")

    version = models.ForeignKey(JourneyVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    step = models.CharField(max_length=40)
    outcome = models.CharField(max_length=60)
    slice_number = models.PositiveSmallIntegerField()
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "step", "outcome", "slice_number"], name="journey_tally_once")
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.step} {self.outcome} {self.count}"


class RehearsalState(models.TextChoices):
    """How far a rehearsal is."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    FAILED = "failed", _("Failed")


class JourneyRehearsal(models.Model):
    """A document replayed over past events. result: totals by step, gate, channel and cost, as `rehearsal` says."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id journey text since_at until_at prices state result error job_id created_at created_by finished_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="rehearsals")
    text = models.TextField()
    since_at = models.DateTimeField()
    until_at = models.DateTimeField()
    prices = models.JSONField(default=dict)  # of one message by channel, as text
    state = models.CharField(max_length=10, choices=RehearsalState.choices, default=RehearsalState.WAITING)
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)
    job_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["journey", "-created_at"], name="journey_rehearsal_newest")]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.created_at:%Y-%m-%d %H:%M}"


class RehearsedAct(models.Model):
    """What somebody would have got: step, moment, and the gate that would have stopped it; "" where none."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id rehearsal step act happened_at outcome channel gate detail")

    owner_id = models.UUIDField()
    rehearsal = models.ForeignKey(JourneyRehearsal, on_delete=models.CASCADE, related_name="+", db_index=False)
    step = models.CharField(max_length=40)
    act = models.CharField(max_length=20)
    happened_at = models.DateTimeField()
    outcome = models.CharField(max_length=20)
    channel = models.CharField(max_length=20, blank=True)
    gate = models.CharField(max_length=40, blank=True)
    detail = JsonTextField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["rehearsal", "step", "id"], name="rehearsed_act_step")]

    def __str__(self) -> str:
        return f"{self.rehearsal_id} {self.owner_id} {self.step}"


class JourneyTrial(models.Model):
    """What a journey's random splits brought: measured anew, it takes the place of what was measured before.

    result: by split what each group did after it, as `trials` says; cost: of one person with the offer.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id journey days cost currency as_of_date result job_id asked_at asked_by measured_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    journey = models.OneToOneField(Journey, on_delete=models.CASCADE, related_name="trial")
    days = models.PositiveSmallIntegerField(default=30)  # after the split that count
    cost = MoneyField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    as_of_date = models.DateField(null=True)
    result = models.JSONField(default=dict)
    job_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)
    measured_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.journey_id} {self.as_of_date}"
