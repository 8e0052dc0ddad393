"""Birthdays, solar and lunar, and the days on which people became customers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.customers import queries as customers

from .. import source
from ..source import Frame, Source, Tally


def register() -> None:
    """Register both."""
    source.register(
        Source("birthday", _("Birthdays"), "cake", Permission.CUSTOMERS_VIEW, _birthdays, _birthday_people, 10),
        Source("anniversary", _("Anniversaries as customer"), "confetti", Permission.CUSTOMERS_VIEW, _anniversaries,
               _anniversary_people, 20),
    )  # fmt: skip


def _birthdays(since: date, until: date, _frame: Frame) -> Sequence[Tally]:
    return [Tally(day, count) for day, count in customers.birthday_counts(since, until).items()]


def _birthday_people(day: date, _ref: str, _frame: Frame) -> QuerySet[Any, Any]:
    return customers.birthday_people(day).order_by("id").values_list("id", flat=True)


def _anniversaries(since: date, until: date, _frame: Frame) -> Sequence[Tally]:
    return [Tally(day, count) for day, count in customers.anniversary_counts(since, until).items()]


def _anniversary_people(day: date, _ref: str, _frame: Frame) -> QuerySet[Any, Any]:
    return customers.anniversary_people(day).order_by("id").values_list("id", flat=True)
