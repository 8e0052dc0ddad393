"""Limits over all processes: what one counted, every other one knows."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection

from troth.access.models import SharedNote
from troth.access.notes import SharedCache, SharedLimiter

ADDRESS = "203.0.113.7"


@pytest.fixture
def at() -> list[float]:
    return [1_000.0]


@pytest.mark.django_db
def test_a_limit_holds_over_all_who_count(at):
    here, there = (SharedLimiter("form", 3, clock=lambda: at[0]) for _process in range(2))
    taken = [one.take(ADDRESS) for one in (here, there, here, there)]
    assert [(one.is_granted, one.remaining, one.wait_seconds) for one in taken] == [
        (True, 2, 0), (True, 1, 0), (True, 0, 0), (False, 0, 20)
    ]  # fmt: skip
    assert there.take("203.0.113.8").is_granted
    assert SharedLimiter("another form", 3, clock=lambda: at[0]).take(ADDRESS).is_granted
    at[0] += 20
    assert [here.take(ADDRESS).is_granted, there.take(ADDRESS).is_granted] == [True, False]
    at[0] += 3600
    assert here.take(ADDRESS).remaining == 2, "nothing is saved up beyond a minute"


@pytest.mark.django_db
def test_a_clock_that_went_back_gives_nothing_and_takes_nothing(at):
    limiter = SharedLimiter("form", 2, clock=lambda: at[0])
    limiter.take(ADDRESS)
    at[0] -= 500
    assert [limiter.take(ADDRESS).is_granted, limiter.take(ADDRESS).is_granted] == [True, False]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_as_many_pass_as_may(racing_database):
    limiter = SharedLimiter("form", 5, clock=lambda: 1_000.0)

    def take(_caller):
        try:
            return limiter.take(ADDRESS).is_granted
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as callers:
        granted = list(callers.map(take, range(24)))
    assert (sum(granted), SharedNote.objects.count()) == (5, 1)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_that_add_at_once_one_is_told_that_it_did(racing_database):
    def add(number):
        try:
            return SharedCache("", {}).add("lock", number, 10)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as callers:
        added = list(callers.map(add, range(16)))
    assert (sum(added), added[SharedCache("", {}).get("lock")]) == (1, True)


@pytest.mark.django_db
def test_what_is_kept_is_there_until_it_is_over():
    cache.set("tries", [1.5, 2.5], 300)
    assert (cache.get("tries"), cache.get("tries", version=2), cache.get("other", "none")) == ([1.5, 2.5], None, "none")
    assert cache.add("tries", [], 300) is False
    cache.set("over", 1, -1)
    assert (cache.get("over"), cache.add("over", 2, 300), cache.get("over")) == (None, True, 2)
    cache.set("for-ever", True, None)
    assert cache.get("for-ever") is True
    assert (cache.delete("tries"), cache.delete("tries"), cache.get("tries")) == (True, False, None)
    cache.clear()
    assert not SharedNote.objects.exists()


@pytest.mark.django_db
def test_what_is_over_is_swept_away_and_nothing_tells_whom_it_was_about():
    cache.set("allauth:ip:" + ADDRESS, [1.0], -1)
    cache.set("allauth:key", [1.0], 60)
    kept = SharedNote.objects.get()
    assert (ADDRESS in kept.key, len(kept.key)) == (False, 64)
