"""Queries written once: they answer what Django's own would, with whatever values, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection

from troth.activity.models import DocumentKey
from troth.kit.ids import new_id
from troth.kit.statements import Written, server_cursor
from troth.ledger.models import Account, PointCurrency

NOW = datetime(2026, 11, 22, 9, 0, 0, 250, tzinfo=UTC)
AWKWARD = ["", "NULL", "a,b", "{x}", 'say "so"', "back\\slash", "恒客", "it's", "%s"]


def currency(code):
    return PointCurrency.objects.create(code=code, name=code, created_at=NOW, updated_at=NOW)


def account(owner, of, **given):
    return Account.objects.create(
        id=new_id(), owner_kind="customer", owner_id=owner, currency=of, created_at=NOW, last_activity_at=NOW, **given
    )


@pytest.mark.django_db
def test_it_is_written_once_and_finds_what_each_call_asks_for():
    first, second, third = new_id(), new_id(), new_id()
    points, stamps = currency("points"), currency("stamps")
    for owner, of, balance in ((first, points, 5), (second, points, 7), (second, stamps, 9), (third, points, 11)):
        account(owner, of, balance=balance, earned=balance)
    made = []

    def accounts(owners, currencies, least):
        made.append(owners)
        found = Account.objects.filter(owner_id__among=owners, currency_id__among=currencies, balance__gte=least)
        return found.order_by("balance").values_list("owner_id", "currency_id", "balance", "last_activity_at")

    query = Written(accounts)
    one = query.fetch({first, second}, [points.pk], 0)
    assert [tuple(row) for row in one] == [(first, points.pk, 5, NOW), (second, points.pk, 7, NOW)]
    other = query.fetch([second, third], {points.pk, stamps.pk}, 9)
    assert [tuple(row) for row in other] == [(second, stamps.pk, 9, NOW), (third, points.pk, 11, NOW)]
    assert list(query.fetch([], [points.pk], 0)) == []
    assert len(made) == (1 if connection.vendor == "postgresql" else 3)


@pytest.mark.django_db
def test_values_of_every_kind_stand_beside_the_statement():
    owner, day = new_id(), timedelta(days=1)
    for text in AWKWARD:
        DocumentKey.objects.create(
            document_kind="order", source="till", external_id=text, document_id=new_id(), owner_id=owner
        )
    texts = Written(
        lambda wanted, whose: DocumentKey.objects.filter(external_id__among=wanted, owner_id=whose).values_list(
            "external_id"
        )
    )
    assert sorted(text for (text,) in texts.fetch(AWKWARD, owner)) == sorted(AWKWARD)
    assert list(texts.fetch(["%s"], owner)) == [("%s",)]
    assert list(texts.fetch(AWKWARD, new_id())) == []
    currency("points")
    since = Written(
        lambda start, end: PointCurrency.objects.filter(created_at__gte=start, created_at__lt=end).values_list("code")
    )
    assert list(since.fetch(NOW, NOW + day)) == [("points",)]
    assert list(since.fetch(NOW + day, NOW + 2 * day)) == []


@pytest.mark.django_db(transaction=True)
def test_it_needs_no_open_connection():
    codes = Written(lambda: PointCurrency.objects.values_list("code"))
    connection.close()
    assert list(codes.fetch()) == []


@pytest.mark.postgres
@pytest.mark.django_db
def test_what_the_database_refuses_is_raised_as_by_django():
    if connection.vendor != "postgresql":
        pytest.skip("past Django's cursors it goes on PostgreSQL only")
    with pytest.raises(DatabaseError, match="no_such_table"), server_cursor(connection) as cursor:
        cursor.execute("SELECT * FROM no_such_table")
