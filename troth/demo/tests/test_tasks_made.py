"""The demo's work for people: on the day that the demo stands still on, and made once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from troth.access.actors import system_actor
from troth.care.models import ServiceRequest, TrainingSession
from troth.customers import queries as customers
from troth.demo import tasks_made
from troth.insights.tests.making import make_company, make_customer
from troth.worklist.models import Task

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DAY = date(2018, 1, 1)


def test_tasks_services_and_trainings_lie_around_the_day_of_the_demo(monkeypatch):
    make_company(as_of_date=DAY)
    people = [make_customer() for _number in range(20)]
    assert set(customers.records(people)) == set(people)
    monkeypatch.setattr(tasks_made, "_customers", lambda: people)
    for _again in range(2):
        tasks_made.fill(system_actor("demo"), NOW, "en")
    assert Task.objects.filter(source="demo").count() == tasks_made.DONE + tasks_made.WAITING
    assert ServiceRequest.objects.count() == tasks_made.SERVICES
    assert TrainingSession.objects.count() == 3
    moments = [at for row in Task.objects.all() for at in (row.created_at, row.due_at, row.completed_at) if at]
    moments += list(ServiceRequest.objects.values_list("opened_at", flat=True))
    moments += list(TrainingSession.objects.values_list("starts_at", flat=True))
    day = datetime(2018, 1, 1, 12, tzinfo=UTC)
    assert max(abs(at - day) for at in moments) < timedelta(days=60)
