"""The parent of the lanes: starts again what ended, gives up on what will not stay, ends with all its children."""

import signal
import subprocess
import sys

SUPERVISE = """
import sys
from troth.jobs import supervising
supervising.LOOK_SECONDS, supervising.LONGEST_PAUSE, supervising.STOP_SECONDS = 0.01, 0.01, float(sys.argv[1])
command = [sys.executable, "-c", sys.argv[2]]
is_well = supervising.supervise({"one": command}, ended=lambda name, code: print(name, code, flush=True))
print(is_well, "django" in sys.modules, flush=True)
"""
TIED = "import sys; print('up', flush=True); sys.stdin.read(); "
DEAF = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); sys.stdin.read()"
DEAF_AND_UNTIED = DEAF + "; import time; time.sleep(3600)"


def supervise(child, stop_seconds=60):
    command = [sys.executable, "-c", SUPERVISE, str(stop_seconds), child]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_what_will_not_stay_up_is_given_up_and_told_each_time():
    output, _ = supervise("raise SystemExit(7)").communicate(timeout=120)
    assert output.splitlines() == ["one 7"] * 5 + ["False False"]


def test_told_to_stop_it_ends_its_children_and_tells_of_none():
    process = supervise(TIED)
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=120)[0] == "True False\n"


def test_a_child_that_does_not_listen_is_killed():
    process = supervise(DEAF_AND_UNTIED, stop_seconds=0.1)
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=120)[0] == "True False\n"


def test_a_child_learns_that_its_parent_was_killed():
    process = supervise(DEAF)
    assert process.stdout.readline() == "up\n"
    process.kill()
    assert process.communicate(timeout=120)[0] == ""  # the child held the same output: its end is the child's
