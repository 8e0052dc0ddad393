import pytest
from django.db import OperationalError, transaction

from troth.kit import deadlocks
from troth.kit.deadlocks import ATTEMPTS, again_after_deadlock


class _Deadlock(Exception):
    sqlstate = "40P01"


class _Work:
    """Fails so many times before it answers."""

    def __init__(self, failures: int, cause: Exception) -> None:
        self.failures, self.cause, self.calls = failures, cause, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise OperationalError("ended") from self.cause
        return "done"


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch):
    monkeypatch.setattr(deadlocks.time, "sleep", lambda _seconds: None)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_the_database_ended_for_another_is_done_again():
    work = _Work(ATTEMPTS - 1, _Deadlock())
    assert again_after_deadlock(work) == "done"
    assert work.calls == ATTEMPTS


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_gives_up_after_five_times():
    work = _Work(ATTEMPTS, _Deadlock())
    with pytest.raises(OperationalError):
        again_after_deadlock(work)
    assert work.calls == ATTEMPTS


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_another_failure_is_not_tried_again():
    work = _Work(1, RuntimeError("disk full"))
    with pytest.raises(OperationalError):
        again_after_deadlock(work)
    assert work.calls == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_part_of_a_transaction_is_not_done_again_by_itself():
    work = _Work(1, _Deadlock())
    with pytest.raises(OperationalError), transaction.atomic():
        again_after_deadlock(work)
    assert work.calls == 1
