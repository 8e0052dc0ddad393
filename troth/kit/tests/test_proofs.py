"""Proofs are examined some at a time where the database is a server, and always told in their order."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import translation

from troth.kit.proofs import AT_ONCE, Proof, examine_all

CODES = ["first", "second", "third", "fourth"]


def counting(number: int) -> Callable[[], int]:
    """Return a statement that finds so many rows."""

    def violations() -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {number}")
            return int(cursor.fetchone()[0])

    return violations


def made(count_violations: Callable[[int], Callable[[], int]]) -> list[Proof]:
    return [Proof(code, code, count_violations(place), translation.get_language) for place, code in enumerate(CODES)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_verdicts_come_in_the_order_of_the_proofs_and_in_the_language_of_who_asks():
    with translation.override("zh-hans"):
        found = [(one.proof.code, one.violations, one.first) for one in examine_all(made(counting))]
    assert found == [("first", 0, ""), ("second", 1, "zh-hans"), ("third", 2, "zh-hans"), ("fourth", 3, "zh-hans")]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_some_are_examined_at_the_same_time():
    together = threading.Barrier(AT_ONCE)  # lets nobody pass before the others have come

    def meet() -> int:
        together.wait(timeout=60)
        return 0

    assert [one.holds for one in examine_all(made(lambda _place: meet))] == [True] * len(CODES)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_they_are_examined_on_its_own_connection():
    here = threading.get_ident()
    with transaction.atomic():
        found = list(examine_all(made(lambda _place: lambda: int(threading.get_ident() != here))))
    assert [one.violations for one in found] == [0] * len(CODES)
