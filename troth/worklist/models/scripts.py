"""Call scripts 话术: written as a draft, published as versions that never change."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.languages import in_language
from troth.kit.tables import TableKind, classify


class CallScript(models.Model):
    """What to say, in Liquid, in both languages. draft, draft_zh: the version in the making."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh draft draft_zh draft_saved_at draft_saved_by version_number revision"
        " archived_at created_at created_by updated_at"
    )

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    draft = models.TextField(blank=True)
    draft_zh = models.TextField(blank=True)
    draft_saved_at = models.DateTimeField(null=True)
    draft_saved_by = models.CharField(max_length=80, blank=True)
    version_number = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)

    @property
    def is_published(self) -> bool:
        """Tell whether agents can be given it."""
        return self.version_number > 0


class CallScriptVersion(models.Model):
    """A published text, never changed."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id script number body body_zh note published_at published_by")

    script = models.ForeignKey(CallScript, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.TextField(blank=True)
    body_zh = models.TextField(blank=True)
    note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["script", "number"], name="script_version_once")]

    def __str__(self) -> str:
        return f"{self.script_id} {self.number}"
