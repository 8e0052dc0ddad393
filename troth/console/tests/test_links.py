from django.test import RequestFactory

from troth.console.links import dead_links


def test_links_that_lead_only_to_this_machine_are_told(settings):
    request = RequestFactory(SERVER_NAME="troth.example.com").get("/")
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "http://127.0.0.1:8000", ["*"]
    assert dead_links(request).startswith("Links that customers get begin with http://127.0.0.1:8000,")
    settings.PUBLIC_URL = "https://loyal.example.com"
    assert dead_links(request) == ""


def test_whoever_tries_out_on_this_machine_is_not_bothered(settings):
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "http://127.0.0.1:8000", ["*"]
    assert dead_links(RequestFactory(HTTP_HOST="127.0.0.1:8000").get("/")) == ""
    assert dead_links(RequestFactory(HTTP_HOST="127.0.0.1:8145").get("/")) != ""
