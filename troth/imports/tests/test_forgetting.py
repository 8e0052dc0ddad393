"""Refused rows and files that nobody imported do not stay for ever."""

from datetime import timedelta
from io import BytesIO

import pytest

from troth.events.models import Event
from troth.imports import services
from troth.imports.errors import ImportStateError
from troth.imports.models import ImportRun
from troth.imports.targets import Shape
from troth.jobs.models import Schedule

from .conftest import ACTOR, NOW

FILE = "customer no,phone\n1,13800138000\n1.38E+10,13800138001\n2,not a phone\n"
MONTH = timedelta(days=30)


@pytest.mark.slow
def test_refused_rows_go_after_the_days_and_figures_stay(bring):
    run = bring(FILE, Shape.CUSTOMERS)
    finished_at = run.finished_at
    assert (run.refused_path.exists(), run.noted_path.exists()) == (True, True)
    assert services.forget_files(actor=ACTOR, now=finished_at + MONTH) == 0
    assert (run.refused_path.exists(), run.noted_path.exists()) == (True, True)
    assert services.forget_files(actor=ACTOR, now=finished_at + MONTH + timedelta(seconds=1)) == 1
    before = run.report
    run.refresh_from_db()
    assert (run.folder.exists(), run.is_forgotten, run.report) == (False, True, before | {"sample": [], "notes": []})
    assert Event.objects.get(name="imports.files.forgotten").data == {"imports": [str(run.id)]}
    assert services.forget_files(actor=ACTOR, now=finished_at + 2 * MONTH) == 0


def test_a_file_that_was_never_imported_goes_whole(company):
    run = services.receive(actor=ACTOR, now=NOW, file_name="a.csv", content=BytesIO(FILE.encode()))
    assert services.forget_files(actor=ACTOR, now=NOW + MONTH + timedelta(seconds=1)) == 1
    assert (run.folder.exists(), ImportRun.objects.count()) == (False, 0)


def test_what_still_waits_is_left_alone(company):
    run = services.receive(actor=ACTOR, now=NOW, file_name="a.csv", content=BytesIO(FILE.encode()))
    services.start(run.id, actor=ACTOR, now=NOW)
    assert services.forget_files(actor=ACTOR, now=NOW + 2 * MONTH) == 0
    assert run.upload_path.exists()


@pytest.mark.slow
def test_after_a_dry_run_was_forgotten_the_file_is_asked_for_again(bring):
    run = bring(FILE, Shape.CUSTOMERS, is_dry_run=True)
    services.forget_files(actor=ACTOR, now=run.finished_at + 2 * MONTH)
    with pytest.raises(ImportStateError) as refused:
        services.start(run.id, actor=ACTOR, now=NOW)
    assert refused.value.fields == {"state": "forgotten"}


@pytest.mark.slow
def test_a_job_does_it_every_day(bring):
    bring(FILE, Shape.CUSTOMERS)
    assert Schedule.objects.get(name="imports.forget_files").every_seconds == 24 * 3600
