"""The company itself: its settings, stores and people."""

from datetime import date, datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit import clock
from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify


class Company(models.Model):
    """The one company this installation serves."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id name currency time_zone country language as_of_date is_demo updated_at")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("company name"), max_length=120)
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="CNY",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Use a three-letter ISO code, for example CNY."))],
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    country = models.CharField(
        _("country"),
        max_length=2,
        default="CN",
        help_text=_("Phone numbers without a country code are read as numbers of this country."),
    )
    language = models.CharField(_("language"), max_length=10, default="en")
    as_of_date = models.DateField(
        _("today"),
        null=True,
        blank=True,
        help_text=_("For demonstrations on old data: the day that counts as today. Empty: the real date."),
    )
    is_demo = models.BooleanField(_("demonstration data"), default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="company_is_one")]

    def __str__(self) -> str:
        return self.name

    def today(self, now: datetime) -> date:
        """Return the business day: the set day of a demonstration, else the date of `now` in the company's zone."""
        return self.as_of_date or clock.business_date(now, self.time_zone)

    def moment(self, now: datetime) -> datetime:
        """Return what counts as now: the present, or noon of the day that a demo stands still on."""
        if self.as_of_date is None:
            return now
        return clock.day_start(self.as_of_date, self.time_zone) + timedelta(hours=12)


class Store(models.Model):
    """A place that sells: shop, counter, web shop."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id code name city time_zone is_active")

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=120)
    city = models.CharField(_("city"), max_length=80, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    def __str__(self) -> str:
        return self.name


class StaffMember(models.Model):
    """A person who works here, with or without a login; customers may have one as their owner."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id code user store job_title left_date", personal="name")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("staff number"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=150)
    job_title = models.CharField(_("position"), max_length=80, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="staff_member"
    )
    store = models.ForeignKey(Store, on_delete=models.SET_NULL, null=True, blank=True, related_name="people")
    left_date = models.DateField(_("left on"), null=True, blank=True)

    def __str__(self) -> str:
        return self.name
