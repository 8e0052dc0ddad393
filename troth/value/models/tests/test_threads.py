"""Linear algebra on one thread, and as many threads as before when all are done."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from troth.value.models import BetaGeoModel
from troth.value.models.threads import on_one_thread, one_thread


def threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture
def two_threads():
    numbers = np.ones(100_000)
    assert numbers @ numbers == 100_000  # its threads are there from the first use on
    with threadpool_limits(2, "blas"):
        yield


def test_the_limit_holds_within_and_ends_after(two_threads):
    with one_thread(), one_thread():
        assert threads() == {1}
    assert threads() == {2}


def test_threads_started_within_are_held_to_it(two_threads):
    def nested():
        with one_thread():
            return threads()

    with one_thread(), ThreadPoolExecutor(2) as pool:
        found = [pool.submit(nested).result(), pool.submit(threads).result(), threads()]
    assert found == [{1}, {1}, {1}]
    assert threads() == {2}


def test_an_error_lifts_the_limit_too(two_threads):
    @on_one_thread
    def fails():
        raise ValueError(str(threads()))

    with pytest.raises(ValueError, match=r"\{1\}"):
        fails()
    assert threads() == {2}


@pytest.mark.slow
def test_a_fit_is_the_same_to_the_last_bit_whatever_threads_the_machine_has():
    random = np.random.default_rng(4)
    given = BetaGeoModel.from_params({"r": 0.6, "alpha": 60.0, "a": 0.8, "b": 2.5})
    data = given.simulate(30_000, random.uniform(100, 900, 30_000).round(), seed=5)
    found = []
    for limit in (1, 2):
        with threadpool_limits(limit, "blas"):
            found.append(BetaGeoModel().fit(data).point.tolist())
    assert found[0] == found[1]
