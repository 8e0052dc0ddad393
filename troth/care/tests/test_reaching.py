"""Return visits by message: everybody gets their own, by the send decision, and then has peace."""

from datetime import date, timedelta

import pytest

from troth.access.actors import system_actor
from troth.insights.tests.making import NOW, make_company, make_customer, make_order
from troth.messaging.models import Contact, ContactState, Template
from troth.messaging.tests.made_up import publish_texts
from troth.worklist import services as worklist
from troth.worklist.errors import PlanRefusedError
from troth.worklist.models import Touch, VisitPlan
from troth.worklist.services import PlanFields

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ACTOR = system_actor("test")
TODAY = date(2026, 3, 1)
EVERYBODY = {"": Touch.TECH}


def save(template, **changes):
    fields = PlanFields(code="p", name="P", touches=EVERYBODY, template=template, is_active=True, **changes)
    return worklist.save_plan(fields, actor=ACTOR, now=NOW)


def run(plan, *, days=0):
    day = TODAY + timedelta(days=days)
    return worklist.run_plan(plan.id, actor=ACTOR, now=NOW + timedelta(days=days), until=day)["tech"]


def test_everybody_gets_a_message_of_their_own_once():
    make_company()
    people = {make_customer() for _number in range(3)}
    for one in people:
        make_order(one, TODAY - timedelta(days=7))
    plan = save(worklist.RETURN_VISIT_TEXT)
    assert Template.objects.get().published_number == 1  # the ready-made text is made when it is first named
    assert run(plan) == 3
    assert set(Contact.objects.values_list("owner_id", flat=True)) == people
    assert set(Contact.objects.values_list("channel", "purpose", "source")) == {("inbox", "service", "plan:p")}
    VisitPlan.objects.update(planned_until_date=TODAY - timedelta(days=1), rest_days=0)  # as after a restored backup
    run(plan)
    assert Contact.objects.count() == 3


def test_whoever_was_written_to_has_peace():
    make_company()
    ann = make_customer()
    for days in (7, 6, -33):
        make_order(ann, TODAY - timedelta(days=days))
    plan = save(worklist.RETURN_VISIT_TEXT, rest_days=5)
    assert run(plan) == 1
    Contact.objects.update(state=ContactState.SENT, sent_at=NOW)
    assert [run(plan, days=1), run(plan, days=40)] == [0, 1]
    Contact.objects.update(state=ContactState.WITHHELD)  # what never reached her counts for nothing
    due = worklist.due_on(plan, TODAY + timedelta(days=1), now=NOW + timedelta(days=1))
    assert [(one.customer_id, one.why_not) for one in due] == [(ann, "")]


def test_a_text_that_promotes_or_asks_for_facts_is_refused():
    make_company()
    publish_texts("offer")
    for code in ("offer", "unheard"):
        with pytest.raises(PlanRefusedError) as refused:
            save(code)
        assert (refused.value.fields["field"], refused.value.fields["value"]) == ("template", code)
    assert not VisitPlan.objects.exists()
    assert set(worklist.visit_texts()) == set()
