import re

import pytest
from django.test import Client
from django.urls import reverse

from troth.access import services as access
from troth.access.models import User
from troth.access.permissions import Permission, Role
from troth.events.models import Event
from troth.kit.clock import utc_now
from troth.staff.models import StaffMember, Store


def test_an_invitation_makes_a_login_and_shows_its_link_once(sign_in):
    browser = sign_in()
    html = browser.post(
        "/settings/staff/invite/", {"email": "New@Example.org", "name": "Neu", "role": "agent"}
    ).content.decode()
    made = User.objects.get(email="new@example.org")
    assert (made.role, made.name, made.has_usable_password()) == ("agent", "Neu", False)
    path = re.search(r'data-copy="http://testserver([^"]+)"', html)[1]
    guest = Client()
    assert guest.post(path).headers["Location"] == reverse("account_set_password")
    assert Event.objects.filter(name="staff.user.added").count() == 1


def test_a_taken_address_is_named_at_its_field(sign_in):
    browser = sign_in()
    html = browser.post(
        "/settings/staff/invite/", {"email": browser.user.email, "name": "X", "role": "agent"}
    ).content.decode()
    assert 'id="id_email_error"' in html
    assert User.objects.count() == 1


def test_a_role_is_changed(sign_in):
    browser = sign_in()
    other = User.objects.create_user("o@example.org", role=Role.CLERK)
    browser.post(f"/settings/staff/logins/{other.id}/", {"role": "analyst"})
    other.refresh_from_db()
    assert other.role == "analyst"


def test_the_last_administrator_stays_one(sign_in):
    browser = sign_in()
    html = browser.post(f"/settings/staff/logins/{browser.user.id}/", {"role": "clerk"}).content.decode()
    assert "is the only administrator" in html
    browser.user.refresh_from_db()
    assert browser.user.role == "admin"


def test_shutting_out_ends_what_is_open(sign_in):
    browser, clerk = sign_in(), sign_in(Role.AGENT)
    browser.post(f"/settings/staff/logins/{clerk.user.id}/shut/")
    assert clerk.get("/search/").status_code == 302
    browser.post(f"/settings/staff/logins/{clerk.user.id}/open/")
    clerk.user.refresh_from_db()
    assert clerk.user.is_active


@pytest.mark.slow
def test_keys_that_outlive_a_login_are_named(sign_in):
    browser = sign_in()
    other = User.objects.create_user("boss@example.org", role=Role.ADMIN)
    scopes = [Permission.ORDERS_VIEW]
    till, _secret = access.create_api_key(name="Till north", scopes=scopes, actor=other.actor, now=utc_now())
    gone, _secret = access.create_api_key(name="Old shop", scopes=scopes, actor=other.actor, now=utc_now())
    access.revoke_api_key(key_id=gone.id, actor=other.actor, now=utc_now())
    address = f"/settings/staff/logins/{other.id}/"
    assert "Programs go on" in browser.get(address).content.decode()
    browser.post(f"{address}shut/")
    page = browser.get(address).content.decode()
    assert f"<b>{till.name}</b> · <a" in page
    assert gone.name not in page
    own = browser.get(f"/settings/staff/logins/{browser.user.id}/").content.decode()
    assert "Programs go on" not in own


def test_nobody_shuts_themselves_out(sign_in):
    browser = sign_in()
    browser.post(
        f"/settings/staff/logins/{browser.user.id}/shut/",
        headers={"Referer": "http://testserver/settings/staff/"},
    )
    browser.user.refresh_from_db()
    assert browser.user.is_active


def test_the_matrix_shows_every_permission_of_every_role(sign_in):
    html = sign_in().get("/settings/staff/roles/").content.decode()
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    assert body.count("<tr>") == len(Permission)
    assert body.count("<td>") == len(Permission) * len(Role)


def test_stores_are_added_and_changed(sign_in):
    browser = sign_in()
    browser.post("/settings/staff/stores/new/", {"code": "S1", "name": "First", "is_active": "on"})
    browser.post("/settings/staff/stores/S1/", {"code": "other", "name": "Harbour", "city": "Qingdao"})
    store = Store.objects.get()
    assert (store.code, store.name, store.city, store.is_active) == ("S1", "Harbour", "Qingdao", False)


@pytest.mark.slow
def test_a_new_code_does_not_overwrite_another_store(sign_in):
    browser = sign_in()
    browser.post("/settings/staff/stores/new/", {"code": "S1", "name": "First", "is_active": "on"})
    html = browser.post(
        "/settings/staff/stores/new/", {"code": "S1", "name": "Second", "is_active": "on"}
    ).content.decode()
    assert "is taken" in html
    assert Store.objects.get().name == "First"


def test_people_are_added_with_store_and_login(sign_in):
    browser = sign_in()
    Store.objects.create(code="S1", name="First")
    data = {
        "code": "1001",
        "name": "李娜",
        "job_title": "店长",
        "store": "S1",
        "user": str(browser.user.id),
        "left_date": "",
    }
    browser.post("/settings/staff/people/new/", data)
    person = StaffMember.objects.get()
    assert (person.code, person.name, person.store.code, person.user) == ("1001", "李娜", "S1", browser.user)
    html = browser.get("/settings/staff/people/1001/").content.decode()
    assert 'value="S1" selected' in html
    browser.post("/settings/staff/people/1001/", {**data, "left_date": "2026-03-01"})
    person.refresh_from_db()
    assert str(person.left_date) == "2026-03-01"


@pytest.mark.parametrize("path", ["", "roles/", "people/", "stores/"])
def test_managers_look_and_only_administrators_change(sign_in, path):
    manager = sign_in(Role.MANAGER)
    assert manager.get(f"/settings/staff/{path}").status_code == 200
    for change in ("invite/", "people/new/", "stores/new/"):
        assert manager.get(f"/settings/staff/{change}").status_code == 403
    assert sign_in(Role.CLERK).get(f"/settings/staff/{path}").status_code == 403


def test_a_manager_cannot_change_a_role(sign_in):
    manager = sign_in(Role.MANAGER)
    manager.post(f"/settings/staff/logins/{manager.user.id}/", {"role": "admin"})
    manager.user.refresh_from_db()
    assert manager.user.role == "manager"


def test_an_unknown_code_is_a_page_of_its_own(sign_in):
    assert sign_in().get("/settings/staff/stores/none/").status_code == 404
