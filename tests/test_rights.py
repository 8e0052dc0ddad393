"""Every address of the console and each role: nobody gets past an address whose right they lack.

Written from the list of addresses: a new one without a guard, or one that changes things for whoever may look, is
red here until it is named below with its reason.
"""

from uuid import UUID

import pytest
from django.test import Client
from django.urls.converters import get_converters

from tests.browser.everything.addresses import methods, routes
from troth.access.actors import system_actor
from troth.access.models import User
from troth.access.permissions import ROLE_PERMISSIONS, Permission, Role
from troth.kit import clock
from troth.staff import services as staff

NOBODY = UUID(int=7)
VALUES = {"uuid": str(NOBODY), "int": "7", "slug": "nothing", "str": "nothing", "path": "nothing"}

OPEN = ("account/", "p/")
"""Doors: signing in, and the pages of customers, whose links are signed."""
OPEN_ONES = {
    "welcome/<str:token>/": "a door: the link is signed",
    "tasks/calendar/<str:secret>.ics": "calendars bring a secret of their own",
    "preferences/": "language and colours of whoever looks, also before signing in",
}
OF_EVERYBODY = {
    "": "leads on to the first page one may open",
    "settings/": "leads on to the first of the settings one may open",
    "search/": "each source asks for its own right",
}
"""For whoever is signed in."""

AREAS = {
    "calendar": "journeys",
    "complaints": "cases",
    "components": "settings",
    "coupons": "rewards",
    "customers": "customers",
    "imports": "imports",
    "journey-map": "journeys",
    "journeys": "journeys",
    "messages": "messages",
    "overview": "insights",
    "points": "points",
    "programmes": "programs",
    "requests": "cases",
    "rewards": "rewards",
    "segments": "segments",
    "settings/attributes": "customers",
    "settings/company": "settings",
    "settings/jobs": "jobs",
    "settings/keys": "api_keys",
    "settings/measure": "settings",
    "settings/measure/analyse": "insights",
    "settings/staff": "staff",
    "surveys": "surveys",
    "tasks": "tasks",
    "texts": "messages",
    "training": "cases",
    "value": "insights",
    "value/delivered": "surveys",
    "visits": "visits",
}
"""Which group of rights every address below a path asks for, among others."""

LOOKING = {Permission.CUSTOMERS_VIEW_PERSONAL, *(one for one in Permission if one.endswith(".view"))}
ASKED_BEHIND = {
    "a form that changes nothing": (
        "coupons/preview/",
        "programmes/<uuid:programme_id>/check/",
        "programmes/<uuid:programme_id>/example/",
        "rewards/audience/preview/",
        "segments/preview/",
        "tasks/scripts/preview/",
        "texts/t/<slug:code>/mail/",
        "texts/t/<slug:code>/preview/",
    ),
    "one's own": (
        "customers/views/<int:view_id>/remove/",
        "customers/views/save/",
        "tasks/calendar/",
    ),
    "one page to look at and to change; the view asks for the second right": (
        "complaints/recovery/",
        "coupons/campaigns/<slug:code>/effect/",
        "journeys/<uuid:journey_id>/effect/",
        "journeys/<uuid:journey_id>/rehearsals/",
        "messages/control/",
        "messages/rules/",
        "settings/staff/logins/<uuid:user_id>/",
        "tasks/scripts/<slug:code>/",
        "tasks/scripts/new/",
        "texts/t/<slug:code>/",
        "value/targets/",
        "visits/<uuid:visit_id>/",
    ),
    "the act asks for the right, or that it was one's own request": (
        "complaints/remedies/<uuid:remedy_id>/<slug:answer>/",
        "points/expiry-changes/<uuid:change_id>/",
        "points/requests/<uuid:request_id>/",
        "programmes/<uuid:programme_id>/edit/",
        "programmes/<uuid:programme_id>/rehearsals/",
        "programmes/<uuid:programme_id>/review/rehearse/",
        "programmes/award/",
    ),
    "has a list worked out anew, once however often it is asked for": ("programmes/<uuid:programme_id>/tiers/near/",),
}


def guarded():
    """Return the addresses of the console behind the doors, with the rights that each asks for."""
    return {
        route: getattr(pattern.callback, "permissions", None)
        for route, pattern in routes().items()
        if not route.startswith(OPEN) and route not in OPEN_ONES
    }


def address(route):
    """Return an address of the route, of something that does not exist."""
    path = route
    for name in get_converters():
        while (start := path.find(f"<{name}:")) >= 0:
            path = path[:start] + VALUES[name] + path[path.index(">", start) + 1 :]
    return f"/{path}"


def area_of(route):
    fitting = [path for path in AREAS if route.startswith((f"{path}/", f"{path}."))]
    return AREAS[max(fitting, key=len)] if fitting else None


def test_every_address_is_guarded():
    assert [route for route, permissions in guarded().items() if permissions is None] == []
    assert {route for route, permissions in guarded().items() if permissions == ()} == set(OF_EVERYBODY)


def test_every_address_says_which_methods_it_takes():
    assert [route for route in guarded() if not methods(routes()[route])] == []


def test_every_address_asks_for_a_right_of_its_area():
    for route, permissions in guarded().items():
        if route not in OF_EVERYBODY:
            assert area_of(route) in {one.partition(".")[0] for one in permissions}, route


def test_what_changes_things_asks_for_more_than_looking():
    named = {route for routes_ in ASKED_BEHIND.values() for route in routes_}
    changing = {route for route in guarded() if "POST" in methods(routes()[route])}
    assert {route for route in changing if set(guarded()[route]) <= LOOKING} == named


@pytest.fixture
def company(db):
    return staff.set_up_company(actor=system_actor("test"), now=clock.utc_now(), name="Test", time_zone="UTC")


@pytest.mark.slow
def test_a_stranger_is_sent_to_sign_in_from_every_address(company):
    stranger = Client()
    for route in guarded():
        ask = stranger.get if "GET" in methods(routes()[route]) else stranger.post
        answer = ask(address(route))
        assert (answer.status_code, answer.headers["Location"][:15]) == (302, "/account/login/"), route


@pytest.mark.slow
@pytest.mark.parametrize("role", Role)
def test_a_role_is_refused_at_every_address_whose_right_it_lacks(company, role):
    browser = Client()
    browser.force_login(User.objects.create_user(f"{role}@example.org", name=role, role=role))
    lacking = [route for route, wanted in guarded().items() if not set(wanted) <= ROLE_PERMISSIONS[role]]
    assert bool(lacking) is (role != Role.ADMIN)
    for route in lacking:
        for method in sorted(methods(routes()[route]) - {"HEAD"}):
            assert browser.generic(method, address(route)).status_code == 403, (method, route)


@pytest.mark.slow
def test_who_is_shut_out_is_a_stranger_at_once(company):
    user = User.objects.create_user("shut@example.org", name="Shut", role=Role.ADMIN)
    browser = Client()
    browser.force_login(user)
    assert browser.get("/settings/jobs/").status_code == 200
    User.objects.filter(id=user.id).update(is_active=False)
    assert browser.get("/settings/jobs/").status_code == 302
