"""Who works through tasks, what kinds of tasks there are, and addresses of calendars."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.languages import in_language
from troth.kit.tables import TableKind, classify


class Team(models.Model):
    """People who share a worklist."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id code name name_zh is_active created_at created_by updated_at")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


class TeamMember(models.Model):
    """A member of staff in a team; one may be in several."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id team member is_lead")

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="places")
    member = models.ForeignKey("staff.StaffMember", on_delete=models.CASCADE, related_name="team_places")
    is_lead = models.BooleanField(_("leads the team"), default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "member"], name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.team_id} {self.member_id}"


class TaskKind(models.Model):
    """A kind of task as the company changed or added it; those of `starters` that nobody changed have no row.

    outcomes: `kinds.Outcome` by position; fields: `kinds.NoteField` by position; again_hours: after how many hours it
    is tried again where nobody says when; most_attempts: after so many it ends as failed, 0 for never.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh icon team script outcomes fields due_hours again_hours most_attempts"
        " priority is_active updated_at updated_by"
    )

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    icon = models.CharField(max_length=40, default="checkbox")
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    script = models.CharField(max_length=40, blank=True)
    outcomes = models.JSONField(default=list)
    fields = models.JSONField(default=list, blank=True)
    due_hours = models.PositiveIntegerField(default=48)
    again_hours = models.PositiveIntegerField(default=24)
    most_attempts = models.PositiveSmallIntegerField(default=3)
    priority = models.PositiveSmallIntegerField(default=50)
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField(null=True)
    updated_by = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


class CalendarFeed(models.Model):
    """The secret address of one person's tasks as a calendar; only a hash of it is kept."""

    kind: ClassVar = TableKind.DIRECTORY
    data_map: ClassVar = classify(business="id owner_id created_at created_by last_read_at", sensitive="token_hash")

    token_hash = models.CharField(max_length=64, unique=True)
    owner_id = models.UUIDField(unique=True)  # the member of staff
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    last_read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.owner_id)
