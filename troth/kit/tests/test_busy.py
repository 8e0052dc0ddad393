"""A locked database: tried again, then said in words; a real one is held by another connection."""

import sqlite3
from threading import Timer

import pytest
from django.db import OperationalError, connection, transaction

from troth.kit import busy
from troth.kit.busy import ATTEMPTS, BusyError, again_when_busy

LOCKED = OperationalError("database is locked")


class _Work:
    """Fails so many times before it answers."""

    def __init__(self, failures: int, error: Exception = LOCKED) -> None:
        self.failures, self.error, self.calls = failures, error, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error
        return "done"


@pytest.fixture
def no_sleep(monkeypatch):
    monkeypatch.setattr(busy.time, "sleep", lambda _seconds: None)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_was_locked_is_tried_again(no_sleep):
    work = _Work(ATTEMPTS - 1)
    assert again_when_busy(work) == "done"
    assert work.calls == ATTEMPTS


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_stays_locked_is_said_in_words(no_sleep):
    work = _Work(ATTEMPTS)
    with pytest.raises(BusyError, match="The database is busy"):
        again_when_busy(work)
    assert work.calls == ATTEMPTS


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_another_failure_is_not_tried_again(no_sleep):
    work = _Work(1, OperationalError("disk full"))
    with pytest.raises(OperationalError, match="disk full"):
        again_when_busy(work)
    assert work.calls == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_it_is_called_once(no_sleep):
    work = _Work(1)
    with transaction.atomic(), pytest.raises(BusyError):
        again_when_busy(work)
    assert work.calls == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_file_that_another_process_writes_is_waited_for(monkeypatch, tmp_path):
    """With SQLite itself: its own words for a locked file are those we know, and the wait ends with the writer."""
    monkeypatch.setattr(busy, "PAUSE_SECONDS", 0.05)
    path = tmp_path / "held.sqlite3"
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    writer.execute("create table held (number integer)")
    writer.execute("begin immediate")
    release = Timer(0.1, lambda: writer.execute("commit"))
    calls = []

    def work():
        calls.append(1)
        try:
            with sqlite3.connect(path, timeout=0) as ours:
                ours.execute("insert into held values (1)")
        except sqlite3.OperationalError as error:
            raise OperationalError(*error.args) from error  # as Django passes it on
        return "done"

    release.start()
    assert again_when_busy(work) == "done"
    release.join()
    assert len(calls) > 1
    assert not connection.in_atomic_block
