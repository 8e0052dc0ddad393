"""Logins and keys: each act leaves one event, a refused one none."""

from datetime import UTC, datetime, timedelta

import pytest

from troth.access.actors import Actor, system_actor
from troth.access.errors import PermissionMissingError, UserRefusedError
from troth.access.models import ApiKey, IdempotencyRecord, User
from troth.access.permissions import Permission, Role
from troth.events.models import Event
from troth.jobs.models import Schedule
from troth.kit import clock
from troth.staff import accounts, tasks

NOW = datetime(2020, 3, 2, 9, 30, tzinfo=UTC)
SYSTEM = system_actor("test")

pytestmark = pytest.mark.django_db


def log():
    return list(Event.objects.order_by("recorded_at", "id").values_list("name", "data"))


def test_each_act_on_a_login_is_kept_without_names():
    accounts.add_user(email="boss@example.com", role=Role.ADMIN, actor=SYSTEM, now=NOW)
    user = accounts.add_user(
        email="lin@example.com", name="Lin", role=Role.AGENT, actor=SYSTEM, now=NOW + timedelta(minutes=1)
    )
    acts = [
        (accounts.change_role, {"role": Role.CLERK}),
        (accounts.deactivate_user, {}),
        (accounts.reactivate_user, {}),
    ]
    for minute, (act, extra) in enumerate(acts, start=2):
        act(user_id=user.id, actor=SYSTEM, now=NOW + timedelta(minutes=minute), **extra)
    assert log()[1:] == [
        ("staff.user.added", {"user": str(user.id), "role": "agent"}),
        ("staff.user.role_changed", {"user": str(user.id), "role": "clerk"}),
        ("staff.user.deactivated", {"user": str(user.id)}),
        ("staff.user.reactivated", {"user": str(user.id)}),
    ]


def test_a_refused_login_leaves_no_event():
    with pytest.raises(UserRefusedError):
        accounts.add_user(email="nobody", role=Role.ADMIN, actor=SYSTEM, now=NOW)
    assert (User.objects.count(), log()) == (0, [])


def test_a_key_is_made_and_revoked_once():
    key, text = accounts.create_api_key(name="Till", scopes=[Permission.ORDERS_VIEW], actor=SYSTEM, now=NOW)
    for minutes in (1, 2):
        accounts.revoke_api_key(key_id=key.id, actor=SYSTEM, now=NOW + timedelta(minutes=minutes))
    assert log() == [
        ("staff.api_key.created", {"key": str(key.id), "scopes": ["orders.view"]}),
        ("staff.api_key.revoked", {"key": str(key.id)}),
    ]
    assert text.split("_", 2)[2] not in str(list(Event.objects.values()))


def test_the_first_key_has_old_answers_forgotten_daily():
    for minutes in (0, 1):
        accounts.create_api_key(
            name="Till", scopes=[Permission.ORDERS_VIEW], actor=SYSTEM, now=NOW + timedelta(minutes=minutes)
        )
    schedule = Schedule.objects.get(name=tasks.FORGET_ANSWERS)
    assert (schedule.every_seconds, schedule.next_run_at) == (86_400, NOW + timedelta(days=1))
    IdempotencyRecord.objects.create(actor="api_key:1", key="k", fingerprint="f", created_at=NOW)
    IdempotencyRecord.objects.create(actor="api_key:1", key="l", fingerprint="f", created_at=clock.utc_now())
    assert tasks.forget_answers(None) == {"forgotten": 1}
    assert IdempotencyRecord.objects.get().key == "l"


def test_a_key_beyond_its_maker_leaves_nothing():
    clerk = Actor(kind="user", id="1", label="clerk", permissions=frozenset({Permission.ORDERS_RECORD}))
    with pytest.raises(PermissionMissingError):
        accounts.create_api_key(name="Till", scopes=[Permission.CUSTOMERS_EDIT], actor=clerk, now=NOW)
    assert (ApiKey.objects.count(), log()) == (0, [])
