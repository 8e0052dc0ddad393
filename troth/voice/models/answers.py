"""Answer sheets, the answers on them, and what they tell us."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify

from .surveys import Survey, SurveyVersion


class SheetState(models.TextChoices):
    """Whether an answer sheet is done."""

    PARTIAL = "partial", _("Not finished")
    COMPLETE = "complete", _("Finished")


class AnswerSource(models.TextChoices):
    """By which way an answer came."""

    PERSONAL = "personal", _("Personal link")
    OPEN = "open", _("Open link")
    STAFF = "staff", _("Asked by staff")
    API = "api", _("API")


class AnswerSheet(models.Model):
    """What one customer said to a survey. By the open link nobody is known: the owner is then the company itself.

    device: a hash of the open link's cookie, "" otherwise; number: 1 unless the open link lets a device answer
    again; score: the answer to the survey's main question; measured_date: the company's day of completion.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id survey version invitation_id state source language score page subject store_code"
        " staff_code band is_made_up started_at updated_at completed_at measured_date",
        personal="device",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="+")
    invitation_id = models.UUIDField(null=True)
    device = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=SheetState.choices, default=SheetState.PARTIAL)
    source = models.CharField(max_length=10, choices=AnswerSource.choices)
    language = models.CharField(max_length=10, blank=True)
    page = models.CharField(max_length=40, blank=True)
    score = models.SmallIntegerField(null=True)
    subject = models.CharField(max_length=120, blank=True)
    store_code = models.CharField(max_length=64, blank=True)
    staff_code = models.CharField(max_length=64, blank=True)
    band = models.CharField(max_length=20, blank=True)
    is_made_up = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    measured_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_id", "invitation_id"],
                condition=models.Q(invitation_id__isnull=False),
                name="sheet_once_per_invitation",
            ),
            models.UniqueConstraint(
                fields=["owner_id", "survey", "device"], condition=~models.Q(device=""), name="sheet_once_per_device"
            ),
        ]
        indexes = [
            models.Index(fields=["survey", "state", "completed_at"], name="sheet_by_survey"),
            models.Index(fields=["owner_id", "-updated_at"], name="sheet_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.owner_id} {self.state}"


class Answer(models.Model):
    """One answer on a sheet: a number, a choice or words. item: row of a matrix, option ticked or ranked, half of a
    Kano pair; "" where the question has one answer.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id sheet_id question item number choice", personal="text")

    owner_id = models.UUIDField()
    sheet_id = models.UUIDField()
    question = models.CharField(max_length=40)
    item = models.CharField(max_length=90, blank=True)
    number = models.SmallIntegerField(null=True)
    choice = models.CharField(max_length=40, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "sheet_id", "question", "item"], name="answer_once"),
        ]
        indexes = [models.Index(fields=["sheet_id"], name="answer_by_sheet")]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.question} {self.item}"


class InformationKind(models.TextChoices):
    """What a customer's words are worth to us."""

    NEED = "need", _("Need")
    IDEA = "idea", _("Idea")
    COMPETITOR = "competitor", _("Competitor")
    PRAISE = "praise", _("Praise")


class InformationTag(models.Model):
    """Somebody, or a rule, saw information in an answer. rule: the word that gave it, "" by hand.

    is_removed: a person took it off; it stays so that the rule does not set it again.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id sheet_id question information_kind is_removed tagged_at tagged_by", personal="rule"
    )

    owner_id = models.UUIDField()
    sheet_id = models.UUIDField()
    question = models.CharField(max_length=40)
    information_kind = models.CharField(max_length=12, choices=InformationKind.choices)
    rule = models.CharField(max_length=80, blank=True)
    is_removed = models.BooleanField(default=False)
    tagged_at = models.DateTimeField()
    tagged_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_id", "sheet_id", "question", "information_kind"], name="information_tag_once"
            )
        ]
        indexes = [models.Index(fields=["information_kind", "-tagged_at"], name="information_by_kind")]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.information_kind}"


class AttitudeMeasure(models.Model):
    """What a finished answer sheet says of one indicator, on the indicator's own scale.

    indicator: one of the loyalty index (recommend 0 to 10, the others 1 to 5), or "effort" (1 to 7).
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id sheet_id indicator value measured_at measured_date")

    owner_id = models.UUIDField()
    sheet_id = models.UUIDField()
    indicator = models.CharField(max_length=20)
    value = models.SmallIntegerField()
    measured_at = models.DateTimeField()
    measured_date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "sheet_id", "indicator"], name="attitude_once_per_sheet")
        ]
        indexes = [models.Index(fields=["indicator", "measured_date"], name="attitude_by_indicator")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.indicator} {self.value}"
