"""Every page there is, opened in English and light, and in Chinese and dark, on a desk's screen and on a phone's.

Pages are found by their addresses and by the links that lead to them: a new one is looked over without being listed,
and one that nothing leads to, and that `pages` neither lists nor excuses, fails the test.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser

from troth.access.actors import system_actor
from troth.access.models import User
from troth.access.permissions import Role
from troth.console import samples
from troth.kit.clock import utc_now
from troth.staff import services as staff

from . import addresses, company, pages
from .looking import LOOKS
from .tabs import Tab

pytestmark = [pytest.mark.slow, pytest.mark.browser]

Tabs = tuple[Tab, ...]
OK = 200


@pytest.fixture
def tabs(browser: Browser, live_server: Any, transactional_db: None, settings: Any, tmp_path: Any) -> Iterator[Tabs]:
    """A window for each look, in a company that has a little of everything."""
    settings.MEDIA_ROOT, settings.LAKE_DIR = tmp_path / "files", tmp_path / "lake"
    now = utc_now()
    staff.set_up_company(actor=system_actor("test"), now=now, name="试验百货", time_zone="Asia/Shanghai", is_demo=True)
    with pytest.MonkeyPatch.context() as patch:
        company.fill(patch, now)
    with ExitStack() as stack:
        opened = tuple(Tab(browser, live_server.url, look) for look in LOOKS)
        for tab in opened:
            stack.callback(tab.close)
        yield opened


def test_every_page_is_accessible_fits_and_is_translated(tabs: Tabs, monkeypatch: pytest.MonkeyPatch):
    seen = {addresses.route_of(url) for url in _at_the_doors(tabs)}
    seen |= {addresses.route_of(url) for url in _in_the_house(tabs)}
    _refused(tabs, monkeypatch)
    assert {url: found for tab in tabs for url, found in tab.wrong.items()} == {}

    routes = addresses.routes()
    not_seen = {route for route, pattern in routes.items() if not addresses.is_act(pattern)} - seen
    assert not_seen - pages.NO_PAGES.keys() == set(), "pages that nobody looked at"
    assert pages.NO_PAGES.keys() - not_seen == set(), "excused, but seen or gone"


def _visit(tabs: Tabs, urls: Iterable[str], status: int = OK) -> Iterator[tuple[str, Tab]]:
    """Open addresses in every tab, one loading while the one before is looked over; yield each when it was."""
    before: tuple[str, Tab] | None = None
    for url in urls:
        for tab in tabs:
            with tab.going(url, status=pages.STATUS.get(url, status)):
                if before:
                    before[1].look_over(before[0])
            if before:
                yield before
            before = (url, tab)
    if before:
        before[1].look_over(before[0])
        yield before


def _at_the_doors(tabs: Tabs) -> Iterator[str]:
    """Open what strangers, customers and somebody with a second step see."""
    now = utc_now()
    for tab in tabs:
        tab.sign_in(None)
    for url, _tab in _visit(tabs, [*pages.of_strangers(now), *pages.of_customers(now)]):
        yield url
    for tab in tabs:
        with tab.going("/account/login/"):
            pass
        user = pages.guarded_user(tab.look.language, tab.look.theme)
        tab.page.locator("[name=login]").fill(user.email)
        tab.page.locator("[name=password]").fill(pages.PASSWORD)
        tab.page.locator("[name=password]").press("Enter")
        tab.page.wait_for_url("**/account/2fa/authenticate/**")
        tab.look_over("/account/2fa/authenticate/")
        yield "/account/2fa/authenticate/"
        tab.page.locator("[name=code]").fill(pages.code_of_the_moment())
        tab.page.locator("[name=code]").press("Enter")
        tab.page.wait_for_url("**/overview/")
    for url, _tab in _visit(tabs, pages.OF_THE_GUARDED):
        yield url


def _in_the_house(tabs: Tabs) -> Iterator[str]:
    """Open every address that needs no value, and the first that a link leads to of every other."""
    for tab in tabs:
        tab.sign_in(_user(tab, Role.ADMIN))
    queue = deque(pages.of_staff())
    known = {addresses.route_of(url) for url in queue} | pages.NO_PAGES.keys()
    known |= {route for route, pattern in addresses.routes().items() if addresses.is_act(pattern)}
    for route in addresses.routes():
        if addresses.is_plain(route) and route not in known and not route.startswith(pages.DOORS):
            known.add(route)
            queue.append(f"/{route}")
    while queue:
        for url, tab in _visit(tabs, _taken_from(queue)):
            for link in tab.links() if tab is tabs[0] else ():
                if (route := addresses.route_of(link)) not in known:
                    known.add(route)
                    queue.append(link)
            yield url


def _taken_from(queue: deque[str]) -> Iterator[str]:
    while queue:
        yield queue.popleft()


def _refused(tabs: Tabs, patch: pytest.MonkeyPatch) -> None:
    """Look at what is said to who may not, who is lost, and when we fail."""
    for _page in _visit(tabs, ["/no/such/page/", "/p/no/such/page/"], status=404):
        pass
    patch.setattr(samples, "context", lambda _now: 1 // 0)
    for _page in _visit(tabs, ["/components/"], status=500):
        pass
    for tab in tabs:
        tab.sign_in(_user(tab, Role.CLERK))
    for _page in _visit(tabs, ["/settings/company/"], status=403):
        pass


def _user(tab: Tab, role: Role) -> User:
    look: dict[str, Any] = {"language": tab.look.language, "theme": tab.look.theme}
    return User.objects.create_user(f"{role}-{tab.look.language}@example.org", name="陈雅婷", role=role, **look)
