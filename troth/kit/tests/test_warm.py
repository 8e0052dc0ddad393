"""Connections that go from thread to thread."""

import threading

import pytest
from django.db import connection, connections, transaction

from troth.kit import warm

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def kept(transactional_db, monkeypatch):
    """Connections are kept, and closed at the end: nobody may be left in the database that the tests drop."""
    idle = []
    monkeypatch.setattr(warm, "_idle", idle)
    monkeypatch.setattr(warm, "_is_kept", threading.Event())
    warm.keep_connections()
    yield idle
    for one in idle:
        one.close()


def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def in_a_thread(work):
    found = []

    def run():
        try:
            found.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def warm_backend():
    with warm.warm_connection(), transaction.atomic():
        return backend()


def test_the_next_thread_goes_on_over_the_connection_of_the_last(kept):
    own = backend()
    first = warm_backend()
    assert first != own
    assert in_a_thread(warm_backend) == first
    assert backend() == own
    assert len(kept) == 1


def test_two_at_once_have_one_each(kept):
    with warm.warm_connection():
        assert in_a_thread(warm_backend) != backend()
    assert len(kept) == 2


def test_a_transaction_that_is_open_stays_where_it_is(kept):
    with transaction.atomic():
        assert warm_backend() == backend()
    assert kept == []


def test_an_ended_connection_is_made_anew(kept):
    ended = warm_backend()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [ended])
    kept[0].settings_dict = {**kept[0].settings_dict, "CONN_HEALTH_CHECKS": True}
    kept[0].health_check_enabled = True
    assert warm_backend() != ended
