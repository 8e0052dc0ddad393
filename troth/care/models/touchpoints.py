"""Touchpoints 触点: where customers meet us, in the order in which they do."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.languages import in_language
from troth.kit.tables import TableKind, classify


class Stage(models.TextChoices):
    """Where on the way a touchpoint lies."""

    NOTICE = "notice", pgettext_lazy("stage", "Notices us")
    CHOOSE = "choose", pgettext_lazy("stage", "Chooses")
    BUY = "buy", pgettext_lazy("stage", "Buys")
    RECEIVE = "receive", pgettext_lazy("stage", "Receives")
    USE = "use", pgettext_lazy("stage", "Uses")
    HELP = "help", pgettext_lazy("stage", "Needs help")
    RETURN = "return", pgettext_lazy("stage", "Comes back and tells others")


class Touchpoint(models.Model):
    """A point at which a customer meets us: what the customer does and asks there, and who answers for it.

    survey: code of the survey whose score says what customers feel there; category: code of the complaints made there;
    owner: the member of staff who answers for it.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code stage position name name_zh does does_zh asks asks_zh survey category owner is_active"
        " updated_at updated_by"
    )

    code = models.SlugField(_("code"), max_length=40, unique=True)
    stage = models.CharField(max_length=10, choices=Stage.choices)
    position = models.PositiveSmallIntegerField(default=50)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    does = models.CharField(max_length=400, blank=True)
    does_zh = models.CharField(max_length=400, blank=True)
    asks = models.CharField(max_length=400, blank=True)
    asks_zh = models.CharField(max_length=400, blank=True)
    survey = models.CharField(max_length=40, blank=True)
    category = models.CharField(max_length=40, blank=True)
    owner = models.ForeignKey("staff.StaffMember", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.in_language("name")

    def in_language(self, field: str) -> str:
        """Return a text in the language in force, the other one where it is missing."""
        english, chinese = str(getattr(self, field)), str(getattr(self, f"{field}_zh"))
        return in_language(english, chinese)
