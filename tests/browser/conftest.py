"""A browser that is signed in, speaks a language, prefers a theme, and reports what it complained about."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test.testcases import _StaticFilesHandler as StaticFilesHandler
from playwright.sync_api import Browser, Page, expect

from tools import machine
from troth.access.actors import system_actor
from troth.access.models import User
from troth.access.permissions import Role
from troth.staff import services as staff

# Playwright's own loop makes Django think that it is called from asynchronous code; it is not.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_RUN = """async ([rules, without]) => {
  const found = await axe.run({exclude: without}, {runOnly: rules, resultTypes: ["violations"], preload: false,
    iframes: false});
  return found.violations.flatMap((wrong) => wrong.nodes.map((node) =>
    `${wrong.id}: ${node.target}: ${node.failureSummary.split("\\n").at(-1).trim()}`));
}"""
"""Only what is wrong comes back: what is right is the whole page, once a rule. A frame holds a page of its own; axe
would only call into it, and a frame that is shut off complains of that."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

OpenPage = Callable[..., Any]

PATIENCE = 60_000  # milliseconds: the usual five seconds are too few for a machine that does much besides
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the machine's own Chromium; nothing is downloaded."""
    return {**browser_type_launch_args, "executable_path": machine.browser(), "args": FLAGS}


@pytest.fixture(scope="session", autouse=True)
def static_files_are_kept() -> Iterator[None]:
    """Let the browser keep styles and scripts as it does in production, and not ask anew with every page."""
    served = StaticFilesHandler.serve

    def kept(self: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        answer = served(self, request)
        answer["Cache-Control"] = "max-age=3600"
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", kept)
        yield


@pytest.fixture
def open_page(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[OpenPage]:
    """Return a function that opens an address as a role, in a language and a theme.

    `page.complaints` lists what the browser's console said, breaches of the content security policy included.
    """
    staff.set_up_company(actor=system_actor("test"), now=NOW, name="Test & Co", is_demo=True)
    contexts = []

    def opened(
        path: str,
        *,
        role: Role | None = Role.ADMIN,
        language: str = "en",
        theme: str = "light",
        width: int = 1440,
    ) -> Any:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            color_scheme="light",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        cookies = {settings.LANGUAGE_COOKIE_NAME: language, "troth_theme": theme}
        if role is not None:
            cookies[settings.SESSION_COOKIE_NAME] = _session(role, language, theme)
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
        page: Any = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


def _session(role: Role, language: str, theme: str) -> str:
    """Sign somebody in without the form, as Django's test client does, and return the session's key."""
    from django.test import Client  # noqa: PLC0415  after Django is set up

    email = f"{role}-{language}-{theme}@example.org"
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email, name="陈雅婷", role=role, language=language, theme=theme
    )
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def axe() -> Callable[..., list[str]]:
    """Return a function that lists what axe finds wrong in a page: rule, element, why."""

    def found(page: Page, rules: list[str] | None = None) -> list[str]:
        return breaches(page, rules or RULES)

    return found


def breaches(page: Page, rules: list[str], without: tuple[str, ...] = ()) -> list[str]:
    """Return what breaks rules of axe, or of its groups of rules, anywhere but in what is left out."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    session.detach()
    result: list[str] = page.evaluate(AXE_RUN, [rules, [[one] for one in without]])
    return result
