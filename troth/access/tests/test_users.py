"""Users: made with checks, never left without an administrator; login links let in once."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from troth.access import links, services
from troth.access.actors import Actor, system_actor
from troth.access.errors import LinkRefusedError, PermissionMissingError, UserNotFoundError, UserRefusedError
from troth.access.models import User
from troth.access.permissions import Permission, Role

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SYSTEM = system_actor("test")
GOOD_PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


def made(email="lin@example.com", role=Role.ADMIN, **fields):
    return services.create_user(email=email, role=role, actor=SYSTEM, now=NOW, **fields)


@pytest.mark.slow
def test_a_user_is_known_by_the_address_in_small_letters():
    user = made(email="  Lin.Yu@Example.COM ", name=" Lin Yu ", password=GOOD_PASSWORD)
    stored = User.objects.get(id=user.id)
    assert (stored.email, stored.name, stored.role) == ("lin.yu@example.com", "Lin Yu", "admin")
    assert stored.check_password(GOOD_PASSWORD)
    assert stored.actor.may(Permission.STAFF_EDIT)


def test_without_a_password_no_password_fits():
    assert not made().has_usable_password()


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("no address", None, "email"),
        ("", None, "email"),
        ("LIN@example.com", None, "email"),
        ("new@example.com", "short", "password"),
        ("new@example.com", "password1234", "password"),
    ],
)
def test_a_bad_address_a_taken_one_and_a_weak_password_are_refused(email, password, field):
    made()
    with pytest.raises(UserRefusedError) as refused:
        made(email=email, password=password)
    assert refused.value.fields["field"] == field
    assert User.objects.count() == 1


def test_a_role_changes_what_one_may():
    made(email="other@example.com")
    user = made()
    services.change_role(user_id=user.id, role=Role.CLERK, actor=SYSTEM, now=NOW)
    actor = User.objects.get(id=user.id).actor
    assert actor.may(Permission.ORDERS_RECORD)
    assert not actor.may(Permission.CUSTOMERS_EDIT)


@pytest.mark.parametrize("act", ["change_role", "deactivate_user"])
def test_the_only_administrator_stays_one(act):
    user = made()
    inactive = made(email="gone@example.com")
    services.deactivate_user(user_id=inactive.id, actor=SYSTEM, now=NOW)
    extra = {"role": Role.MANAGER} if act == "change_role" else {}
    with pytest.raises(UserRefusedError, match="only administrator"):
        getattr(services, act)(user_id=user.id, actor=SYSTEM, now=NOW, **extra)
    stored = User.objects.get(id=user.id)
    assert (stored.role, stored.is_active) == ("admin", True)


def test_nobody_shuts_themselves_out():
    made(email="other@example.com")
    user = made()
    with pytest.raises(UserRefusedError, match="yourself"):
        services.deactivate_user(user_id=user.id, actor=user.actor, now=NOW)
    assert User.objects.get(id=user.id).is_active


def test_a_deactivated_user_may_nothing_until_let_in_again():
    user = made(role=Role.MANAGER)
    services.deactivate_user(user_id=user.id, actor=SYSTEM, now=NOW)
    assert User.objects.get(id=user.id).actor.permissions == frozenset()
    services.reactivate_user(user_id=user.id, actor=SYSTEM, now=NOW)
    assert User.objects.get(id=user.id).actor.may(Permission.CUSTOMERS_EDIT)


def test_an_unknown_user_is_not_found():
    with pytest.raises(UserNotFoundError):
        services.deactivate_user(user_id=uuid4(), actor=SYSTEM, now=NOW)


def test_require_names_the_missing_permission():
    actor = Actor(kind="user", id="1", label="clerk", permissions=frozenset({Permission.ORDERS_VIEW}))
    services.require(actor, Permission.ORDERS_VIEW)
    with pytest.raises(PermissionMissingError) as refused:
        services.require(actor, Permission.CUSTOMERS_EDIT)
    assert refused.value.fields == {"permission": "customers.edit"}


def test_a_login_link_lets_in_once():
    user = made()
    token = links.make_login_link(user, now=NOW)
    later = NOW + timedelta(minutes=5)
    assert links.redeem_login_link(token, now=later).id == user.id
    assert User.objects.get(id=user.id).last_login == later
    with pytest.raises(LinkRefusedError):
        links.redeem_login_link(token, now=later)


def test_a_login_link_ends_after_half_an_hour():
    token = links.make_login_link(made(), now=NOW)
    with pytest.raises(LinkRefusedError):
        links.redeem_login_link(token, now=NOW + timedelta(minutes=30))
    assert links.redeem_login_link(token, now=NOW + timedelta(minutes=30, seconds=-1))


def test_another_sign_in_or_password_ends_a_login_link():
    user = made()
    first, second = (
        links.make_login_link(user, now=NOW),
        links.make_login_link(user, now=NOW, lifetime=timedelta(hours=9)),
    )
    links.redeem_login_link(first, now=NOW)
    with pytest.raises(LinkRefusedError):
        links.redeem_login_link(second, now=NOW)
    user.refresh_from_db()
    third = links.make_login_link(user, now=NOW)
    user.set_password(GOOD_PASSWORD)
    user.save()
    with pytest.raises(LinkRefusedError):
        links.redeem_login_link(third, now=NOW)


def test_a_shut_out_user_has_no_use_of_a_link():
    user = made(role=Role.CLERK)
    token = links.make_login_link(user, now=NOW)
    services.deactivate_user(user_id=user.id, actor=SYSTEM, now=NOW)
    with pytest.raises(LinkRefusedError):
        links.redeem_login_link(token, now=NOW)
    assert User.objects.get(id=user.id).last_login is None


@pytest.mark.parametrize(
    "change", [lambda t: "", lambda t: "§", lambda t: t[:-1], lambda t: t + "A", lambda t: "A" * len(t)]
)
def test_a_forged_link_is_refused(change):
    token = links.make_login_link(made(), now=NOW)
    with pytest.raises(LinkRefusedError):
        links.redeem_login_link(change(token), now=NOW)


def test_a_link_cannot_be_stretched_or_given_to_another():
    user, other = made(), made(email="other@example.com")
    token, foreign = (links.make_login_link(one, now=NOW) for one in (user, other))
    for position in range(0, 32, 4):  # any change of the head, which holds user and end
        changed = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        with pytest.raises(LinkRefusedError):
            links.redeem_login_link(changed, now=NOW)
    with pytest.raises(LinkRefusedError):
        links.redeem_login_link(foreign[:32] + token[32:], now=NOW)
