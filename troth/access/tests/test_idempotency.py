"""A named operation happens once: in sequence, in a race, and after a failure."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from troth.access import idempotency
from troth.access.actors import Actor, system_actor
from troth.access.errors import IdempotencyConflictError, UserRefusedError
from troth.access.idempotency import Answer
from troth.access.models import IdempotencyRecord, SavedView, User
from troth.kit.ids import new_id

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TILL = Actor(kind="api_key", id="till", label="Till")
SHOP = Actor(kind="api_key", id="shop", label="Web shop")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def once(operation, *, key="k1", payload=None, actor=TILL, now=NOW):
    return idempotency.perform_once(actor=actor, key=key, payload=payload, now=now, operation=operation)


def counting(calls):
    def operation():
        calls.append(1)
        return Answer(201, {"number": len(calls), "id": UUID(int=7), "at": NOW})

    return operation


@pytest.mark.django_db
def test_the_same_call_again_gets_the_first_answer():
    calls = []
    body = {"number": 1, "id": "00000000-0000-0000-0000-000000000007", "at": "2026-03-02T09:30:00Z"}
    assert once(counting(calls), payload={"a": 1, "b": 2}) == Answer(201, body)
    assert once(counting(calls), payload={"b": 2, "a": 1}) == Answer(201, body, is_repeat=True)
    assert calls == [1]


@pytest.mark.django_db
def test_the_same_key_with_another_payload_is_a_conflict_and_does_nothing():
    calls = []
    once(counting(calls), payload={"amount": "1.00"})
    with pytest.raises(IdempotencyConflictError) as refused:
        once(counting(calls), payload={"amount": "2.00"})
    assert refused.value.fields["value"] == "k1"
    assert calls == [1]


@pytest.mark.django_db
def test_keys_belong_to_their_actor():
    calls = []
    once(counting(calls))
    once(counting(calls), actor=SHOP)
    assert calls == [1, 1]


@pytest.mark.django_db
def test_a_refusal_changes_nothing_and_frees_the_key():
    def refuse():
        User.objects.create_user("half@example.com")
        raise UserRefusedError("no")

    with pytest.raises(UserRefusedError):
        once(refuse)
    assert (User.objects.count(), IdempotencyRecord.objects.count()) == (0, 0)
    assert once(counting([]), payload={"mended": True}).status == 201


@pytest.mark.django_db
def test_answers_are_forgotten_after_thirty_days():
    calls = []
    once(counting(calls))
    once(counting(calls), key="k2", now=NOW + timedelta(days=1))
    later = NOW + timedelta(days=30, seconds=1)
    assert idempotency.forget_old_answers(actor=system_actor("test"), now=later) == 1
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["k2"]


@given(left=json_values, right=json_values)
def test_fingerprints_are_equal_exactly_when_the_payloads_are(left, right):
    def shape(value):  # Python holds True == 1; JSON does not
        if isinstance(value, dict):
            return {key: shape(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [shape(inner) for inner in value]
        return (type(value), value)

    same = idempotency.fingerprint_of(left) == idempotency.fingerprint_of(right)
    assert same == (shape(left) == shape(right))


@pytest.mark.slow
@pytest.mark.parametrize("round_number", range(5))
def test_of_many_at_once_one_works_and_all_get_its_answer(racing_database, round_number):
    user = User.objects.create_user("till@example.com")
    answers, failures = [], []
    start = threading.Barrier(8)

    def operation():
        view = SavedView.objects.create(user=user, area="race", name=str(new_id()))
        return Answer(201, {"view": view.id})

    def call(number):
        payload = {"amount": 1 if number < 6 else 2}
        try:
            start.wait()
            answers.append(once(operation, payload=payload))
        except IdempotencyConflictError as error:
            failures.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert SavedView.objects.count() == 1
    assert len(answers) in (2, 6)  # whichever payload came first won; the others conflict
    assert len(failures) == 8 - len(answers)
    assert {str(answer.body) for answer in answers} == {str({"view": SavedView.objects.get().id})}
    assert sum(not answer.is_repeat for answer in answers) == 1
