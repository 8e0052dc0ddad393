from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from troth.access.permissions import Role
from troth.console.jobs import pictures
from troth.jobs import registry
from troth.jobs.lanes import Lane
from troth.jobs.models import Job, JobStatus, Schedule

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def job(status=JobStatus.RUNNING, **fields):
    return Job(name="test.count", status=status, created_by="system:test", created_at=NOW, started_at=NOW, **fields)


@pytest.mark.parametrize(
    ("seconds", "done", "total", "detail"),
    [
        (2, 500, 1000, "500 of 1,000"),
        (30, 500, 1000, "500 of 1,000 · about 30 seconds left"),
        (30, 10, 1000, "10 of 1,000 · about 50 minutes left"),
        (30, 700, None, "700"),
        (30, 0, 1000, ""),
    ],
)
def test_time_left_from_the_pace_so_far(seconds, done, total, detail):
    running = job(progress_done=done, progress_total=total)
    assert pictures.progress_of(running, NOW + timedelta(seconds=seconds)).detail == detail


@pytest.mark.parametrize(("seconds", "text"), [(42, "42 s"), (185, "3 min 05 s"), (7_500, "2 h 05 min")])
def test_lengths_of_time(seconds, text):
    assert pictures.span(timedelta(seconds=seconds)) == text


def test_a_done_job_is_full_and_asks_no_more():
    done = pictures.progress_of(job(JobStatus.SUCCEEDED, progress_done=3, progress_total=9), NOW)
    assert (done.ratio, done.poll_url, done.tone) == (1.0, "", "good")


def test_a_failed_job_shows_its_error(sign_in):
    failed = job(JobStatus.FAILED, error_code="boom", error_message="Line 7: <wrong>")
    failed.save()
    html = sign_in().get(f"/settings/jobs/{failed.id}/").content.decode()
    assert "Line 7: &lt;wrong&gt;" in html
    assert "Start again" in html


def test_stopping_a_waiting_job(sign_in):
    waiting = job(JobStatus.QUEUED)
    waiting.save()
    browser = sign_in()
    assert "hx-get" in browser.get(f"/settings/jobs/{waiting.id}/").content.decode()
    browser.post(f"/settings/jobs/{waiting.id}/cancel/")
    waiting.refresh_from_db()
    assert waiting.status == JobStatus.CANCELLED


def test_the_bar_of_a_job_that_is_over_brings_the_page_anew(sign_in):
    done = job(JobStatus.SUCCEEDED)
    done.save()
    answer = sign_in().get(f"/settings/jobs/{done.id}/progress/")
    assert answer.headers["HX-Refresh"] == "true"


def test_analysts_look_but_do_not_stop(sign_in):
    waiting = job(JobStatus.QUEUED)
    waiting.save()
    browser = sign_in(Role.ANALYST)
    assert "cancel/" not in browser.get(f"/settings/jobs/{waiting.id}/").content.decode()
    assert browser.post(f"/settings/jobs/{waiting.id}/cancel/").status_code == 403
    waiting.refresh_from_db()
    assert waiting.status == JobStatus.QUEUED


@pytest.mark.slow
def test_the_list_filters_by_state(sign_in):
    job(JobStatus.FAILED, error_message="x").save()
    browser = sign_in()
    assert "test.count" in browser.get("/settings/jobs/?status=failed").content.decode()
    assert "No job is in this state" in browser.get("/settings/jobs/?status=running").content.decode()
    assert browser.get("/settings/jobs/?status=nonsense&page=99").status_code == 200


RESULTS = {
    "customers.search_duplicates": ({"records": 1200, "found": 3, "open": 5, "is_trained": False}, "1,200"),
    "demo.describe": ({"customers": 2469, "with_demographics": 801}, "801"),
    "imports.run": ({"rows": 5000, "refused_rows": 12, "done": {"orders_created": 4000}}, "12"),
    "insights.analyse": ({"run": "x", "as_of_date": "2026-03-02", "customers": 2469}, "2,469"),
    "jobs.forget": ({"forgotten": 7_000}, "7,000"),
    "segments.refresh": ({"count": 1, "entered": 0, "left": 7}, "7"),
    "segments.refresh_all": ({"segments": 4}, "4"),
    "staff.forget_answers": ({"forgotten": 31}, "31"),
}


@pytest.mark.parametrize("name", sorted(RESULTS))
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_results_are_told_in_sentences(name, language):
    result, fact = RESULTS[name]
    with translation.override(language):
        told = " ".join(registry.result_of(name, result))
    assert fact in told
    assert not {code for code in result if "_" in code and code in told}
    assert ("\u4e00" <= told[-2] <= "\u9fff") == (language == "zh-hans")


def test_every_handler_tells_its_result():
    types = [kind for kind in registry.all_types() if not kind.name.startswith("test.")]
    mute = [kind.name for kind in types if kind.result_text is None]
    assert mute == [], "give their @handler a result_text: the jobs screen shows sentences, not codes"
    assert {kind.name for kind in types} >= set(RESULTS)


def test_a_finished_job_leads_on(sign_in):
    done = job(JobStatus.SUCCEEDED, result={"run": "x", "as_of_date": "2026-03-02", "customers": 2469})
    done.name = "insights.analyse"
    done.save()
    html = sign_in().get(f"/settings/jobs/{done.id}/").content.decode()
    assert "2,469 customers were measured as of 2 Mar 2026." in html
    assert "as_of_date" not in html
    assert 'href="/overview/"' in html


@pytest.mark.parametrize(("language", "text"), [("en", "Measuring every customer"), ("zh-hans", "正在")])
def test_what_an_analysis_does_is_told_in_the_readers_language(language, text):
    running = job(progress_done=30, progress_total=100, progress_note="scores:0")
    running.name = "insights.analyse"
    with translation.override(language):
        assert pictures.progress_of(running, NOW).detail.startswith(text)


def test_the_lane_of_each_job_is_shown(sign_in, monkeypatch):
    prompt = registry.JobType("test.prompt", "Short work", lambda context: None, 1, lane=Lane.PROMPT)
    monkeypatch.setitem(registry._types, "test.prompt", prompt)
    job(JobStatus.SUCCEEDED).save()
    Job(name="test.prompt", status=JobStatus.SUCCEEDED, created_by="system:test", created_at=NOW).save()
    page = sign_in(Role.MANAGER).get("/settings/jobs/").content.decode()
    assert page.count(">Prompt</td>") == page.count(">Long</td>") == 1


def test_routine_work_is_shown_when_it_failed_or_is_asked_for(sign_in):
    Schedule.objects.create(name="test.count", every_seconds=60, next_run_at=NOW)
    Schedule.objects.create(name="test.daily", every_seconds=86_400, next_run_at=NOW)
    went_well, failed, daily = job(JobStatus.SUCCEEDED), job(JobStatus.FAILED), job(JobStatus.SUCCEEDED)
    daily.name = "test.daily"
    for one in (went_well, failed, daily):
        one.save()
    browser = sign_in()

    def shown(query):
        html = browser.get(f"/settings/jobs/{query}").content.decode()
        return {one.id for one in (went_well, failed, daily) if f"/settings/jobs/{one.id}/" in html}

    assert shown("") == {failed.id, daily.id}
    assert shown("?status=succeeded") == {daily.id}
    assert shown("?status=&routine=1") == {went_well.id, failed.id, daily.id}
    assert shown("?status=succeeded&routine=1") == {went_well.id, daily.id}
