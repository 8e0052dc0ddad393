import re
import time
from datetime import timedelta
from pathlib import Path

import allauth
import django
import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.core import mail
from django.urls import reverse

from troth.access import links
from troth.access.models import User
from troth.access.permissions import Role
from troth.console.accounts import wording
from troth.kit.clock import utc_now


@pytest.fixture
def person(company):
    return User.objects.create_user("anna@example.org", role=Role.ADMIN, name="Anna", password="long enough words")


STEP = 30  # seconds, of RFC 6238


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
    seen_again = client.get(url)
    assert seen_again.status_code == 403
    assert "You are signed in already." in seen_again.content.decode()
    client.logout()
    for again in (client.get(url), client.post(url)):
        assert again.status_code == 403
        assert "used already or is out of date" in again.content.decode()
        assert 'href="/account/login/"' in again.content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize("spoil", [lambda token: token[:-4] + "AAAA", lambda token: "x", lambda token: "é"])
def test_a_spoilt_link_opens_nothing(client, person, spoil):
    url = reverse("accounts:welcome", args=[spoil(links.make_login_link(person, now=utc_now()))])
    assert client.get(url).status_code == client.post(url).status_code == 403
    assert not signed_in(client)


def test_an_old_link_opens_nothing(client, person):
    token = links.make_login_link(person, now=utc_now() - timedelta(hours=1))
    assert client.post(reverse("accounts:welcome", args=[token])).status_code == 403
    assert not signed_in(client)


def test_who_comes_in_without_a_password_sets_one_first(client, company):
    guest = User.objects.create_user("new@example.org", role=Role.AGENT)
    answer = client.post(reverse("accounts:welcome", args=[links.make_login_link(guest, now=utc_now())]))
    assert answer.headers["Location"] == reverse("account_set_password")
    chosen = {"password1": "quiet-harbour-71", "password2": "quiet-harbour-71"}
    assert client.post(reverse("account_set_password"), chosen).headers["Location"] == reverse("console:start")
    guest.refresh_from_db()
    assert guest.check_password("quiet-harbour-71")


def test_a_link_does_not_pass_by_the_second_step(client, person):
    TOTP.activate(person, generate_totp_secret())
    answer = client.post(reverse("accounts:welcome", args=[links.make_login_link(person, now=utc_now())]))
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)


@pytest.mark.parametrize(("steps_ago", "passes"), [(0, True), (1, True), (2, False)])
def test_a_code_typed_just_as_it_changes_still_counts(person, monkeypatch, steps_ago, passes):
    secret, then = generate_totp_secret(), 1_500_000_000
    code = format_hotp_value(hotp_value(secret, then // STEP))
    monkeypatch.setattr(time, "time", lambda: then + steps_ago * STEP)
    assert TOTP.activate(person, secret).validate_code(code) is passes


def test_forgotten_passwords_tell_nothing_about_who_has_a_login(client, person):
    known = client.post("/account/password/reset/", {"email": "anna@example.org"})
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.org"})
    assert known.headers["Location"] == unknown.headers["Location"]
    assert len([letter for letter in mail.outbox if "anna@example.org" in letter.to]) == 1


@pytest.mark.slow
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


def sources():
    """Return the texts of Django and allauth that may be said in forms, as their sources write them."""
    folders = [
        Path(allauth.__file__).parent,
        *(Path(django.__file__).parent / part for part in ("forms", "contrib/auth", "core")),
    ]
    return "".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))


@pytest.mark.slow
def test_the_texts_we_translate_for_others_are_still_theirs():
    said = re.sub(r'"\s+"', "", sources())
    alone = [*wording.OF_FORMS, *wording.OF_PASSWORDS, *wording.OF_SIGN_IN]
    assert [text for text in alone if text not in said] == []
    catalogue = (Path(wording.__file__).parent / "locale/zh_Hans/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    assert 'msgid "This password is too short. It must contain at least %d character."' in catalogue


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "This password is too short. It must contain at least 10 characters."),
        ("zh-hans", "密码太短，至少需要 10 个字符。"),
    ],
)
def test_a_short_password_is_refused_in_the_language_of_the_page(company, client, language, text):
    person = User.objects.create_user(f"{language}@example.org", role=Role.ADMIN, name="A", language=language)
    client.post(reverse("accounts:welcome", args=[links.make_login_link(person, now=utc_now())]))
    answer = client.post("/account/password/set/", {"password1": "kurz", "password2": "kurz"})
    assert text in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "subject"), [("en", "Set a new password for Troth"), ("zh-hans", "设置恒客的新密码")]
)
def test_the_letter_with_the_link_speaks_the_language_of_the_page(company, client, person, language, subject):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.post("/account/password/reset/", {"email": person.email})
    client.post("/account/password/reset/", {"email": "nobody@example.org"})
    assert mail.outbox[0].subject == subject
    assert "/account/password/reset/key/" in mail.outbox[0].body
    assert "example.com" not in mail.outbox[0].body
    assert "signup" not in mail.outbox[1].body


@pytest.mark.slow
def test_nobody_changes_the_address_they_sign_in_with(client, person):
    client.force_login(person)
    assert "anna@example.org" in client.get("/account/email/").content.decode()
    assert client.post("/account/email/", {"action_add": "", "email": "other@example.org"}).status_code == 405
    assert client.get("/account/confirm-email/x/").status_code == 200
