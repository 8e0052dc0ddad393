"""A browser window of somebody, in one look: it is sent on its way, and while it loads another one is looked over."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Request, Response

from tests.browser.conftest import PATIENCE
from troth.access.models import User

from .looking import Look, faults

NOISE = "Failed to load resource: the server responded with a status of "
"""What Chromium says of a page that refuses, and of a part: their status is looked at."""

PAGES_A_WINDOW = 50
LINKS = """(origin) => [...document.querySelectorAll("a[href]")].map((link) => link.href)
  .filter((href) => href.startsWith(`${origin}/`)).map((href) => href.slice(origin.length).split("#")[0])"""


class Tab:
    """One window. `wrong` holds what was found, by look and address."""

    def __init__(self, browser: Browser, base_url: str, look: Look) -> None:
        self.look, self._base_url = look, base_url
        self.wrong: dict[str, list[str]] = {}
        self._context = browser.new_context(
            base_url=base_url,
            viewport={"width": look.width, "height": 900},
            reduced_motion="reduce",
            color_scheme="dark" if look.theme == "dark" else "light",
            locale="zh-CN" if look.language.startswith("zh") else "en-GB",
        )
        self._context.set_default_timeout(PATIENCE)
        self.said: list[str] = []
        self.has_seen_frame = False
        self.opened = 0
        self.page = self._new_page()

    def _new_page(self) -> Any:
        page = self._context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", self._watch)
        page.on("response", self._check)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(NOISE):
            self.said.append(message.text)

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self._base_url, "data:", "blob:", "about:")):
            self.said.append(f"asked another machine: {request.url}")

    def _check(self, answer: Response) -> None:
        if answer.status >= 400 and not answer.request.is_navigation_request():
            self.said.append(f"status {answer.status} of a part: {answer.url.removeprefix(self._base_url)}")

    def sign_in(self, user: User | None) -> None:
        """Be somebody, as Django's test client does it, or nobody."""
        self._context.clear_cookies()
        cookies = {settings.LANGUAGE_COOKIE_NAME: self.look.language, "troth_theme": self.look.theme}
        if user is not None:
            client = Client()
            client.force_login(user)
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        self._context.add_cookies(
            [{"name": name, "value": value, "url": self._base_url} for name, value in cookies.items()]
        )

    @contextmanager
    def going(self, url: str, *, status: int = 200) -> Iterator[None]:
        """Open an address; what is done within is done while it loads."""
        self.opened += 1
        if self.opened % PAGES_A_WINDOW == 0:  # Chromium gives back what pages held when their window closes
            self.page.close()
            self.page = self._new_page()
        with self.page.expect_navigation(wait_until="load") as arriving:
            self.page.evaluate("(url) => { location.href = url; }", self._base_url + url)
            yield
        answer = arriving.value
        if answer is None or answer.status != status:
            self._note(url, f"status {answer and answer.status} instead of {status}")

    def look_over(self, url: str) -> None:
        """Note what is wrong with the page that is open."""
        found = faults(self.page, self.look, is_whole=not self.has_seen_frame) + self.said
        self.has_seen_frame = self.has_seen_frame or self.page.locator(".side").count() > 0
        self.said.clear()
        self._note(url, *found)

    def _note(self, url: str, *found: str) -> None:
        if found:
            self.wrong.setdefault(f"{self.look.language} {self.look.theme} {url}", []).extend(found)

    def links(self) -> list[str]:
        """Return where the links of the page lead."""
        found: list[str] = self.page.evaluate(LINKS, self._base_url)
        return found

    def close(self) -> None:
        self._context.close()
