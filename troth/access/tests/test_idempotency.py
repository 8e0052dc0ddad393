"""A named operation happens once: in sequence, in a race, and after a failure."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.access import idempotency
from troth.access.actors import Actor, system_actor
from troth.access.errors import IdempotencyConflictError, IdempotencyErasedError, UserRefusedError
from troth.access.idempotency import Answer
from troth.access.models import IdempotencyRecord, SavedView, User
from troth.kit.ids import new_id
from troth.kit.tests.racing import race

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
        return Answer.of(201, {"number": len(calls), "id": UUID(int=7), "at": NOW})

    return operation


@pytest.mark.slow
@pytest.mark.django_db
def test_the_same_call_again_gets_the_first_answer():
    calls = []
    body = {"number": 1, "id": "00000000-0000-0000-0000-000000000007", "at": "2026-03-02T09:30:00Z"}
    assert once(counting(calls), payload={"a": 1, "b": 2}) == Answer.of(201, body)
    assert once(counting(calls), payload={"b": 2, "a": 1}) == Answer(201, Answer.of(201, body).text, is_repeat=True)
    assert calls == [1]


@pytest.mark.slow
@pytest.mark.django_db
def test_the_same_key_with_another_payload_is_a_conflict_and_does_nothing():
    calls = []
    once(counting(calls), payload={"amount": "1.00"})
    with pytest.raises(IdempotencyConflictError) as refused:
        once(counting(calls), payload={"amount": "2.00"})
    assert refused.value.fields["value"] == "k1"
    assert calls == [1]


@pytest.mark.slow
@pytest.mark.django_db
def test_keys_belong_to_their_actor():
    calls = []
    once(counting(calls))
    once(counting(calls), actor=SHOP)
    assert calls == [1, 1]


@pytest.mark.slow
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


@pytest.mark.slow
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


def together(*calls, seen=None, refused=()):
    """Perform calls (actor, key, payload) together; those of a payload in `refused` are refused."""

    def perform(places):
        if seen is not None:
            seen.append([calls[place][2] for place in places])
        return [
            UserRefusedError("no") if calls[place][2] in refused else Answer.of(201, {"did": calls[place][2]})
            for place in places
        ]

    return idempotency.perform_many_once([idempotency.Named(*call) for call in calls], now=NOW, perform=perform)


def in_parts(*parts, payload=1):
    return idempotency.perform_in_parts_once(
        actor=TILL, key="k" * 255, payload=payload, now=NOW, parts=parts, around=nullcontext
    )


@pytest.mark.django_db
def test_parts_done_before_an_interruption_give_their_first_answer():
    def fails():
        raise RuntimeError("ended in the middle")

    with pytest.raises(RuntimeError):
        in_parts(lambda: Answer.of(200, "first"), fails)
    again = in_parts(lambda: Answer.of(200, "anew"), lambda: Answer.of(200, "second"))
    assert [(one.body, one.is_repeat) for one in again] == [("first", True), ("second", False)]
    assert [(one.body, one.is_repeat) for one in in_parts(fails, fails)] == [("first", True), ("second", True)]
    with pytest.raises(IdempotencyConflictError):
        in_parts(fails, fails, payload=2)


@pytest.mark.django_db
def test_operations_performed_together_get_what_each_would_get_alone():
    once(lambda: Answer.of(201, {"did": "before"}), key="old", payload="a")
    seen = []
    outcomes = together(
        (TILL, "old", "a"), (TILL, "old", "b"), (TILL, "new", "c"), (SHOP, "old", "d"), (TILL, "bad", "e"),
        seen=seen, refused=["e"],
    )  # fmt: skip
    assert seen == [["c", "d", "e"]]
    assert outcomes[0] == Answer(201, Answer.of(201, {"did": "before"}).text, is_repeat=True)
    assert (type(outcomes[1]), outcomes[1].fields["value"]) == (IdempotencyConflictError, "old")
    assert outcomes[2:4] == [Answer.of(201, {"did": "c"}), Answer.of(201, {"did": "d"})]
    assert (type(outcomes[4]), str(outcomes[4])) == (UserRefusedError, "no")
    kept = IdempotencyRecord.objects.order_by("actor", "key").values_list("actor", "key", "status")
    assert list(kept) == [(SHOP.code, "old", 201), (TILL.code, "new", 201), (TILL.code, "old", 201)]
    assert once(counting([]), key="new", payload="c") == Answer(201, Answer.of(201, {"did": "c"}).text, is_repeat=True)


@pytest.mark.django_db
def test_two_of_one_key_performed_together_happen_one_after_the_other():
    seen = []
    outcomes = together((TILL, "k", "a"), (TILL, "k", "a"), (TILL, "k", "b"), seen=seen)
    assert seen == [["a"]]
    first = Answer.of(201, {"did": "a"})
    assert outcomes[:2] == [first, Answer(201, first.text, is_repeat=True)]
    assert type(outcomes[2]) is IdempotencyConflictError


@pytest.mark.django_db
def test_a_refusal_frees_its_key_for_the_mended_request_of_the_same_batch():
    outcomes = together((TILL, "k", "bad"), (TILL, "k", "mended"), refused=["bad"])
    assert type(outcomes[0]) is UserRefusedError
    assert outcomes[1] == Answer.of(201, {"did": "mended"})


@pytest.mark.django_db
def test_if_performing_together_fails_nothing_is_kept():
    def perform(places):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        idempotency.perform_many_once([idempotency.Named(TILL, "k", 1)], now=NOW, perform=perform)
    assert IdempotencyRecord.objects.count() == 0


@given(keys=st.lists(st.integers(0, 4), max_size=12))
def test_rounds_hold_each_key_once_and_keep_its_order(keys):
    items = list(enumerate(keys))
    found = idempotency.rounds(items, lambda item: item[1])
    assert sorted(item for one in found for item in one) == items
    for one in found:
        assert len({key for _place, key in one}) == len(one)
    for key in set(keys):
        assert [item for one in found for item in one if item[1] == key] == [item for item in items if item[1] == key]


@pytest.mark.slow
@pytest.mark.parametrize("round_number", range(5))
def test_of_many_at_once_one_works_and_all_get_its_answer(racing_database, round_number):
    user = User.objects.create_user("till@example.com")

    def operation():
        view = SavedView.objects.create(user=user, area="race", name=str(new_id()))
        return Answer.of(201, {"view": view.id})

    results = race(*(partial(once, operation, payload={"amount": amount}) for amount in [1] * 6 + [2] * 2))
    answers = [result for result in results if isinstance(result, Answer)]
    failures = [result for result in results if isinstance(result, IdempotencyConflictError)]
    assert SavedView.objects.count() == 1
    assert len(answers) in (2, 6)  # whichever payload came first won; the others conflict
    assert len(failures) == 8 - len(answers)
    assert {str(answer.body) for answer in answers} == {str({"view": SavedView.objects.get().id})}
    assert sum(not answer.is_repeat for answer in answers) == 1


@pytest.mark.slow
@pytest.mark.django_db
def test_an_answer_that_speaks_of_somebody_erased_is_emptied_and_not_made_again(monkeypatch):
    monkeypatch.setattr(idempotency, "LOOKED_THROUGH", 2)
    ann, calls, told = str(new_id()), [], []
    for number, about in enumerate(("other", ann, "other", "other", ann)):
        once(lambda about=about: Answer.of(201, {"id": about, "name": "Ann"}), key=f"k{number}")
    assert idempotency.forget_answers_about([ann], report=lambda *so_far: told.append(so_far)) == 2
    assert not IdempotencyRecord.objects.filter(response__contains=ann).exists()
    assert (IdempotencyRecord.objects.exclude(response="").count(), told[-1]) == (3, (5, 5))
    with pytest.raises(IdempotencyErasedError):
        once(counting(calls), key="k1")
    with pytest.raises(IdempotencyConflictError):
        once(counting(calls), key="k1", payload="another")
    assert (calls, once(counting(calls), key="k0").is_repeat) == ([], True)
    assert idempotency.forget_answers_about([]) == 0
