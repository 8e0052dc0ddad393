"""Customer attributes on the screen: defined, changed, refused, ready-made."""

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.console.settings import figure_attributes
from troth.customers import services
from troth.customers.models import AttributeDefinition
from troth.customers.queries.referrals import CODE as REFERRED_BY
from troth.customers.services.duplicates import TAX_CODES
from troth.events.models import Event
from troth.insights import knowing, prospects
from troth.kit.clock import utc_now

pytestmark = pytest.mark.django_db

LIST = "/settings/attributes/"
SKIN = {"label": "Skin", "label_zh": "肤质", "code": "skin", "attribute_type": "choice", "unit": ""}
SKIN |= {"choices": "dry\r\n oily \r\n\r\ndry", "is_personal": "on", "is_active": "on"}


def html(answer):
    return answer.content.decode()


def defined():
    return list(AttributeDefinition.objects.order_by("code").values_list("code", "attribute_type", "choices"))


def test_an_attribute_is_defined_on_the_screen_and_stands_on_a_customers_page(sign_in):
    browser = sign_in(Role.MANAGER)

    assert "No attributes yet" in html(browser.get(LIST))
    assert browser.post(LIST + "new/", SKIN).headers["Location"] == LIST

    assert defined() == [("skin", "choice", ["dry", "oily"])]
    assert Event.objects.get(name="customers.attribute.defined").data["attribute"] == "skin"
    act = {"actor": system_actor("test"), "now": utc_now()}
    customer = services.create_customer(name="Lin", **act)
    browser.post(f"/customers/{customer.id}/attributes/", {"skin": "oily"})
    assert '<option value="oily" selected>' in html(browser.get(f"/customers/{customer.id}/data/"))
    shown = html(browser.get(LIST))
    assert f'href="{LIST}skin/">Skin' in shown
    assert '<td class="num" data-label="Records with a value">1</td>' in shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"choices": "oily"}, "cannot go: customers who have it: 1"),
        ({"attribute_type": "text"}, "has values of its type already"),
        ({"choices": ""}, "name the values that may be chosen"),
        ({"label": ""}, "This field is required"),
    ],
)
def test_what_values_forbid_is_refused_with_the_reason(sign_in, change, said):
    browser = sign_in()
    browser.post(LIST + "new/", SKIN)
    act = {"actor": system_actor("test"), "now": utc_now()}
    customer = services.create_customer(name="Lin", **act)
    services.set_attributes(customer_id=customer.id, values={"skin": "dry"}, **act)

    refused = browser.post(LIST + "skin/", {**SKIN, **change})

    assert refused.status_code == 200
    assert said in html(refused)
    assert defined() == [("skin", "choice", ["dry", "oily"])]
    assert Event.objects.filter(name="customers.attribute.defined").count() == 1


def test_a_code_is_taken_once(sign_in):
    browser = sign_in()
    browser.post(LIST + "new/", SKIN)

    refused = browser.post(LIST + "new/", {**SKIN, "attribute_type": "text"})

    assert "The code “skin” is taken." in html(refused)
    assert defined() == [("skin", "choice", ["dry", "oily"])]


def test_out_of_use_it_leaves_the_forms_and_keeps_its_values(sign_in):
    browser = sign_in()
    browser.post(LIST + "new/", SKIN)
    act = {"actor": system_actor("test"), "now": utc_now()}
    customer = services.create_customer(name="Lin", **act)
    services.set_attributes(customer_id=customer.id, values={"skin": "dry"}, **act)

    browser.post(LIST + "skin/", {name: value for name, value in SKIN.items() if name != "is_active"})

    assert 'name="skin"' not in html(browser.get(f"/customers/{customer.id}/data/"))
    assert "Out of use" in html(browser.get(LIST))
    browser.post(LIST + "skin/", SKIN)
    assert '<option value="dry" selected>' in html(browser.get(f"/customers/{customer.id}/data/"))


def test_those_that_figures_read_are_a_press_away_in_both_languages(sign_in):
    browser = sign_in(language="zh-hans")

    browser.post(LIST + "referred_by/add/")
    browser.post(LIST + "referred_by/add/")

    row = AttributeDefinition.objects.get()
    assert (row.code, row.label, row.label_zh, row.attribute_type) == ("referred_by", "Brought by", "介绍人", "text")
    assert browser.post(LIST + "guessed/add/").status_code == 404
    assert f"{LIST}referred_by/add/" not in html(browser.get(LIST))


def test_the_codes_offered_are_those_that_are_read():
    read = {REFERRED_BY, knowing.SPEND, knowing.FAMILY, knowing.PROTECTED, knowing.CONVENIENT}
    read |= {prospects.NEED, prospects.MEANS, TAX_CODES[0]}

    assert {one.code for one in figure_attributes.OFFERED} == read


@pytest.mark.parametrize("role", [Role.AGENT, Role.CLERK, Role.ANALYST, Role.CONTROLLER])
def test_others_define_nothing(sign_in, role):
    browser = sign_in(role)

    answers = [browser.get(LIST), browser.post(LIST + "new/", SKIN), browser.post(LIST + "referred_by/add/")]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert defined() == []
