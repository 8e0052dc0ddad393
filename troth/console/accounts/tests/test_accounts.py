from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.urls import reverse

from troth.access import links
from troth.access.models import User
from troth.access.permissions import Role
from troth.kit.clock import utc_now


@pytest.fixture
def person(company):
    return User.objects.create_user("anna@example.org", role=Role.ADMIN, name="Anna", password="long enough words")


def signed_in(client):
    return "_auth_user_id" in client.session


def test_signing_in_with_e_mail_and_password(client, person):
    answer = client.post("/account/login/", {"login": "Anna@Example.org", "password": "long enough words"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert signed_in(client)


def test_a_wrong_password_is_named_beside_the_form(client, person):
    html = client.post("/account/login/", {"login": "anna@example.org", "password": "wrong"}).content.decode()
    assert "That was not right:" in html
    assert "are not correct" in html
    assert not signed_in(client)


def test_nobody_signs_up_by_themselves(client, company):
    answer = client.get("/account/signup/")
    assert "By invitation" in answer.content.decode()
    client.post("/account/signup/", {"email": "new@example.org", "password1": "long enough words"})
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_login_link_lets_its_owner_in_once(client, person):
    url = reverse("accounts:welcome", args=[links.make_login_link(person, now=utc_now())])
    assert client.get(url).status_code == 200  # a mail scanner that looks uses nothing up
    assert not signed_in(client)
    answer = client.post(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert signed_in(client)
    client.logout()
    again = client.post(url)
    assert again.status_code == 403
    assert "used already or is out of date" in again.content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize("spoil", [lambda token: token[:-4] + "AAAA", lambda token: "x", lambda token: "é"])
def test_a_spoilt_link_opens_nothing(client, person, spoil):
    url = reverse("accounts:welcome", args=[spoil(links.make_login_link(person, now=utc_now()))])
    assert client.post(url).status_code == 403
    assert not signed_in(client)


def test_an_old_link_opens_nothing(client, person):
    token = links.make_login_link(person, now=utc_now() - timedelta(hours=1))
    assert client.post(reverse("accounts:welcome", args=[token])).status_code == 403
    assert not signed_in(client)


def test_who_comes_in_without_a_password_sets_one_first(client, company):
    guest = User.objects.create_user("new@example.org", role=Role.AGENT)
    answer = client.post(reverse("accounts:welcome", args=[links.make_login_link(guest, now=utc_now())]))
    assert answer.headers["Location"] == reverse("account_set_password")


def test_a_link_does_not_pass_by_the_second_step(client, person):
    TOTP.activate(person, generate_totp_secret())
    answer = client.post(reverse("accounts:welcome", args=[links.make_login_link(person, now=utc_now())]))
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)


def test_forgotten_passwords_tell_nothing_about_who_has_a_login(client, person):
    known = client.post("/account/password/reset/", {"email": "anna@example.org"})
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.org"})
    assert known.headers["Location"] == unknown.headers["Location"]
    assert len([letter for letter in mail.outbox if "anna@example.org" in letter.to]) == 1


def test_setting_up_the_second_step_shows_the_secret_as_a_picture(client, person):
    client.post("/account/login/", {"login": "anna@example.org", "password": "long enough words"})
    asked = client.get("/account/2fa/totp/activate/")
    assert asked.headers["Location"].startswith("/account/reauthenticate/")
    client.post(asked.headers["Location"], {"password": "long enough words"})
    html = client.get("/account/2fa/totp/activate/").content.decode()
    assert 'src="data:image/svg+xml' in html
    assert "Turn on" in html


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    "path",
    ["login/", "logout/", "password/reset/", "password/reset/done/", "password/change/", "2fa/", "inactive/"],
)
def test_every_page_of_signing_in_is_drawn(sign_in, client, path, language):
    browser = (
        client
        if path in ("login/", "password/reset/", "password/reset/done/", "inactive/")
        else sign_in(language=language)
    )
    browser.cookies["django_language"] = language
    answer = browser.get(f"/account/{path}", follow=True)
    assert answer.status_code == 200
    assert ("恒客" if language == "zh-hans" else "Troth") in answer.content.decode()
