from datetime import UTC, datetime

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone, translation

from troth.console import formats
from troth.console.middleware import SurroundingsMiddleware

LATE = datetime(2026, 11, 21, 17, 5, tzinfo=UTC)


def answer(rf, response):
    request = rf.get("/")
    request.user = AnonymousUser()
    return SurroundingsMiddleware(lambda _request: response())(request)


def test_downloads_keep_language_and_zone_to_their_last_line(rf, company):
    def lines():
        yield formats.moment(LATE)
        yield formats.moment(LATE)

    with translation.override("zh-hans"):
        download = answer(rf, lambda: StreamingHttpResponse(lines()))
    with translation.override("en"), timezone.override("UTC"):
        assert b"".join(download).decode() == "2026年11月22日 01:05" * 2
        assert formats.moment(LATE) == "21 Nov 2026, 17:05"


def test_before_set_up_times_are_utc(rf, db):
    assert answer(rf, lambda: HttpResponse(formats.moment(LATE))).content.decode() == "21 Nov 2026, 17:05"


def test_the_company_is_asked_for_once(sign_in, django_assert_max_num_queries):
    browser = sign_in()
    browser.get("/settings/staff/roles/")
    with django_assert_max_num_queries(3):  # session, user, company
        browser.get("/settings/staff/roles/")
