from datetime import UTC, datetime, timedelta

import pytest

from troth.access.permissions import Role
from troth.console.jobs import pictures
from troth.jobs.models import Job, JobStatus

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def job(status=JobStatus.RUNNING, **fields):
    return Job(
        name="test.count", status=status, created_by="system:test", created_at=NOW, started_at=NOW, **fields
    )


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


def test_the_list_filters_by_state(sign_in):
    job(JobStatus.FAILED, error_message="x").save()
    browser = sign_in()
    assert "test.count" in browser.get("/settings/jobs/?status=failed").content.decode()
    assert "No job is in this state" in browser.get("/settings/jobs/?status=running").content.decode()
    assert browser.get("/settings/jobs/?status=nonsense&page=99").status_code == 200
