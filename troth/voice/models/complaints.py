"""Complaints: one case each, with what was said, its clocks and pauses, photos and remedies."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.money import MoneyField
from troth.kit.tables import TableKind, classify

from .calendars import WorkCalendarVersion


class Channel(models.TextChoices):
    """By which way a complaint came in."""

    FORM = "form", _("Form")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    TILL = "till", _("Till")
    SOCIAL = "social", _("Social media")
    SURVEY = "survey", _("Low score in a survey")
    OTHER = "other", pgettext_lazy("complaint channel", "Another way")


class Severity(models.TextChoices):
    """How bad it is."""

    LOW = "low", pgettext_lazy("severity", "Low")
    MEDIUM = "medium", pgettext_lazy("severity", "Medium")
    HIGH = "high", pgettext_lazy("severity", "High")
    CRITICAL = "critical", pgettext_lazy("severity", "Critical")


class Wish(models.TextChoices):
    """The remedy that the customer seeks."""

    UNKNOWN = "", _("Not said")
    APOLOGY = "apology", _("An apology")
    EXPLANATION = "explanation", _("An explanation")
    REPLACEMENT = "replacement", _("Another piece or a repair")
    REFUND = "refund", _("Money back")
    COMPENSATION = "compensation", _("Compensation")
    CHANGE = "change", _("That it does not happen again")


class CaseState(models.TextChoices):
    """Where a complaint stands."""

    NEW = "new", pgettext_lazy("complaint", "New")
    WORKING = "working", _("In work")
    WAITING = "waiting", _("Waiting for the customer")
    RESOLVED = "resolved", _("Decided, awaiting the customer's word")
    CLOSED = "closed", pgettext_lazy("complaint", "Closed")
    MERGED = "merged", _("Merged into another case")
    REJECTED = "rejected", _("Not a complaint")


OPEN_STATES = (CaseState.NEW, CaseState.WORKING, CaseState.WAITING, CaseState.RESOLVED)
"""While a complaint stands here, promotion to the customer is silent."""


class Verdict(models.TextChoices):
    """What the company decided about a complaint."""

    UPHELD = "upheld", _("Justified")
    PARTLY = "partly", _("Partly justified")
    DECLINED = "declined", _("Not justified")


class Word(models.TextChoices):
    """What the customer says of how the complaint was handled."""

    UNASKED = "", _("Not asked yet")
    ASKED = "asked", _("Asked")
    SATISFIED = "satisfied", _("Satisfied")
    DISSATISFIED = "dissatisfied", _("Not satisfied")
    SILENT = "silent", _("No word")


class CaseCategory(models.Model):
    """What complaints are about: a tree. team: the code of the worklist's team that takes them first."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id code name name_zh parent severity team is_public is_active order")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.MEDIUM)
    team = models.CharField(max_length=60, blank=True)
    is_public = models.BooleanField(_("offered on the public form"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class RootCause(models.Model):
    """Why things went wrong; complaints are counted by it."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id code name name_zh is_active")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    def __str__(self) -> str:
        return self.name


class CasePolicyVersion(models.Model):
    """How complaints are handled: deadlines, assignment, escalation, limits. Never changed; see `policies`."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id number document created_at created_by")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return str(self.number)


class CaseNumber(models.Model):
    """By what people find a case: the number that the customer was told."""

    kind: ClassVar = TableKind.DIRECTORY
    data_map: ClassVar = classify(business="id number owner_id case_id")

    number = models.CharField(max_length=20, unique=True)
    owner_id = models.UUIDField()
    case_id = models.UUIDField()

    def __str__(self) -> str:
        return self.number


class CaseArrival(models.Model):
    """What came in under a name of its own (an e-mail's id, a caller's key): it makes or lengthens one case once."""

    kind: ClassVar = TableKind.DIRECTORY
    data_map: ClassVar = classify(business="id key owner_id case_id fingerprint")

    key = models.CharField(max_length=64, unique=True)
    owner_id = models.UUIDField()
    case_id = models.UUIDField()
    fingerprint = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.key


class Case(models.Model):
    """One complaint. owner_id: the customer, or the case itself where nobody knew who complained; it stays so.

    customer_id: who complains, as far as known now; assignee_id: a member of staff; team: a code of the worklist;
    round_no: how often it was opened; is_final: the decision stands even where the customer is not satisfied;
    pause_at: since when it waits for the customer; merged_into_id: another case.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id customer_id number channel source_ref language category severity is_safety wish "
        "order_ref store state verdict cause word round_no policy calendar team assignee_id merged_into_id revision "
        "is_final opened_at opened_by acknowledged_at assessed_at answered_at resolved_at asked_at word_at closed_at "
        "pause_at is_made_up",
        sensitive="subject text",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    customer_id = models.UUIDField(null=True)
    number = models.CharField(max_length=20)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    source_ref = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    category = models.ForeignKey(CaseCategory, on_delete=models.PROTECT, related_name="+")
    severity = models.CharField(max_length=8, choices=Severity.choices)
    is_safety = models.BooleanField(default=False)
    wish = models.CharField(max_length=12, choices=Wish.choices, blank=True)
    order_ref = models.CharField(max_length=80, blank=True)
    store = models.ForeignKey("staff.Store", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=CaseState.choices, default=CaseState.NEW)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    cause = models.ForeignKey(RootCause, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    word = models.CharField(max_length=12, choices=Word.choices, blank=True)
    round_no = models.PositiveSmallIntegerField(default=1)
    is_final = models.BooleanField(default=False)
    policy = models.ForeignKey(CasePolicyVersion, on_delete=models.PROTECT, related_name="+")
    calendar = models.ForeignKey(WorkCalendarVersion, on_delete=models.PROTECT, related_name="+")
    team = models.CharField(max_length=60, blank=True)
    assignee_id = models.UUIDField(null=True)
    merged_into_id = models.UUIDField(null=True)
    revision = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    acknowledged_at = models.DateTimeField(null=True)
    assessed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    word_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    pause_at = models.DateTimeField(null=True)
    is_made_up = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=CaseState.CLOSED) | Q(cause__isnull=False, closed_at__isnull=False),
                name="case_closed_with_cause",
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.WAITING, pause_at__isnull=False)
                | (~Q(state=CaseState.WAITING) & Q(pause_at__isnull=True)),
                name="case_pauses_while_waiting",
            ),
        ]
        indexes = [
            models.Index(fields=["customer_id", "state"], name="case_by_customer"),
            models.Index(fields=["state", "opened_at"], name="case_by_state"),
            models.Index(fields=["opened_at", "id"], name="case_by_opening"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether the matter is not settled yet."""
        return self.state in OPEN_STATES


class EntryKind(models.TextChoices):
    """What stands in a case's record."""

    NOTE = "note", _("Internal note")
    OUT = "out", _("To the customer")
    IN = "in", _("From the customer")
    ACT = "act", _("What was done")


class CaseEntry(models.Model):
    """A line of a case's record, never changed. act, data: code and values of what was done, without free text;

    contact_key: the key of the message that carried it out.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id case_id entry_kind act data contact_key created_at created_by", sensitive="text"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    case_id = models.UUIDField()
    entry_kind = models.CharField(max_length=4, choices=EntryKind.choices)
    act = models.CharField(max_length=30, blank=True)
    data = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    contact_key = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["case_id", "created_at"], name="case_entry_by_case")]

    def __str__(self) -> str:
        return f"{self.entry_kind} {self.act}"


class CasePhoto(models.Model):
    """A picture that came with a complaint. content_type: as its bytes say, not its name."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id case_id content_type size created_at", sensitive="content")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    case_id = models.UUIDField(db_index=True)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.content_type} {self.size}"


class ClockKind(models.TextChoices):
    """What has a deadline."""

    ACKNOWLEDGE = "acknowledge", _("Acknowledge")
    ANSWER = "answer", _("First answer")
    RESOLVE = "resolve", _("Resolution")


class ClockState(models.TextChoices):
    """How a clock stands."""

    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Stands still")
    STOPPED = "stopped", _("Done")
    VOID = "void", _("Not needed any more")


class CaseClock(models.Model):
    """One deadline of a case in one round. Seconds are working time.

    due_at: by when, None while paused; used_seconds: what it took, written once when the clock stops, so that no later
    change of hours or deadlines rewrites it; escalated_no: how many steps of escalation were taken.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id case_id clock_kind round_no clock_state target_seconds started_at due_at stopped_at "
        "used_seconds is_met escalated_no escalate_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    case_id = models.UUIDField(db_index=True)
    clock_kind = models.CharField(max_length=11, choices=ClockKind.choices)
    round_no = models.PositiveSmallIntegerField(default=1)
    clock_state = models.CharField(max_length=7, choices=ClockState.choices, default=ClockState.RUNNING)
    target_seconds = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    used_seconds = models.PositiveIntegerField(null=True)
    is_met = models.BooleanField(null=True)
    escalated_no = models.PositiveSmallIntegerField(default=0)
    escalate_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "case_id", "clock_kind", "round_no"], name="case_clock_once")
        ]
        indexes = [models.Index(fields=["escalate_at"], name="case_clock_by_escalation")]

    def __str__(self) -> str:
        return f"{self.clock_kind} {self.clock_state}"


class CasePause(models.Model):
    """A stretch in which a case waited for the customer; ended ones only."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id case_id started_at ended_at")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    case_id = models.UUIDField(db_index=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.started_at} {self.ended_at}"


class RemedyKind(models.TextChoices):
    """What a customer gets for what was not right."""

    POINTS = "points", _("Points")
    COUPON = "coupon", _("Coupon")
    REFUND = "refund", _("Refund, paid elsewhere")


class RemedyState(models.TextChoices):
    """Where a remedy stands."""

    WAITING = "waiting", _("Waits for a second person")
    GIVEN = "given", _("Given")
    DECLINED = "declined", _("Turned down")


class CaseRemedy(models.Model):
    """A remedy asked for, and given at once or by a second person. key: the caller's, once per case.

    points: in the smallest unit of point_currency; amount: of a refund; campaign: of a coupon; result_id: the
    ledger's transaction or the coupon.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id case_id customer_id key remedy_kind remedy_state points point_currency amount currency "
        "campaign result_id requested_at requested_by decided_at decided_by",
        sensitive="note",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    case_id = models.UUIDField()
    customer_id = models.UUIDField()
    key = models.CharField(max_length=80)
    remedy_kind = models.CharField(max_length=6, choices=RemedyKind.choices)
    remedy_state = models.CharField(max_length=8, choices=RemedyState.choices)
    points = models.PositiveBigIntegerField(default=0)
    point_currency = models.CharField(max_length=40, blank=True)
    amount = MoneyField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    campaign = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    result_id = models.UUIDField(null=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "case_id", "key"], name="case_remedy_once")]
        indexes = [models.Index(fields=["remedy_state", "requested_at"], name="case_remedy_by_state")]

    def __str__(self) -> str:
        return f"{self.remedy_kind} {self.remedy_state}"
