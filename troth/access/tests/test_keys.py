"""API keys: shown once, kept as a hash, scoped, expiring, revocable."""

import re
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from troth.access import queries, services
from troth.access.actors import Actor, system_actor
from troth.access.errors import KeyInvalidError, KeyNotFoundError, KeyRefusedError, PermissionMissingError
from troth.access.models import ApiKey
from troth.access.permissions import KEY_PERMISSIONS, Permission

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SYSTEM = system_actor("test")
SCOPES = (Permission.ORDERS_RECORD, Permission.CUSTOMERS_VIEW)

pytestmark = pytest.mark.django_db


def made(**fields):
    return services.create_api_key(**{"name": "Till", "scopes": SCOPES, "actor": SYSTEM, "now": NOW} | fields)


def test_the_secret_is_shown_once_and_only_its_hash_is_kept():
    key, text = made()
    assert re.fullmatch(r"troth_[a-z2-9]{8}_[\w-]{43}", text)
    stored = ApiKey.objects.values().get(id=key.id)
    secret = text.split("_", 2)[2]
    assert secret not in str(stored)
    assert len(stored["secret_hash"]) == 64
    assert stored["scopes"] == ["customers.view", "orders.record"]
    assert stored["created_by"] == "system:test"


def test_a_key_acts_with_its_scopes_and_nothing_more():
    key, text = made()
    actor = services.authenticate_key(text, now=NOW)
    assert (actor.code, actor.label, actor.permissions) == (f"api_key:{key.id}", "Till", frozenset(SCOPES))


def test_a_scope_that_keys_may_no_longer_hold_is_dropped():
    key, text = made()
    ApiKey.objects.filter(id=key.id).update(scopes=["customers.view", "staff.edit", "long.gone"])
    assert services.authenticate_key(text, now=NOW).permissions == {Permission.CUSTOMERS_VIEW}


def test_unknown_and_mangled_keys_are_refused_alike():
    key, text = made()
    mark = f"troth_{key.prefix}"
    short = ["", "troth", "troth__", "troth_§§§§§§§§_x", f"{mark}_", f"{mark}_\ud800", f"{mark}\x00_x"]
    wrong = [*short, text[:-1], text + "x", text.upper(), text.replace("troth", "other")]
    for attempt in wrong:
        with pytest.raises(KeyRefusedError):
            services.authenticate_key(attempt, now=NOW)


def test_a_key_ends_at_its_moment():
    end = NOW + timedelta(days=1)
    _key, text = made(expires_at=end)
    assert services.authenticate_key(text, now=end - timedelta(microseconds=1))
    with pytest.raises(KeyRefusedError):
        services.authenticate_key(text, now=end)


def test_a_revoked_key_opens_nothing_and_keeps_its_moment():
    key, text = made()
    services.revoke_api_key(key_id=key.id, actor=SYSTEM, now=NOW)
    services.revoke_api_key(key_id=key.id, actor=SYSTEM, now=NOW + timedelta(days=1))
    assert ApiKey.objects.get(id=key.id).revoked_at == NOW
    with pytest.raises(KeyRefusedError):
        services.authenticate_key(text, now=NOW)


def test_revoking_an_unknown_key_is_refused():
    with pytest.raises(KeyNotFoundError):
        services.revoke_api_key(key_id=uuid4(), actor=SYSTEM, now=NOW)


def test_use_is_noted_to_ten_minutes():
    key, text = made()
    for minutes, noted in [(0, 0), (9, 0), (10, 10), (15, 10)]:
        services.authenticate_key(text, now=NOW + timedelta(minutes=minutes))
        assert ApiKey.objects.get(id=key.id).last_used_at == NOW + timedelta(minutes=noted)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": [Permission.API_KEYS_EDIT]}, "scopes"),
        ({"expires_at": NOW}, "expires_at"),
    ],
)
def test_a_key_without_name_scope_or_future_is_refused(fields, field):
    with pytest.raises(KeyInvalidError) as refused:
        made(**fields)
    assert refused.value.fields["field"] == field
    assert ApiKey.objects.count() == 0


def test_nobody_hands_out_what_they_do_not_hold():
    clerk = Actor(kind="user", id="1", label="clerk", permissions=frozenset({Permission.CUSTOMERS_VIEW}))
    with pytest.raises(PermissionMissingError) as refused:
        made(actor=clerk)
    assert refused.value.fields == {"permission": "orders.record"}
    assert ApiKey.objects.count() == 0


def test_no_key_can_make_keys_users_or_settings():
    assert not KEY_PERMISSIONS & {Permission.API_KEYS_EDIT, Permission.STAFF_EDIT, Permission.SETTINGS_EDIT}


def test_a_key_is_looked_up_once_a_second_and_a_revoked_one_is_shut_out_at_once(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(services, "KEY_REMEMBERED_SECONDS", 600)  # that second is over sooner than a busy machine asks
    key, text = made()
    services.authenticate_key(text, now=NOW)
    with django_assert_num_queries(0):
        services.authenticate_key(text, now=NOW)
    services.revoke_api_key(key_id=key.id, actor=SYSTEM, now=NOW)
    with pytest.raises(KeyRefusedError):
        services.authenticate_key(text, now=NOW)


def test_what_another_process_revokes_is_shut_out_after_a_moment(monkeypatch):
    key, text = made()
    services.authenticate_key(text, now=NOW)
    ApiKey.objects.filter(id=key.id).update(revoked_at=NOW)
    asked_at = time.monotonic()
    monkeypatch.setattr(services.time, "monotonic", lambda: asked_at + services.KEY_REMEMBERED_SECONDS)
    with pytest.raises(KeyRefusedError):
        services.authenticate_key(text, now=NOW)


def test_a_key_counts_as_the_person_who_made_it():
    ann, bo = (Actor("user", name, name, frozenset(SCOPES)) for name in ("ann", "bo"))
    first, second, other = (f"api_key:{made(actor=actor)[0].id}" for actor in (ann, ann, bo))
    same = [(first, second), (first, ann.code), (ann.code, second), (ann.code, ann.code)]
    apart = [(first, other), (first, bo.code), (ann.code, bo.code), ("system:a", "system:b")]
    assert all(queries.is_same_person(one, two) and queries.is_same_person(two, one) for one, two in same)
    assert not any(queries.is_same_person(one, two) for one, two in apart)
    assert not queries.is_same_person(f"api_key:{uuid4()}", first)
