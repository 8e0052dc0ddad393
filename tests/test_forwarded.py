"""Who asks, seen from behind web servers; and where the links of a company's own machine lead."""

import os
import subprocess
import sys

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from troth.config.forwarded import ForwardedMiddleware


def seen(proxies, settings, **headers):
    """Return the address that a view sees."""
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.2", **headers)
    ForwardedMiddleware(lambda _request: HttpResponse())(request)
    return request.META["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.7", "10.0.0.2"),  # nobody in front: anybody may write the header
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),  # what the asker wrote stands left and counts for nothing
        (2, "198.51.100.1, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.2"),  # it did not come by both
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
        (1, "", "10.0.0.2"),
        (1, "unknown", "10.0.0.2"),
        (1, "203.0.113.7\r\nx", "10.0.0.2"),
    ],
)
def test_the_asker_is_who_the_last_server_of_ours_saw(settings, proxies, forwarded, address):
    assert seen(proxies, settings, HTTP_X_FORWARDED_FOR=forwarded) == address


def test_a_request_without_the_header_keeps_its_address(settings):
    assert seen(1, settings) == "10.0.0.2"


def test_it_stands_before_whatever_counts_by_address(settings):
    assert settings.MIDDLEWARE.index("troth.config.forwarded.ForwardedMiddleware") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"TROTH_ENV": "production", "TROTH_ALLOWED_HOSTS": "shop.example,10.0.0.1"}, "https://shop.example"),
        ({"TROTH_ENV": "production", "TROTH_ALLOWED_HOSTS": ".shop.example"}, "https://shop.example"),
        ({"TROTH_ENV": "production", "TROTH_ALLOWED_HOSTS": "*"}, "http://127.0.0.1:8000"),
        ({"TROTH_PUBLIC_URL": "https://care.example/"}, "https://care.example"),
        ({"TROTH_PUBLIC_URL": ""}, "http://127.0.0.1:8000"),
    ],
)
def test_links_lead_to_the_companys_own_host(tmp_path, variables, url):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TROTH_", "DATABASE_", "DJANGO_"))
    }
    program = "from troth.config import settings; print(settings.PUBLIC_URL)"
    printed = subprocess.run(
        [sys.executable, "-c", program],
        env=kept | {"TROTH_DATA_DIR": str(tmp_path), "TROTH_SECRET_KEY": "k" * 60} | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.strip() == url
