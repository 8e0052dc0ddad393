"""A survey opens fast on a slow phone: at most 60 KB with all that it loads, and nothing of it is a script."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

pytestmark = pytest.mark.django_db

FIRST_LOAD_BYTES = 60 * 1024
LOADED = re.compile(r'<(?:link|img|script)\b[^>]*?(?:href|src)="(?!data:)([^"]+)"')


def weight(client: Client, path: str) -> int:
    """Return the bytes of what an address names, as they are without compression."""
    if path.startswith("/static/"):
        found = finders.find(path.removeprefix("/static/"))
        assert isinstance(found, str), path
        with open(found, "rb") as file:
            return len(file.read())
    return len(client.get(path).content)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_first_load_is_small_and_without_a_script(url: str, open_url: str, language: str):
    client = Client()
    for address in (url, open_url):
        text = client.get(f"{address}?lang={language}").content.decode()
        loaded = LOADED.findall(text)
        assert "<script" not in text
        assert any(path.startswith("/static/portal/") for path in loaded)
        assert len(text.encode()) + sum(weight(client, path) for path in loaded) <= FIRST_LOAD_BYTES
