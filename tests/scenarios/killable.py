"""Processes that `test_killed.py` kills: python -m tests.scenarios.killable begin|mail|survey|visits|look FOLDER N"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
import django

django.setup()

from django.core.management import call_command
from django.db.models import Count

from troth.access.actors import system_actor
from troth.activity.models import Order
from troth.customers import services as customers
from troth.customers.models import Consent, Customer
from troth.events.models import Event
from troth.jobs import running
from troth.jobs.models import Job
from troth.messaging.models import Contact, ContactKey
from troth.staff.models import Company
from troth.voice.complaints.mailbox import empty_maildir
from troth.voice.complaints.watching import escalate_due
from troth.voice.models import Case, CaseClock, CaseEntry, Invitation, Sending
from troth.voice.surveys import sending
from troth.voice.surveys import services as surveys
from troth.voice.surveys.tests.conftest import DOCUMENT
from troth.worklist import services as worklist
from troth.worklist.models import Task, VisitPlan

NOW = datetime.now(UTC)
ACTOR = system_actor("test")
BATCH = 20


def begin(folder: Path, people: int) -> None:
    """Make customers who bought a week ago and agreed to surveys, a plan of return visits, a survey on its way out to
    all, and a box of mail from as many others.
    """
    call_command("migrate", verbosity=0)
    Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai", country="CN", language="en")
    moments = {"created_at": NOW, "updated_at": NOW}
    made = Customer.objects.bulk_create(Customer(name=f"Made Up {number}", **moments) for number in range(people))
    for number in range(people):
        address = customers.NewIdentity("email", f"p{number}@example.com")
        customers.create_customer(actor=ACTOR, now=NOW, name=f"Writer {number}", identities=[address])
    agreed = {"is_given": True, "source": "form", "proof": "form 1", "actor": ACTOR.code}
    Consent.objects.bulk_create(
        Consent(owner_id=one.id, purpose="survey", occurred_at=NOW, recorded_at=NOW, **agreed) for one in made
    )
    fields = worklist.PlanFields(code="after", name="A week after", touches={"": "high"}, is_active=True)
    worklist.save_plan(fields, actor=ACTOR, now=NOW)
    day = Company.objects.get().today(NOW) - timedelta(days=fields.days_after)
    amounts = {"net_amount": Decimal(80), "full_price_amount": Decimal(80), "currency": "CNY", "order_date": day}
    Order.objects.bulk_create(
        Order(owner_id=one.id, source="till", external_id=str(one.id), occurred_at=NOW, recorded_at=NOW,
              updated_at=NOW, **amounts)
        for one in made
    )  # fmt: skip
    survey = surveys.create_survey(actor=ACTOR, now=NOW, kind="nps", name="Ask", code="ask", document=DOCUMENT)
    surveys.publish(actor=ACTOR, now=NOW, survey_id=survey.id)
    surveys.send_out(actor=ACTOR, now=NOW, survey_id=survey.id, channels=("inbox",))
    _write_mail(folder, people)


def _write_mail(folder: Path, mails: int) -> None:
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    for number in range(mails):
        mail = EmailMessage()
        mail["From"], mail["Subject"] = f"p{number}@example.com", f"Ring {number}"
        mail["Message-ID"] = f"<{number}@example.com>"
        mail.set_content(f"Ring number {number} came broken.")
        (folder / "new" / f"{number:04}.made_up").write_bytes(mail.as_bytes())


def take_mail(folder: Path) -> None:
    """Take in what is there, then every step of escalation that is due a month later."""
    for _done in empty_maildir(folder, actor=ACTOR, now=NOW):
        pass
    while escalate_due(actor=ACTOR, now=NOW + timedelta(days=30), limit=10):
        pass


def send_survey(_folder: Path) -> None:
    """Take the job over from whoever died, in steps small enough to be hit between and inside."""
    sending.__dict__["BATCH"] = BATCH
    Job.objects.filter(status="running").update(lease_until=datetime.now(UTC) - timedelta(seconds=1))
    running.run(Job.objects.get(name=sending.JOB).id)


def plan_visits(_folder: Path) -> None:
    worklist.run_plan(VisitPlan.objects.get().id, actor=ACTOR, now=NOW)


WORK = {"mail": take_mail, "survey": send_survey, "visits": plan_visits}


def look(folder: Path) -> None:
    """Do what is left, and tell how everything stands."""
    for work in WORK.values():
        work(folder)
    row = Sending.objects.get()
    asked = Invitation.objects.filter(state="sent")
    happened = dict(Event.objects.values_list("name").annotate(Count("id")))
    found = {
        "mail": [
            len(list((folder / "new").iterdir())),
            sorted({path.name[-4:] for path in (folder / "cur").iterdir()}),
        ],
        "texts": sorted(CaseEntry.objects.filter(entry_kind="in").values_list("text", flat=True)),
        "customers": Customer.objects.count(),
        "cases": Case.objects.count(),
        "numbers": len(set(Case.objects.values_list("number", flat=True))),
        "opened": happened["voice.complaint.opened"],
        "answers": Contact.objects.filter(template="complaint_received").count(),
        "steps": sum(CaseClock.objects.values_list("escalated_no", flat=True)),
        "escalated": happened["voice.complaint.escalated"],
        "case_tasks": Task.objects.filter(task_kind="case").count(),
        "sending": [row.state, row.eligible, row.chosen, row.spared],
        "asked": [asked.count(), len(set(asked.values_list("owner_id", flat=True))), Invitation.objects.count()],
        "invited": happened["voice.survey.invited"],
        "invitations": Contact.objects.filter(template="survey_invitation").count(),
        "visits": Task.objects.filter(task_kind="return_visit").values("owner_id").distinct().count(),
        "visit_tasks": Task.objects.filter(task_kind="return_visit").count(),
        "plans_run": happened["worklist.plan.run"],
        "keys": ContactKey.objects.count(),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    word, where, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    print("working", flush=True)
    if word == "begin":
        begin(where, number)
    else:
        (WORK | {"look": look})[word](where)
