"""Linear algebra on one thread: the same figures whatever the machine has, and no threads that wait for each other.

A dot product of two cores adds up in another order than one of four, and for vectors of our length the cores spend more
time on meeting than on adding; where others use the machine too, several times more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread within the block, also that of threads started in it.

    The limit is the process's. Where several threads hold it at once, the first one lifts it.
    """
    with _controller().limit(limits=1, user_api="blas"):
        yield


def on_one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """The function, keeping linear algebra to one thread."""

    @wraps(function)
    def kept(*args: P.args, **kwargs: P.kwargs) -> R:
        with one_thread():
            return function(*args, **kwargs)

    return kept


@cache
def _controller() -> Any:
    return ThreadpoolController()
