"""What care tells the model of who leaves."""

from datetime import date, timedelta

from troth.care import traces
from troth.care.models import Seat
from troth.care.training import services as training

from .conftest import ACTOR, NOW

DAY = date(2026, 11, 22)


def test_requests_opened_and_trainings_come_to(ann, opened):
    opened()
    training.save_course(code="tea", name="Tea", name_zh="品茶课", actor=ACTOR, now=NOW)
    planned = training.plan_session(
        training.SessionFields(course="tea", starts_at=NOW, ends_at=NOW + timedelta(hours=1), capacity=2),
        actor=ACTOR,
        now=NOW,
    )
    for state, noted_at in (("attended", NOW), ("missed", NOW)):
        Seat.objects.update_or_create(
            owner_id=ann.id, session=planned, defaults={"state": state, "noted_at": noted_at, "updated_at": NOW}
        )
        seen = [row[1:] for row in traces.read(DAY - timedelta(days=1), DAY)]
        came = [("trainings", DAY, 1.0)] if state == "attended" else []
        assert seen == [("service_requests", DAY, 1.0), *came]
