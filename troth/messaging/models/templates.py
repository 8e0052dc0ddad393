"""Texts of messages: a draft that people edit, versions that never change."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify


class Template(models.Model):
    """A message's text as it is being written: bodies by language and kind of channel, as Liquid."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh purpose document revision published_number is_archived"
        " created_at updated_at updated_by"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    purpose = models.CharField(_("purpose"), max_length=20, default="service")  # a ConsentPurpose
    document = models.JSONField(default=dict)  # see templates/document.py
    revision = models.PositiveIntegerField(default=1)  # of the draft; whoever saves names the one they read
    published_number = models.PositiveIntegerField(null=True, blank=True)  # the version in use
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.code


class TemplateVersion(models.Model):
    """A published text. Never changed: what was sent can always be read again."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id template number purpose document note published_at published_by")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    purpose = models.CharField(max_length=20)
    document = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"
