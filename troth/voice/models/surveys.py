"""Surveys, who was asked, and how each customer stands by what was answered last."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.tables import TableKind, classify


class SurveyKind(models.TextChoices):
    """What a survey asks in the main; decides how its results are shown."""

    NPS = "nps", _("Recommendation (NPS)")
    CSAT = "csat", _("Satisfaction (CSAT)")
    CES = "ces", _("Effort (CES)")
    LOYALTY = "loyalty", _("Loyalty attitude")
    VALUE = "value", _("Delivered value")
    KANO = "kano", _("Needs (Kano)")
    OTHER = "other", _("Other questions")


class SurveyState(models.TextChoices):
    """Where a survey stands."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    CLOSED = "closed", pgettext_lazy("survey", "Closed")


class Survey(models.Model):
    """Questions under a name; `draft` is the next version, `version_number` the one in force (0 before the first).

    open_token: part of the open link's address, "" while there is none; open_limit: answers by the open link, None
    is no limit; max_answers: quota over all ways; fatigue_days: None is the company's rule.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code survey_kind name name_zh state draft revision version_number open_token open_limit"
        " max_answers closes_at fatigue_days is_made_up created_at created_by updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    survey_kind = models.CharField(_("kind"), max_length=10, choices=SurveyKind.choices)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=SurveyState.choices, default=SurveyState.DRAFT)
    draft = models.JSONField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    version_number = models.PositiveIntegerField(default=0)
    open_token = models.CharField(max_length=32, blank=True, db_index=True)
    open_limit = models.PositiveIntegerField(null=True)
    max_answers = models.PositiveIntegerField(null=True)
    closes_at = models.DateTimeField(null=True)
    fatigue_days = models.PositiveSmallIntegerField(null=True)
    is_made_up = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


class SurveyVersion(models.Model):
    """A published document. Never changed."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id survey number document note published_at published_by")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "number"], name="survey_version_once")]

    def __str__(self) -> str:
        return f"{self.survey_id} v{self.number}"


class AskingRules(models.Model):
    """How often anybody may be asked, over all surveys, and how long promotion is silent after a bad score."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id fatigue_days detractor_days reminder_days expiry_days updated_at")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    fatigue_days = models.PositiveSmallIntegerField(_("days between two surveys"), default=30)
    detractor_days = models.PositiveSmallIntegerField(_("days without promotion after a bad score"), default=14)
    reminder_days = models.PositiveSmallIntegerField(_("days until a reminder"), default=3)
    expiry_days = models.PositiveSmallIntegerField(_("days until an invitation ends"), default=14)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="asking_rules_are_one")]

    def __str__(self) -> str:
        return "asking rules"


class SendingState(models.TextChoices):
    """How far a sending is."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class Sending(models.Model):
    """One wave of invitations: to whom, how many at most, drawn by which seed; counts are what it came to.

    segment_id: None is everybody; chosen, spared: customers; spared_for: how many by reason.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id survey segment_id sample_size seed channels template reminder_days state eligible chosen spared"
        " spared_for created_at created_by"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="sendings")
    segment_id = models.UUIDField(null=True)
    sample_size = models.PositiveIntegerField(null=True)
    seed = models.CharField(max_length=32)
    channels = models.JSONField(default=list)
    template = models.CharField(max_length=64)
    reminder_days = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, choices=SendingState.choices, default=SendingState.WAITING)
    eligible = models.PositiveIntegerField(default=0)
    chosen = models.PositiveIntegerField(default=0)
    spared = models.PositiveIntegerField(default=0)
    spared_for = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"{self.survey_id} {self.created_at:%Y-%m-%d}"


class InvitationState(models.TextChoices):
    """What became of an invitation."""

    SENT = "sent", _("Invited")
    WITHHELD = "withheld", _("Not sent")
    OPENED = "opened", _("Opened")
    ANSWERED = "answered", _("Answered")
    EXPIRED = "expired", _("Expired")


SILENT = (InvitationState.SENT, InvitationState.OPENED, InvitationState.EXPIRED)
"""What an invitation is that reached somebody who did not answer."""


class Invitation(models.Model):
    """One customer asked once to answer one survey. key: the caller's name for it, the same asks nobody twice.

    reasons: codes and values why it was not sent; band: the value band when asked; subject: what it is about
    ("order:<id>", "case:<number>").
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id key survey version sending state reasons source subject store_code staff_code band"
        " language invited_at opened_at reminded_at remind_at answered_at expires_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    key = models.CharField(max_length=120)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="+")
    sending = models.ForeignKey(Sending, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=InvitationState.choices, default=InvitationState.SENT)
    reasons = models.JSONField(default=list)
    source = models.CharField(max_length=120, blank=True)
    subject = models.CharField(max_length=120, blank=True)
    store_code = models.CharField(max_length=64, blank=True)
    staff_code = models.CharField(max_length=64, blank=True)
    band = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, blank=True)
    invited_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    remind_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "key"], name="invitation_key_once")]
        indexes = [
            models.Index(fields=["survey", "state", "invited_at"], name="invitation_by_survey"),
            models.Index(
                fields=["remind_at"], name="invitation_to_remind", condition=models.Q(remind_at__isnull=False)
            ),
            models.Index(fields=["state", "expires_at"], name="invitation_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.owner_id} {self.state}"


class VoiceStanding(models.Model):
    """What a customer said last, and was asked last: one row a canonical customer, recomputed from the sheets.

    csat_score: 1 to 5; ces_score: 1 to 7; invited_at is over all surveys, and is what the fatigue guard locks.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id nps_score nps_at csat_score csat_at ces_score ces_at answered_at invited_at updated_at"
    )

    owner_id = models.UUIDField(unique=True)
    nps_score = models.SmallIntegerField(null=True)
    nps_at = models.DateTimeField(null=True)
    csat_score = models.SmallIntegerField(null=True)
    csat_at = models.DateTimeField(null=True)
    ces_score = models.SmallIntegerField(null=True)
    ces_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    invited_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.owner_id)
