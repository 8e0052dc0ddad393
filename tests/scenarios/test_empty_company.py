"""Every page of the console in a company that has nothing yet: no customer, no order, no programme."""

import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from tests.browser.everything import addresses
from troth.access.actors import system_actor
from troth.access.models import User
from troth.access.permissions import Role
from troth.kit.clock import utc_now
from troth.staff import services as staff

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

OK = 200
OTHERS = ("api/", "p/", "account/", "welcome/", "search/")
"""Pages of customers, doors, parts: nothing of the company stands on them."""

MOST_TABS = 3
"""Of the tabs of one page that are opened: a calendar has no end."""

PARTS = {"tasks/reminders/"}
"""Parts of a page that are empty until there is something."""


@pytest.fixture
def client(settings: Any, tmp_path: Any) -> Client:
    """An administrator on the first day."""
    settings.MEDIA_ROOT, settings.LAKE_DIR = tmp_path / "files", tmp_path / "lake"
    staff.set_up_company(actor=system_actor("test"), now=utc_now(), name="Test & Co", time_zone="Asia/Shanghai")
    signed_in = Client()
    signed_in.force_login(User.objects.create_user("first@example.org", name="Ann Example", role=Role.ADMIN))
    return signed_in


def test_every_page_opens_and_says_what_to_do_first(client: Client):
    wrong = {url: found for url, body in _pages(client) if (found := _faults(body, is_tab="?" in url))}
    assert wrong == {}


def _pages(client: Client) -> Iterator[tuple[str, str]]:
    """Open every address that needs no value, then one of each kind that the pages lead to."""
    waiting = deque(
        f"/{route}"
        for route, pattern in sorted(addresses.routes().items())
        if addresses.is_plain(route) and not addresses.is_act(pattern)
    )
    seen: dict[str, set[str]] = {}
    while waiting:
        url = waiting.popleft()
        route = addresses.route_of(url)
        tabs = seen.setdefault(route, set())
        query = urlsplit(url).query
        if query in tabs or len(tabs) > MOST_TABS or route == "?" or route.startswith(OTHERS):
            continue
        tabs.add(query)
        answer = client.get(url, follow=True)
        body = answer.getvalue().decode() if "html" in answer["Content-Type"] else ""
        if answer.status_code != OK:
            yield url, f"status {answer.status_code}"
        elif body and route not in PARTS:
            yield url, _main(body)
            waiting.extend(_links(url, body))
    assert len(seen) > 100


def _links(url: str, body: str) -> list[str]:
    """Return where a page leads: other pages, and its own tabs."""
    found = [unescape(link) for link in re.findall(r'href="([/?][^"#]*)', body)]
    return [urljoin(url, link) for link in found]


def _main(body: str) -> str:
    """Return what stands on the page itself, without frame, scripts and pictures."""
    main = re.search(r"(?s)<main.*</main>", body)
    return re.sub(r"(?s)<(script|style|svg)\b.*?</\1>", "", main.group() if main else body)


def _faults(main: str, *, is_tab: bool) -> list[str]:
    """Return what is wrong with a page; of a tab that is empty its name is enough, its page says the rest."""
    if main.startswith("status"):
        return [main]
    found = [f"an empty <{tag}>" for tag in ("tbody", "ul", "ol") if re.search(rf"<{tag}\b[^>]*>\s*</{tag}>", main)]
    text = re.sub(r"(?s)<option.*?</option>|<[^>]+>", " ", main)
    words = re.findall(r"(?<![\w-])(?:None|nan|NaN|inf)(?![\w-])", text)
    states = re.findall(r'(?s)<div class="empty-state">(.*?)</h2>\s*(<p>)?', main)
    found += [f"the word {word}" for word in words]
    found += ["an empty state that does not say what to do" for _text, says in states if not (says or is_tab)]
    found += [f"nothing to choose from: {name}" for name in _bare_choices(main)]
    if not states and not re.search(r'<(form|tr|li|dl)\b|class="card', main):
        found.append("nothing at all")
    return found


def _bare_choices(main: str) -> list[str]:
    """Return the names of the lists to choose from that must be chosen from and offer nothing."""
    lists = re.findall(r"(?s)<select\b([^>]*)>(.*?)</select>", main)
    return [
        attributes
        for attributes, options in lists
        if "required" in attributes and not re.search(r'<option(?![^>]*value="")', options)
    ]
