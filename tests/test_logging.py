"""What fails on our side leaves a trace for whoever runs the process."""

import logging

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path


def failing(_request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("told to whoever runs the process")


urlpatterns = [path("fails/", failing)]
handler404 = handler500 = "django.views.defaults.server_error"


@pytest.mark.django_db
@pytest.mark.urls("tests.test_logging")
def test_a_failure_of_ours_is_written_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert Client(raise_request_exception=False).get("/fails/").status_code == 500
    written = capsys.readouterr().err
    assert "ERROR django.request: Internal Server Error: /fails/" in written
    assert "ZeroDivisionError: told to whoever runs the process" in written


@pytest.mark.django_db
def test_what_a_caller_got_wrong_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert Client().get("/nothing/here/").status_code == 404
    assert capsys.readouterr().err == ""


def test_what_strangers_sent_begins_no_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    forged = "2026-01-01 00:00:00,000 ERROR troth: forged"
    log = logging.getLogger("troth.test")
    log.warning("asked for: %s", f"/a\n{forged}\r{forged}\u2028{forged}\x1b[31m")
    try:
        raise ValueError(f"no\n{forged}")
    except ValueError:
        log.exception("王")
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("2026-01-01 00:00")] == []
    assert lines[0].endswith("[31m")
    assert "\x1b" not in lines[0]
    assert (lines[1].endswith("ERROR troth.test: 王"), lines[-1]) == (True, f"    {forged}")
