import re
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from troth.access.actors import Actor
from troth.access.permissions import Permission, Role
from troth.console import navigation, pages, search
from troth.console.errors import server_error
from troth.console.navigation import NavItem, Pillar
from troth.events import registry

CONSOLE = Path(__file__).resolve().parent.parent


def actor(*permissions):
    return Actor(kind="user", id="1", label="A", permissions=frozenset(permissions))


def test_strangers_are_sent_to_sign_in(client, company):
    answer = client.get("/search/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account/login/?next=/search/"


def test_an_htmx_request_of_a_stranger_sends_the_whole_browser_to_sign_in(client, company):
    answer = client.get("/search/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/account/login/")


def test_who_lacks_a_permission_is_told_which(sign_in):
    answer = sign_in(Role.CLERK).get(reverse("settings:company"))
    assert answer.status_code == 403
    assert "“Change the company&#x27;s settings”" in answer.content.decode()


def test_the_navigation_shows_only_what_may_be_opened():
    everything = {item.url_name for item in navigation.items_for(actor(*Permission))}
    assert {"settings:company", "staff:users", "jobs:index"} <= everything
    assert "settings:company" not in {item.url_name for item in navigation.items_for(actor(Permission.JOBS_VIEW))}


def test_the_active_entry_is_the_longest_address_that_fits():
    groups = navigation.groups_for(actor(*Permission), "/settings/staff/roles/")
    found = navigation.here(groups)
    assert found is not None
    assert found[1].url == "/settings/staff/"
    assert navigation.here(navigation.groups_for(actor(*Permission), "/nowhere/")) is None


def test_a_navigation_that_is_too_long_for_a_window_opens_one_pillar(sign_in, monkeypatch):
    browser = sign_in()
    monkeypatch.setattr(navigation, "ROWS_IN_SIGHT", 100)
    assert 'name="side"' not in browser.get("/settings/jobs/").content.decode()
    monkeypatch.setattr(navigation, "ROWS_IN_SIGHT", 5)
    html = browser.get("/settings/jobs/").content.decode()
    details = re.findall(r"<details class=\"side-group\"[^>]*>", html)
    assert len(details) == len([group for group in groups_of(browser) if not group.is_single])
    assert all('name="side"' in tag for tag in details)
    assert [tag.endswith(" open>") for tag in details].count(True) == 1
    assert html.index(" open>") < html.index('aria-current="page"')


def groups_of(browser):
    return navigation.groups_for(browser.user.actor, "/settings/jobs/")


def test_a_pillar_with_one_page_of_its_name_is_a_link():
    group = navigation.groups_for(actor(Permission.INSIGHTS_VIEW), "/overview/")[0]
    assert (group.pillar, group.is_single, group.rows) == (Pillar.OVERVIEW, True, 1)


def test_two_entries_cannot_lead_to_one_place():
    with pytest.raises(ValueError, match="jobs:index"):
        navigation.register(NavItem(pillar=Pillar.CARE, label="x", url_name="jobs:index", icon="x"))


def test_pages_are_found_by_name_or_group():
    assert [hit.title for hit in pages.find("background", actor(*Permission), 6)] == ["Background jobs"]
    assert "/settings/jobs/" in [hit.url for hit in pages.find("SETTINGS", actor(Permission.JOBS_VIEW), 6)]
    assert pages.find("no such page", actor(*Permission), 6) == []


def test_what_is_called_as_was_typed_goes_first():
    def find(query, actor, limit):
        return [search.SearchHit("Messages of old friends", "/x/")]

    search.register(search.SearchSource(key="test", label="T", icon="x", find=find, order=1))
    try:
        assert [str(one.label) for one in search.find("messages", actor(Permission.MESSAGES_VIEW))] == ["Pages", "T"]
        assert [str(one.label) for one in search.find("message", actor(Permission.MESSAGES_VIEW))] == ["T", "Pages"]
    finally:
        del search._sources["test"]
    assert next(hit.title for hit in pages.find("settings", actor(*Permission), 6)) == "Company settings"


def test_sources_without_permission_are_not_asked():
    def refuse(query, actor, limit):
        raise AssertionError("asked")

    source = search.SearchSource(key="test", label="T", icon="x", find=refuse, permission=Permission.ORDERS_VIEW)
    search.register(source)
    try:
        assert search.find("zzzz", actor()) == []
    finally:
        del search._sources["test"]


def test_the_palette_says_what_it_looked_for(sign_in):
    html = sign_in().get("/search/", {"q": "<nobody>"}).content.decode()
    assert "Nothing found for “&lt;nobody&gt;”" in html


def test_the_start_leads_to_the_first_page_one_may_open(sign_in):
    browser = sign_in()
    first = navigation.items_for(browser.user.actor)[0]
    assert browser.get("/").headers["Location"] == first.url


def test_preferences_are_kept_with_the_person_and_in_the_browser(sign_in):
    browser = sign_in()
    answer = browser.post("/preferences/", {"language": "zh-hans", "theme": "dark", "next": "/settings/jobs/"})
    assert answer.headers["Location"] == "/settings/jobs/"
    browser.user.refresh_from_db()
    assert (browser.user.language, browser.user.theme) == ("zh-hans", "dark")
    html = browser.get("/settings/jobs/").content.decode()
    assert 'data-theme="dark"' in html
    assert "后台任务" in html
    assert 'lang="zh-hans"' in html


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"theme": "pink"}, {}])
def test_unknown_preferences_change_nothing(sign_in, wrong):
    browser = sign_in()
    browser.post("/preferences/", wrong)
    browser.user.refresh_from_db()
    assert (browser.user.language, browser.user.theme) == ("en", "auto")


def test_preferences_never_lead_elsewhere(client, company):
    answer = client.post("/preferences/", {"theme": "dark", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
    assert client.cookies["troth_theme"].value == "dark"
    assert 'data-theme="dark"' in client.get("/account/login/").content.decode()


@pytest.mark.parametrize(
    ("path", "status"),
    [("/no/such/page/", 404), ("/settings/jobs/0197a000-0000-7000-8000-000000000000/", 404)],
)
def test_error_pages_speak_our_language(sign_in, path, status):
    answer = sign_in(language="zh-hans").get(path)
    assert answer.status_code == status
    assert "返回首页" in answer.content.decode()


def test_our_own_failure_has_a_page_that_needs_no_context(rf):
    answer = server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()


def test_a_form_without_its_token_is_refused_in_words(company):
    answer = Client(enforce_csrf_checks=True).post("/preferences/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()


def test_a_refusal_comes_back_as_a_note_on_the_page_one_came_from(sign_in):
    browser = sign_in()
    path = "/settings/jobs/0197a000-0000-7000-8000-000000000000/cancel/"
    answer = browser.post(path, headers={"Referer": "http://testserver/settings/jobs/"})
    assert answer.headers["Location"] == "http://testserver/settings/jobs/"
    assert "There is no job 0197a000" in browser.get("/settings/jobs/").content.decode()
    from_elsewhere = browser.post(path, headers={"Referer": "https://evil.example/"})
    assert from_elsewhere.status_code == 404


def test_a_refusal_of_an_htmx_request_is_a_note(sign_in):
    path = "/settings/jobs/0197a000-0000-7000-8000-000000000000/progress/"
    answer = sign_in().get(path, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "There is no job" in answer.headers["HX-Trigger"]


def test_a_busy_database_is_said_to_be_busy(sign_in, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OperationalError("database is locked")

    browser = sign_in()
    monkeypatch.setattr("troth.jobs.queries.job", refuse)
    path = "/settings/jobs/0197a000-0000-7000-8000-000000000000/progress/"
    answer = browser.get(path)
    assert answer.status_code == 503
    assert "The database is busy. Try again in a few seconds." in answer.content.decode()


def test_security_headers(sign_in):
    headers = sign_in().get("/settings/jobs/").headers
    assert "script-src 'self';" in headers["Content-Security-Policy"] + ";"
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_living_page_shows_everything(sign_in, language):
    html = sign_in(language=language).get("/components/").content.decode()
    assert html.count("data-chart-card") == 8
    assert "verdict" in html
    for role in (Role.CLERK, Role.MANAGER):
        assert sign_in(role, language=language).get("/components/").status_code == 403


def templates():
    return sorted(CONSOLE.rglob("*.html"))


@pytest.mark.slow
def test_templates_keep_to_what_the_browser_allows():
    for path in templates():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=", text), f"{path}: a style attribute"
        markup = re.sub(r"{%.*?%}", "", text, flags=re.DOTALL)  # `{% with one=… %}` names no handler
        assert not re.search(r"\son\w+=", markup), f"{path}: a script in an attribute"
        for script in re.findall(r"<script[^>]*>", text):
            assert "src=" in script or 'type="application/json"' in script, f"{path}: a script in the page"
        assert "http://" not in text, f"{path}: an address outside"
        assert "https://" not in text, f"{path}: an address outside"


def icon_names():
    lines = (CONSOLE.parents[1] / "frontend" / "icons.txt").read_text().splitlines()
    return {line.split("#")[0].strip() for line in lines}


def test_icons_of_the_navigation_are_in_the_sprite():
    used = {item.icon for item in navigation.items_for(actor(*Permission))}
    used |= {face.icon for face in navigation.FACES.values()}
    assert used - icon_names() == set()


@pytest.mark.slow
def test_icons_that_are_used_are_in_the_sprite():
    names = icon_names()
    pattern = re.compile(r"""(?:\{% icon |icon=|_icon=)["']([a-z0-9-]+)["']""")
    files = [path for path in [*templates(), *CONSOLE.rglob("*.py")] if not {"tests", "charts"} & set(path.parts)]
    used = {(path.name, name) for path in files for name in pattern.findall(path.read_text(encoding="utf-8"))}
    assert {(file, name) for file, name in used if name not in names} == set()


def test_icons_of_events_are_in_the_sprite():
    assert {kind.icon for kind in registry.all_types()} - icon_names() == set()
