"""`troth mail-in`, as a mail server calls it."""

import pytest
from django.db import OperationalError
from typer.testing import CliRunner

from troth.cli.main import app
from troth.staff.models import Company
from troth.voice.complaints import services
from troth.voice.models import Case

pytestmark = pytest.mark.django_db
MAIL = b"From: Ann <ann@example.com>\r\nMessage-ID: <1@example.com>\r\nSubject: Ring\r\n\r\nThe ring came broken.\r\n"


@pytest.fixture(autouse=True)
def company():
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai", country="CN")


def pipe(raw: bytes):
    return CliRunner().invoke(app, ["mail-in", "--recipient", "care@shop.example"], input=raw)


@pytest.mark.slow
def test_a_mail_opens_a_case():
    found = pipe(MAIL)
    case = Case.objects.get()
    assert (found.exit_code, found.stdout) == (0, f"Case {case.number} opened.\n")
    assert pipe(MAIL).stdout == f"This message is in case {case.number} already.\n"


def test_what_is_refused_goes_back_to_its_sender():
    refused = pipe(b"Subject: x\r\n\r\nnobody\r\n")
    assert (refused.exit_code, refused.stderr) == (1, "troth: The message names no sender.\n")


def test_what_fails_for_now_is_tried_again_by_the_server(monkeypatch):
    def fail(*_args, **_named):
        raise OperationalError("database is locked")

    monkeypatch.setattr(services, "take_mail", fail)
    assert pipe(MAIL).exit_code == 75
