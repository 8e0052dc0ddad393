"""Return visits 回访 planned by value: so many days after what, for whom, by whom."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.languages import in_language
from troth.kit.tables import TableKind, classify

from .teams import Team


class Moment(models.TextChoices):
    """What a plan counts its days from."""

    ORDER = "order", _("An order")
    FIRST_ORDER = "first_order", _("The first order")
    SILENCE = "silence", _("The last order, if none came since")


class Touch(models.TextChoices):
    """How much of a person's time a customer gets."""

    HIGH = "high", _("High touch: a person calls")
    LOW = "low", _("Low touch: a message")
    TECH = "tech", _("Tech touch: self-service")
    NONE = "none", pgettext_lazy("touch", "Nothing")


class VisitPlan(models.Model):
    """A plan of return visits. touches: `Touch` by value band, "" for who has no band yet.

    days_after: whole days after the moment; segment: only its members; script: for the person; template: for the
    message; is_by_owner: the customer's owner on our staff calls, where there is one, else the team;
    most_a_day: calls planned on one day at most, 0 for no limit: who is beyond it gets a message; rest_days: who had a
    return visit within them is left in peace; planned_until_date: up to this day everything is planned.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code name name_zh moment days_after segment touches team is_by_owner script template"
        " priority most_a_day rest_days is_active planned_until_date created_at created_by updated_at"
    )

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    moment = models.CharField(max_length=12, choices=Moment.choices)
    days_after = models.PositiveIntegerField()
    segment = models.ForeignKey("segments.Segment", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    touches = models.JSONField(default=dict)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_by_owner = models.BooleanField(default=True)
    script = models.CharField(max_length=40, blank=True)
    template = models.CharField(max_length=80, blank=True)
    priority = models.PositiveSmallIntegerField(default=50)
    most_a_day = models.PositiveIntegerField(default=0)
    rest_days = models.PositiveIntegerField(default=14)
    is_active = models.BooleanField(_("active"), default=False)
    planned_until_date = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return in_language(self.name, self.name_zh)
