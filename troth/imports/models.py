"""Files that were or will be imported, and the mappings that are remembered."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify

from .targets import Shape


class ImportRun(models.Model):
    """One file on its way in.

    `options` say how it is read (see `options.Options`), `source` what was found (see `reading.Source`), `report` how
    it ended. The file lies in `folder` until the rows are in; the refused rows and the notes stay there.
    """

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(
        business="id shape file_name size_bytes options source job_id language created_by created_at finished_at"
        " is_forgotten",
        personal="report",  # shows the first refused rows and notes
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shape = models.CharField(max_length=10, choices=[(shape.value, shape.value) for shape in Shape])
    file_name = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    options = models.JSONField(default=dict)
    source = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    job_id = models.UUIDField(null=True)
    language = models.CharField(max_length=10, default="en")  # of the refused rows' sentences
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    is_forgotten = models.BooleanField(default=False)  # its refused rows are removed, its figures stay

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="import_created")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def folder(self) -> Path:
        """Return where the file and what is made of it lie."""
        return Path(settings.MEDIA_ROOT) / "imports" / str(self.id)

    @property
    def upload_path(self) -> Path:
        """Return where the file lies as it came."""
        return self.folder / "upload"

    @property
    def refused_path(self) -> Path:
        """Return where the refused rows are written to."""
        return self.folder / "refused.csv"

    @property
    def noted_path(self) -> Path:
        """Return where the cells are listed that were left empty."""
        return self.folder / "noted.csv"


class ImportMapping(models.Model):
    """The last mapping used for files with these headers, offered again."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id fingerprint shape options used_at")

    fingerprint = models.CharField(max_length=32)
    shape = models.CharField(max_length=10)
    options = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fingerprint", "shape"], name="import_mapping_once")]

    def __str__(self) -> str:
        return f"{self.shape} {self.fingerprint}"
