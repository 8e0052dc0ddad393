"""Training 培训: courses, their sessions, and who has a seat."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.tables import TableKind, classify


class CourseKind(models.TextChoices):
    """What kind of training it is."""

    COURSE = "course", pgettext_lazy("training", "Course")
    SEMINAR = "seminar", _("Seminar")
    ONLINE = "online", _("Online talk")
    VISIT = "visit", _("Visit to our works")


class Course(models.Model):
    """Something that customers can learn with us."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh description description_zh course_kind is_active created_at created_by"
        " updated_at"
    )

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    description = models.CharField(max_length=1000, blank=True)
    description_zh = models.CharField(max_length=1000, blank=True)
    course_kind = models.CharField(max_length=10, choices=CourseKind.choices, default=CourseKind.COURSE)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)


class SessionState(models.TextChoices):
    """Whether a session can still be joined."""

    OPEN = "open", pgettext_lazy("training", "Open")
    HELD = "held", pgettext_lazy("training", "Held")
    CANCELLED = "cancelled", pgettext_lazy("training", "Cancelled")


class TrainingSession(models.Model):
    """A course on a day. Its row is locked whenever a seat changes hands, so that there are never too many."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id course starts_at ends_at place capacity template trainer state next_place created_at created_by"
        " updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    capacity = models.PositiveIntegerField()
    template = models.CharField(max_length=80, blank=True)
    trainer = models.ForeignKey("staff.StaffMember", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=SessionState.choices, default=SessionState.OPEN)
    next_place = models.PositiveIntegerField(default=1)  # the place that the next one on the waiting list gets
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["starts_at"], name="training_session_starts")]

    def __str__(self) -> str:
        return f"{self.course_id} {self.starts_at:%Y-%m-%d %H:%M}"


class SeatState(models.TextChoices):
    """How somebody stands towards a session."""

    INVITED = "invited", pgettext_lazy("seat", "Invited")
    TAKEN = "taken", pgettext_lazy("seat", "Has a seat")
    WAITING = "waiting", pgettext_lazy("seat", "On the waiting list")
    GIVEN_UP = "given_up", pgettext_lazy("seat", "Given up")
    ATTENDED = "attended", pgettext_lazy("seat", "Was there")
    MISSED = "missed", pgettext_lazy("seat", "Did not come")


class Seat(models.Model):
    """One customer and one session. place: on the waiting list, the lowest is first; source: code."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id session state place source invited_at registered_at promoted_at noted_at updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    session = models.ForeignKey(TrainingSession, on_delete=models.PROTECT, related_name="seats")
    state = models.CharField(max_length=10, choices=SeatState.choices)
    place = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=40, blank=True)
    invited_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField(null=True)
    promoted_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "session"], name="seat_once")]
        indexes = [models.Index(fields=["session", "state", "place"], name="seat_session")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.state}"
