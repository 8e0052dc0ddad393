"""`troth sending`."""

import json

import pytest
from typer.testing import CliRunner

from troth.cli.main import app
from troth.messaging.models import SendingState

pytestmark = pytest.mark.django_db


def run(*arguments):
    return CliRunner().invoke(app, ["sending", *arguments])


@pytest.mark.slow
def test_sending_is_paused_shown_and_released():
    assert run("show").stdout == "Sending runs.\n0 messages are waiting.\n"
    paused = run("pause", "--note", "made up")
    assert (paused.exit_code, paused.stdout.splitlines()[0]) == (0, "All sending is paused: Somebody paused it.")
    assert SendingState.objects.get().note == "made up"
    again = run("pause")
    assert (again.exit_code, again.stderr) == (1, "troth: Sending is paused already.\n")
    assert json.loads(run("show", "--json").stdout) == {"is_paused": True, "reason": "person", "waiting": 0}
    assert run("release", "--waiting", "send").exit_code == 0
    assert not SendingState.objects.get().is_paused


def test_an_act_that_there_is_not_is_wrong_use():
    assert run("stop").exit_code == 2
