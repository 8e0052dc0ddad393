"""Gathering: batches under load, each caller its own result, failures alone, nobody left waiting."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.kit.gathering import Gatherer

PATIENCE = 60
"""Seconds until something has failed, however busy the machine."""


class Refusal(ValueError):
    """One item's own error."""


class Recorder:
    """Doubles numbers, keeps its batches, and can be held up in the middle of one."""

    def __init__(self):
        self.batches = []
        self.started = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, items):
        self.batches.append(list(items))
        self.started.set()
        assert self.go_on.wait(PATIENCE)
        return [Refusal(item) if item < 0 else item * 2 for item in items]


def behind_a_held_batch(recorder, gatherer, items, *, gathered=None):
    """Submit 0, then the items while 0 is still being done; return each item's result or error in their order."""

    def submit(item):
        try:
            return gatherer.submit(item)
        except Exception as error:
            return error

    recorder.go_on.clear()
    with ThreadPoolExecutor(len(items) + 1) as pool:
        first = pool.submit(submit, 0)
        assert recorder.started.wait(PATIENCE)
        others = []
        for number, item in enumerate(items, start=1):
            others.append(pool.submit(submit, item))
            until = time.monotonic() + PATIENCE
            while number <= (gathered or len(items)) and waiting(gatherer) < number and time.monotonic() < until:
                time.sleep(0.0005)
        recorder.go_on.set()
        return [first.result(PATIENCE), *(other.result(PATIENCE) for other in others)]


def waiting(gatherer):
    return len(gatherer._open.items) if gatherer._open else 0


def test_a_caller_without_company_is_done_at_once_in_its_own_thread():
    threads = []

    def perform(items):
        threads.append(threading.current_thread())
        return items

    gatherer = Gatherer(perform, wait_seconds=60)
    assert [gatherer.submit(1), gatherer.submit(2)] == [1, 2]
    assert threads == [threading.current_thread()] * 2


def test_what_comes_while_a_batch_is_done_is_the_next_batch():
    recorder = Recorder()
    before = threading.active_count()
    results = behind_a_held_batch(recorder, Gatherer(recorder), [1, 2, 3, 4])
    assert results == [0, 2, 4, 6, 8]
    assert recorder.batches == [[0], [1, 2, 3, 4]]
    assert threading.active_count() == before


def test_a_refused_item_raises_in_its_own_caller_only():
    recorder = Recorder()
    results = behind_a_held_batch(recorder, Gatherer(recorder), [1, -7, 3])
    assert [results[0], results[1], results[3]] == [0, 2, 6]
    assert isinstance(results[2], Refusal)
    assert results[2].args == (-7,)
    assert recorder.batches == [[0], [1, -7, 3]]


def test_of_a_batch_that_fails_each_is_done_alone():
    recorder = Recorder()

    def perform(items):
        results = recorder(items)
        if 13 in items:
            raise RuntimeError("the database would not have it")
        return results

    results = behind_a_held_batch(recorder, Gatherer(perform), [1, 13, 2])
    assert [results[0], results[1], results[3]] == [0, 2, 4]
    assert isinstance(results[2], RuntimeError)
    assert recorder.batches[:2] == [[0], [1, 13, 2]]
    assert sorted(recorder.batches[2:]) == [[1], [2], [13]]


def test_an_item_that_fails_alone_is_not_tried_twice():
    calls = []

    def perform(items):
        calls.append(items)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        Gatherer(perform).submit(1)
    assert calls == [[1]]


def test_a_batch_holds_no_more_than_its_limit():
    recorder = Recorder()
    gatherer = Gatherer(recorder, batch_limit=3)
    results = behind_a_held_batch(recorder, gatherer, [1, 2, 3, 4, 5], gathered=2)
    assert results == [0, 2, 4, 6, 8, 10]
    assert recorder.batches[0] == [0]
    assert sorted(len(batch) for batch in recorder.batches[1:]) == [2, 3]


def test_with_company_expected_a_leader_waits_for_more_but_not_for_ever():
    recorder = Recorder()
    gatherer = Gatherer(recorder, wait_seconds=0.05)
    behind_a_held_batch(recorder, gatherer, [1, 2])
    begun = time.monotonic()
    assert gatherer.submit(3) == 6
    waited = time.monotonic() - begun
    assert waited >= 0.05
    assert gatherer._has_company is False


@pytest.mark.slow
def test_a_leader_waits_on_while_one_comes_after_the_other():
    recorder = Recorder()
    gatherer = Gatherer(recorder, wait_seconds=PATIENCE, longest_seconds=4 * PATIENCE, batch_limit=3)
    behind_a_held_batch(recorder, gatherer, [1, 2])
    callers = [threading.Thread(target=gatherer.submit, args=(number,)) for number in (3, 4, 5)]
    for caller in callers:
        caller.start()
        time.sleep(0.02)
    for caller in callers:
        caller.join()
    assert sorted(recorder.batches[-1]) == [3, 4, 5]


def test_a_leader_waits_no_longer_than_it_may():
    recorder = Recorder()
    gatherer = Gatherer(recorder, wait_seconds=PATIENCE, longest_seconds=0)
    behind_a_held_batch(recorder, gatherer, [1, 2])
    begun = time.monotonic()
    assert gatherer.submit(3) == 6
    assert time.monotonic() - begun < PATIENCE


def test_a_batch_that_hangs_holds_up_the_next_for_a_bounded_time():
    hanging, go_on = threading.Event(), threading.Event()

    def perform(items):
        if items == ["hangs"]:
            hanging.set()
            assert go_on.wait(PATIENCE)
        return items

    gatherer = Gatherer(perform, turn_seconds=0.02)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(gatherer.submit, "hangs")
        assert hanging.wait(PATIENCE)
        assert gatherer.submit("next") == "next"
        assert not first.done()
        go_on.set()
        assert first.result(PATIENCE) == "hangs"
    assert gatherer.submit("after") == "after"


def test_followers_of_a_leader_that_is_stopped_are_done_alone():
    recorder = Recorder()

    def perform(items):
        results = recorder(items)
        if len(items) > 1:
            raise SystemExit
        return results

    gatherer = Gatherer(perform)
    outcomes = {}

    def submit(item):
        try:
            outcomes[item] = gatherer.submit(item)
        except SystemExit:
            outcomes[item] = "stopped"

    recorder.go_on.clear()
    threads = []
    for number in range(4):
        threads.append(threading.Thread(target=submit, args=(number,)))
        threads[-1].start()
        assert recorder.started.wait(PATIENCE)
        while number and waiting(gatherer) < number:
            time.sleep(0.0005)
    recorder.go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert outcomes == {0: 0, 1: "stopped", 2: 4, 3: 6}


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(items=st.lists(st.integers(-50, 50), min_size=1, max_size=60), limit=st.integers(1, 20))
def test_whatever_the_batches_every_caller_gets_what_it_would_get_alone(items, limit):
    recorder = Recorder()
    gatherer = Gatherer(recorder, batch_limit=limit, wait_seconds=0.0005)

    def submit(item):
        try:
            return gatherer.submit(item)
        except Refusal as error:
            return error.args

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(submit, items))
    assert results == [(item,) if item < 0 else item * 2 for item in items]
    assert sorted(item for batch in recorder.batches for item in batch) == sorted(items)
    assert max(map(len, recorder.batches)) <= limit
