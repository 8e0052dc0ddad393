"""Sign-in under attack: what guessing costs, what ends a session, where letters lead."""

import re

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client

from troth.access import links
from troth.access.models import User
from troth.access.permissions import Role
from troth.kit.clock import utc_now

PASSWORD, OTHER = "long enough words", "other words, long enough"
TRIES = 5
"""Wrong passwords of a login, before it is shut for some minutes."""


@pytest.fixture(autouse=True)
def forgotten(db):
    """Every test begins with nobody having tried."""
    cache.clear()


@pytest.fixture
def person(company):
    return User.objects.create_user("anna@example.org", role=Role.ADMIN, name="Anna", password=PASSWORD)


def sign_in(client, password=PASSWORD, login="anna@example.org", **extra):
    return client.post("/account/login/", {"login": login, "password": password}, **extra)


def is_in(client):
    return client.get("/settings/jobs/").status_code == 200


def guess(times, **extra):
    """Guess from as many addresses, so that only the login counts."""
    for number in range(times):
        sign_in(Client(), f"guess {number}", REMOTE_ADDR=f"203.0.113.{number}", **extra)


def test_a_login_that_was_guessed_at_is_shut_for_the_right_password_too(person):
    guess(TRIES)
    client = Client()
    assert "Too many failed" in sign_in(client, REMOTE_ADDR="198.51.100.1").content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(
    "spelling",
    [{"login": "ANNA@example.org"}, {"login": " anna@example.org "}, {"headers": {"X-Forwarded-For": "::1"}}],
)
def test_another_spelling_or_header_counts_for_the_same_login(person, spelling):
    guess(TRIES, **spelling)
    client = Client()
    sign_in(client, REMOTE_ADDR="198.51.100.1")
    assert not is_in(client)


def test_another_port_in_the_host_header_gives_no_new_tries(person):
    for number in range(TRIES):
        sign_in(Client(), "guess", REMOTE_ADDR=f"203.0.113.{number}", headers={"Host": f"localhost:{number + 1}"})
    client = Client()
    sign_in(client, REMOTE_ADDR="198.51.100.1")
    assert not is_in(client)


@pytest.mark.slow
def test_an_address_that_guesses_at_many_logins_is_shut(person):
    for number in range(10):
        sign_in(Client(), "guess", f"nobody{number}@example.org", REMOTE_ADDR="203.0.113.7")
    client = Client()
    sign_in(client, REMOTE_ADDR="203.0.113.7", headers={"X-Forwarded-For": "198.51.100.9"})
    assert not is_in(client)


@pytest.mark.slow
def test_what_is_known_of_guesses_is_not_pushed_out_by_more_of_them(person):
    guess(TRIES)
    for number in range(1_000):
        cache.set(f"another-guess-{number}", [1.0], 300)
    client = Client()
    sign_in(client, REMOTE_ADDR="198.51.100.1")
    assert not is_in(client)


@pytest.mark.slow
def test_a_new_password_ends_all_other_sessions_and_links(person):
    mine, stolen = Client(), Client()
    sign_in(mine)
    sign_in(stolen)
    person.refresh_from_db()
    link = links.make_login_link(person, now=utc_now())
    assert is_in(mine)
    assert is_in(stolen)
    mine.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER})
    assert is_in(mine)
    assert not is_in(stolen)
    assert Client().get(f"/welcome/{link}/").status_code == 403


def test_a_sign_in_gives_the_session_another_name(person):
    client = Client()
    client.get("/account/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    sign_in(client)
    assert is_in(client)
    assert client.cookies["sessionid"].value != planted


def test_another_role_counts_at_the_next_request(person):
    client = Client()
    sign_in(client)
    assert is_in(client)
    User.objects.filter(id=person.id).update(role=Role.CLERK)
    assert client.get("/settings/jobs/").status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize("written", ["{0}{1}", "{0} {1}", " {0}{1}"])
def test_a_code_counts_once_for_as_long_as_it_is_valid(person, monkeypatch, written):
    """A code passes for three periods, one for clocks that are off; after one allauth would take it again."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    monkeypatch.setattr(TOTP, "_mark_code_used", lambda _self, _code: True)  # as it is after the first period
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()) + 1))
    first, second = Client(), Client()
    for client, said in ((first, code), (second, written.format(code[:3], code[3:]))):
        sign_in(client)
        client.post("/account/2fa/authenticate/", {"code": said})
    assert (is_in(first), is_in(second)) == (True, False)


def test_nobody_takes_the_second_step_away_without_proving_who_they_are(person):
    TOTP.activate(person, generate_totp_secret())
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/account/2fa/totp/deactivate/")
    assert answer.headers["Location"].startswith(("/account/reauthenticate/", "/account/2fa/reauthenticate/"))
    assert person.authenticator_set.count() == 1


def reset_link(client, **headers):
    client.post("/account/password/reset/", {"email": "anna@example.org"}, headers=headers)
    found = re.search(r"(https?://[^/\s]+)(/account/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1], found[2]


def test_the_link_for_a_new_password_works_once(person):
    _host, path = reset_link(Client())
    client = Client()
    form = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": OTHER, "password2": OTHER})
    person.refresh_from_db()
    assert person.check_password(OTHER)
    again = Client().get(path, follow=True).content.decode()
    assert 'name="password1"' not in again


def test_the_link_for_a_new_password_ends_with_the_login(person):
    _host, path = reset_link(Client())
    User.objects.filter(id=person.id).update(is_active=False)
    client = Client()
    answer = client.get(path, follow=True)
    form = answer.redirect_chain[-1][0] if answer.redirect_chain else path
    client.post(form, {"password1": OTHER, "password2": OTHER})
    assert not is_in(client)


def test_letters_lead_to_our_own_port_whatever_was_asked_for(person, settings):
    settings.IS_PRODUCTION, settings.PUBLIC_URL = True, "https://shop.example"
    settings.ALLOWED_HOSTS = ["shop.example", "console.example"]
    assert reset_link(Client(), Host="shop.example:6666")[0] == "https://shop.example"
    assert reset_link(Client(), Host="console.example")[0] == "http://console.example"


@pytest.mark.parametrize("allowed", ["*", ".shop.example"])
def test_letters_lead_to_no_name_that_only_a_wildcard_allows(person, settings, allowed):
    settings.IS_PRODUCTION, settings.PUBLIC_URL = True, "https://loyal.shop.example"
    settings.ALLOWED_HOSTS = [allowed]
    assert reset_link(Client(), Host="evil.shop.example")[0] == "https://loyal.shop.example"


def test_a_mail_server_that_says_nothing_holds_up_no_page_for_long():
    assert mail.get_connection("django.core.mail.backends.smtp.EmailBackend").timeout == 20


def test_a_foreign_host_is_refused_before_any_letter(person, settings):
    settings.ALLOWED_HOSTS = ["shop.example"]
    answer = Client().post("/account/password/reset/", {"email": person.email}, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert mail.outbox == []


def test_what_a_signed_in_person_saw_is_kept_nowhere(person):
    client = Client()
    sign_in(client)
    for path in ("/settings/jobs/", "/customers/", "/nothing/"):
        assert "no-store" in client.get(path).headers["Cache-Control"], path
