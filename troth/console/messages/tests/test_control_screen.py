"""What offers bring, on its page: without a group, too young, measured, and who may have it measured."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.customers.models import Customer
from troth.insights import services as insights
from troth.insights.tests.making import make_order
from troth.jobs import running
from troth.jobs.models import Job
from troth.kit.clock import utc_now
from troth.messaging import services
from troth.messaging.control_results import JOB
from troth.messaging.policy_versions import in_force

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
PEOPLE = 60


def govern(percent, *, days_ago):
    version, terms = in_force()
    at = utc_now() - timedelta(days=days_ago)
    wanted = replace(terms, control_percent=percent)
    services.save_policy(terms=wanted, note="", expected_version=version, actor=ACTOR, now=at)


def page(browser):
    answer = browser.get(reverse("messages:control"))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def bought(company, tmp_path, settings):
    """Sixty who bought last week, as the analysis of today knows."""
    settings.LAKE_DIR = tmp_path
    at = utc_now()
    long_ago = at - timedelta(days=400)
    made = Customer.objects.bulk_create(Customer(name="P", created_at=long_ago, updated_at=at) for _ in range(PEOPLE))
    for one in made:
        make_order(one.id, (at - timedelta(days=7)).date(), "50", cost="10")
    insights.analyse(actor=ACTOR, now=at)


def test_without_a_group_the_page_says_how_to_get_one(company, sign_in):
    shown = page(sign_in(Role.MANAGER))
    assert "Nobody is kept out of offers" in shown
    assert f'href="{reverse("messages:rules")}"' in shown
    assert '<form method="post" class="rehearsal-form"' not in shown


def test_a_group_of_today_is_too_young(company, sign_in):
    govern(10, days_ago=0)
    assert "The group is too young" in page(sign_in(Role.MANAGER))


@pytest.mark.slow
def test_it_is_measured_and_told_in_words_with_what_speaks_against_it(bought, sign_in):
    govern(50, days_ago=120)
    browser, url = sign_in(Role.MANAGER), reverse("messages:control")
    assert "Not measured yet" in page(browser)
    assert browser.post(url, {"days": "30", "message_price": "much"}).status_code == 422
    assert browser.post(url, {"days": "30", "message_price": "0.05"}).status_code == 302
    assert "Waiting" in page(browser)
    job = Job.objects.get(name=JOB)
    running.run(job.id)
    shown = page(browser)
    assert "It is not proven that offers brought more than they cost: ¥0.00 a head" in shown
    assert "Messages at ¥0.05 each, as stated" in shown
    assert 'value="0.05"' in shown
    assert "A group has fewer than 100 people" in shown
    counts = Job.objects.get(id=job.id).result["counts"]
    assert counts["control"] + counts["may"] == PEOPLE
    assert f"{counts['may']} customers who may get offers, {counts['control']} who get none" in shown
    assert browser.get(reverse("messages:control_progress")).headers["HX-Refresh"] == "true"


@pytest.mark.slow
def test_days_that_cannot_be_and_who_may_not_run_change_nothing(bought, sign_in):
    govern(50, days_ago=40)
    url = reverse("messages:control")
    refused = sign_in(Role.MANAGER).post(url, {"days": "5000"})
    assert (refused.status_code, "known for 40 days" in refused.content.decode()) == (422, True)
    agent = sign_in(Role.AGENT)
    assert "rehearsal-form" not in page(agent)
    agent.post(url, {"days": "30"})
    assert not Job.objects.filter(name=JOB).exists()
