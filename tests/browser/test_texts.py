"""Texts, channels and the customer's own pages in a browser: axe, widths, the editor's preview, no script needed."""

from urllib.parse import urlsplit

import pytest

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.messaging import links, preferences, starters, templates

from .conftest import NOW

pytestmark = pytest.mark.browser

ACTOR = system_actor("test")


@pytest.fixture
def public(open_page):
    """The customer's pages, of somebody who can be reached in three ways."""
    starters.install(actor=ACTOR, now=NOW)
    person = customers.create_customer(
        actor=ACTOR,
        now=NOW,
        name="王小明",
        identities=[customers.NewIdentity("email", "w@example.com"), customers.NewIdentity("phone", "+8613800000001")],
    )
    token = links.unsubscribe_token(person.id, purpose="marketing", channel="email", contact_id=None)
    confirm = preferences.confirmation_url(
        customer_id=person.id, purpose="survey", channel="email", source="form", now=NOW.replace(year=2099)
    )
    urls = (links.unsubscribe_url(token), links.preferences_url(person.id), confirm, "/p/u/changed")
    return [urlsplit(url).path for url in urls]


def test_a_fact_is_inserted_where_the_cursor_was_and_the_preview_follows(open_page, public):
    page = open_page("/texts/t/birthday/")
    page.click('[name="en.email.subject"]')
    page.keyboard.press("End")
    page.select_option("#insert-fact", "city")
    assert page.input_value('[name="en.email.subject"]').endswith("!{{ city }}")
    page.select_option("#language", "en")
    page.wait_for_selector("#preview >> text=Happy birthday, Ms Wang!Shanghai")
    frame = page.frame(name="mail-frame")
    assert frame is not None
    frame.wait_for_selector("h1 >> text=Happy birthday!")
    page.click("text=Publish …")
    page.click("#publish button[name=publish]")
    page.wait_for_selector("text=Version 2 is in use")
    assert templates.version("birthday", 2).document["languages"]["en"]["email"]["subject"].endswith("{{ city }}")


def test_preferences_need_no_script(browser, live_server, public):
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 390, "height": 800}
    )
    page = context.new_page()
    page.goto(f"{public[1]}?lang=en")
    page.check("[name=survey-email]")
    page.click("text=Save")
    page.wait_for_selector("text=Your choice is saved")
    assert page.is_checked("[name=survey-email]")
    context.close()
