"""The demo's work for people: on the day that the demo stands still on, and made once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from troth.access.actors import system_actor
from troth.care.models import ServiceRequest, TrainingSession
from troth.customers import queries as customers
from troth.demo import tasks_made
from troth.insights.models import CustomerScore
from troth.insights.tests.making import make_company, make_customer, make_order
from troth.kit.ids import new_id
from troth.messaging.models import Contact
from troth.worklist.models import Task, VisitPlan

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DAY = date(2018, 1, 1)


def make_score(owner_id, band):
    words = {"band": band, "status": "active", "status_before": "", "rung": "", "rfm_segment": ""}
    days = {"as_of_date": DAY, "first_purchase_date": DAY, "last_purchase_date": DAY}
    known = {"owner_id": owner_id, "run_id": new_id(), "computed_at": NOW} | words | days
    names = [field.name for field in CustomerScore._meta.concrete_fields if field.name not in known]
    CustomerScore.objects.create(**dict.fromkeys(names, 0) | known | {"reasons": []})


def test_tasks_services_and_trainings_lie_around_the_day_of_the_demo(monkeypatch):
    make_company(as_of_date=DAY)
    people = [make_customer() for _number in range(20)]
    assert set(customers.records(people)) == set(people)
    for one in people[:2]:
        make_score(one, "gold")
    make_order(people[0], date(2017, 12, 18))
    make_order(people[1], date(2017, 12, 25))
    make_order(people[2], date(2017, 10, 30))
    monkeypatch.setattr(tasks_made, "_customers", lambda: people)
    for _again in range(2):
        tasks_made.fill(system_actor("demo"), NOW, "en")
    assert Task.objects.filter(source="demo").count() == tasks_made.DONE + tasks_made.WAITING
    assert ServiceRequest.objects.count() == tasks_made.SERVICES
    assert TrainingSession.objects.count() == 3
    assert set(VisitPlan.objects.values_list("code", "is_active", "planned_until_date")) == {
        ("after-order", True, DAY), ("quiet", True, DAY)
    }  # fmt: skip
    visits = Task.objects.filter(source="plan:after-order").order_by("created_at")
    assert [(row.owner_id, row.created_at.date(), row.state, row.outcome) for row in visits] == [
        (people[0], date(2017, 12, 24), "done", "reached"), (people[1], date(2017, 12, 31), "open", "")
    ]  # fmt: skip
    assert Contact.objects.filter(source="plan:quiet").count() == 1
    moments = [at for row in Task.objects.all() for at in (row.created_at, row.due_at, row.completed_at) if at]
    moments += list(ServiceRequest.objects.values_list("opened_at", flat=True))
    moments += list(TrainingSession.objects.values_list("starts_at", flat=True))
    day = datetime(2018, 1, 1, 12, tzinfo=UTC)
    assert max(abs(at - day) for at in moments) < timedelta(days=60)
