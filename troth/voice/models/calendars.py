"""Working calendars: what is edited, and the versions that deadlines are counted by."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.tables import TableKind, classify


class WorkCalendar(models.Model):
    """A working calendar under its name; its hours stand in versions, the newest of which holds for what is new."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id code name name_zh created_at")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


class WorkCalendarVersion(models.Model):
    """The hours of a calendar as they were published; never changed. document: see `calendars.documents`."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id calendar number document created_at created_by")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    calendar = models.ForeignKey(WorkCalendar, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "number"], name="work_calendar_version_once")]

    def __str__(self) -> str:
        return f"{self.calendar} {self.number}"
