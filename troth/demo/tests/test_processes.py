"""Children start together, are missed when they end, and are all gone afterwards."""

import os
import socket

import pytest

from troth.demo import processes
from troth.demo.errors import DemoStoppedError


def test_a_taken_port_is_passed_over(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not processes.is_free(port)
        monkeypatch.setattr(processes, "FIRST_PORT", port)
        monkeypatch.setattr(processes, "LAST_PORT", port)
        with pytest.raises(DemoStoppedError, match=str(port)):
            processes.free_port()
    assert processes.free_port() == port


@pytest.mark.slow
def test_a_child_that_ends_is_named_with_its_last_words(tmp_path):
    with processes.Children(tmp_path) as children:
        children.start("web", "serve", "--no-such-option")
        children._running["web"].wait(timeout=60)
        with pytest.raises(DemoStoppedError, match=r"(?s)web process ended by itself.*no-such-option") as stopped:
            children.expect_alive()
    assert stopped.value.fields == {"process": "web"}


@pytest.mark.slow
def test_leaving_the_block_ends_every_child(tmp_path):
    with processes.Children(tmp_path) as children:
        children.start("first", "worker")
        children.start("second", "worker")
        numbers = [process.pid for process in children._running.values()]
        children.expect_alive()
    for number in numbers:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)
