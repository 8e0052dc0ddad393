"""Groups of customers that renew themselves: what defines them, who is in them now, how they grew."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.languages import in_language
from troth.kit.tables import TableKind, classify


class Segment(models.Model):
    """A group of customers under a name, meaning what its versions say; `draft` is the next one.

    version_number: the version in force, 0 before the first. member_count and refreshed_at belong to the
    stored members; refresh_error says why the last renewal failed.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id name name_zh description owner draft draft_saved_at draft_saved_by revision"
        " version_number member_count refreshed_at refresh_error archived_at created_at created_by updated_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    draft = models.JSONField(null=True, blank=True)
    draft_saved_at = models.DateTimeField(null=True)
    draft_saved_by = models.CharField(max_length=80, blank=True)
    revision = models.PositiveIntegerField(default=1)
    version_number = models.PositiveIntegerField(default=0)
    member_count = models.PositiveBigIntegerField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    refresh_error = models.CharField(max_length=300, blank=True)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(archived_at__isnull=True), name="segment_name_once")
        ]

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)

    @property
    def is_published(self) -> bool:
        """Tell whether a version is in force."""
        return self.version_number > 0


class SegmentVersion(models.Model):
    """A published definition. Never changed."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id segment number definition note published_at published_by")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    note = models.CharField(_("what changed and why"), max_length=200, blank=True)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once")]

    def __str__(self) -> str:
        return f"{self.segment_id} v{self.number}"


class SegmentMembership(models.Model):
    """A customer who was in the segment when it was last renewed."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id segment entered_at")

    owner_id = models.UUIDField()
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", db_index=False)
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "owner_id"], name="segment_member_once")]
        indexes = [models.Index(fields=["owner_id"], name="segment_member_owner")]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.owner_id}"


class SegmentSize(models.Model):
    """How large a segment was after a renewal, for its trend: at most one a day unless the size changed."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id segment version_number member_count entered_count left_count counted_at")

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="sizes")
    version_number = models.PositiveIntegerField()
    member_count = models.PositiveBigIntegerField()
    entered_count = models.PositiveBigIntegerField(default=0)
    left_count = models.PositiveBigIntegerField(default=0)
    counted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["segment", "-counted_at"], name="segment_size_newest")]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.counted_at:%Y-%m-%d} {self.member_count}"
