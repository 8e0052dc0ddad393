"""Visits by somebody who is not known there: checklists, what was found, photos."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.tables import TableKind, classify


class VisitKind(models.TextChoices):
    """Who looks, and at what."""

    MYSTERY = "mystery", _("Mystery shopper")
    CALL = "call", _("Manager calls the own company")
    PLANTED = "planted", _("Planted complaint")
    MARKET = "market", _("Market visit")


class Checklist(models.Model):
    """A checklist under its name. document: the draft; what visits use are versions. See `visits.checklists`."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh visit_kind document revision is_active created_at created_by updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    visit_kind = models.CharField(max_length=7, choices=VisitKind.choices, default=VisitKind.MYSTERY)
    document = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


class ChecklistVersion(models.Model):
    """A checklist as it was published; never changed."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id checklist number document created_at created_by")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    checklist = models.ForeignKey(Checklist, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["checklist", "number"], name="checklist_version_once")]

    def __str__(self) -> str:
        return f"{self.checklist} {self.number}"


class VisitState(models.TextChoices):
    """Where a visit stands."""

    PLANNED = "planned", pgettext_lazy("visit", "Planned")
    DONE = "done", pgettext_lazy("visit", "Done")
    CANCELLED = "cancelled", pgettext_lazy("visit", "Cancelled")


class StoreVisit(models.Model):
    """One visit: planned, then scored. place: what is visited where it is no store of ours, such as a dealer.

    visitor_id: a member of staff; visitor: the name of an outsider; score_hundredths: 0 to 10,000, exact;
    case_number: of a planted complaint.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id visit_kind version store place visitor_id state planned_date visited_date score_hundredths "
        "failed_key case_number created_at created_by updated_at revision is_made_up",
        personal="visitor",
        sensitive="note",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit_kind = models.CharField(max_length=7, choices=VisitKind.choices)
    version = models.ForeignKey(ChecklistVersion, on_delete=models.PROTECT, related_name="visits")
    store = models.ForeignKey("staff.Store", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    place = models.CharField(max_length=120, blank=True)
    visitor_id = models.UUIDField(null=True)
    visitor = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=9, choices=VisitState.choices, default=VisitState.PLANNED)
    planned_date = models.DateField()
    visited_date = models.DateField(null=True, blank=True)
    score_hundredths = models.PositiveIntegerField(null=True)
    failed_key = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    case_number = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)
    is_made_up = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=VisitState.DONE) | Q(visited_date__isnull=False, score_hundredths__isnull=False),
                name="store_visit_done_with_score",
            ),
            models.CheckConstraint(
                condition=Q(score_hundredths__isnull=True) | Q(score_hundredths__lte=10_000),
                name="store_visit_score_to_100",
            ),
        ]
        indexes = [models.Index(fields=["state", "planned_date"], name="store_visit_by_state")]

    def __str__(self) -> str:
        return f"{self.visit_kind} {self.planned_date}"


class VisitMark(models.Model):
    """What a visit found at one item of its checklist. points: of the item's own; None: did not apply."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id visit item points", sensitive="note")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.ForeignKey(StoreVisit, on_delete=models.CASCADE, related_name="marks")
    item = models.CharField(max_length=40)
    points = models.PositiveSmallIntegerField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "item"], name="visit_mark_once")]

    def __str__(self) -> str:
        return f"{self.item} {self.points}"


class VisitPhoto(models.Model):
    """A picture of a visit, at an item or at none."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id visit item content_type size created_at", sensitive="content")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.ForeignKey(StoreVisit, on_delete=models.CASCADE, related_name="photos")
    item = models.CharField(max_length=40, blank=True)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.content_type} {self.size}"
