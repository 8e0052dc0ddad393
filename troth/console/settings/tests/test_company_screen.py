import pytest

from troth.events.models import Event
from troth.staff.models import Company

FIELDS = {
    "name": "Test & Co",
    "country": "CN",
    "time_zone": "Asia/Shanghai",
    "currency": "CNY",
    "language": "en",
    "as_of_date": "",
}


@pytest.mark.parametrize(
    ("role", "answer"),
    [
        ("admin", "/settings/company/"),
        ("manager", "/settings/attributes/"),
        ("analyst", "/settings/jobs/"),
        ("clerk", None),
    ],
)
def test_the_settings_begin_with_the_first_one_may_open(sign_in, role, answer):
    page = sign_in(role=role).get("/settings/")
    assert (page.status_code, page.headers.get("Location")) == ((302, answer) if answer else (403, None))


def test_settings_are_changed_and_noted(sign_in):
    browser = sign_in()
    answer = browser.post("/settings/company/", {**FIELDS, "name": "恒客超市", "as_of_date": "2018-01-01"})
    assert answer.status_code == 302
    company = Company.objects.get()
    assert (company.name, str(company.as_of_date)) == ("恒客超市", "2018-01-01")
    assert Event.objects.get(name="staff.company.changed").data == {"fields": ["as_of_date", "name"]}


@pytest.mark.slow
def test_an_unknown_zone_changes_nothing(sign_in):
    html = sign_in().post("/settings/company/", {**FIELDS, "name": "Other", "time_zone": "Mars/North"}).content.decode()
    assert 'id="id_time_zone_error"' in html
    assert Company.objects.get().name == "Test & Co"


@pytest.mark.slow
def test_the_form_shows_what_is_stored(sign_in):
    html = sign_in(language="zh-hans").get("/settings/company/").content.decode()
    assert 'value="Test &amp; Co"' in html
    assert '<option value="CN" selected>中国</option>' in html
