"""Exports while others write: what commits late is found, what is not committed is not."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from troth.insights.lake import exporting

from .making import NOW, make_customer, make_order
from .test_lake_export import rows

DAY = date(2026, 2, 1)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_long_transaction_that_commits_after_the_export_is_in_the_next(tmp_path):
    ann = make_customer()
    for _ in range(5):
        make_order(ann, DAY, at=NOW)
    written, may_commit = threading.Event(), threading.Event()

    def write_slowly():
        try:
            with transaction.atomic():
                make_order(ann, DAY, "7", at=NOW - timedelta(hours=2))
                written.set()
                may_commit.wait(60)
        finally:
            connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert written.wait(60)
    exporting.export(tmp_path, now=NOW)
    during = len(rows(tmp_path, "orders"))
    may_commit.set()
    writer.join()

    result = exporting.export(tmp_path, now=NOW + timedelta(hours=1))

    assert (during, result.rows["orders"], result.full, len(rows(tmp_path, "orders"))) == (5, 1, [], 6)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_export_sees_one_moment(tmp_path):
    """An order committed while the export runs is in this one whole, or in the next one whole."""
    ann = make_customer()
    for _ in range(5):
        make_order(ann, DAY)
    done = []

    def write_meanwhile(fact, _done, _total):
        if fact == "orders" and not done:
            writer = threading.Thread(target=lambda: (make_order(ann, DAY, categories=("a", "b")), connection.close()))
            writer.start()
            writer.join()
            done.append(True)

    exporting.export(tmp_path, now=NOW, report=write_meanwhile)
    assert (len(rows(tmp_path, "orders")), len(rows(tmp_path, "lines"))) == (5, 5)

    exporting.export(tmp_path, now=NOW)
    assert (len(rows(tmp_path, "orders")), len(rows(tmp_path, "lines"))) == (6, 7)
