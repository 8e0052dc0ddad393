"""Every operation and every key that lacks its scope, from the OpenAPI document."""

import re

import pytest

from troth.access.permissions import KEY_PERMISSIONS
from troth.api import docs


def operations():
    """Return method, address of something that does not exist, and scope of every operation."""
    found = []
    for path, methods in docs.document()["paths"].items():
        for method, operation in methods.items():
            address = re.sub(r"\{[^}]*\}", "nothing", path.removeprefix("/api/v1"))
            found.append((method.upper(), address, operation["x-scope"]))
    return found


def test_every_operation_names_a_scope_that_keys_may_hold():
    assert {scope for _method, _address, scope in operations()} <= set(KEY_PERMISSIONS)


@pytest.mark.slow
@pytest.mark.parametrize("scope", sorted(KEY_PERMISSIONS))
def test_a_key_with_every_scope_but_one_is_refused_where_that_is_asked_for(api_with, scope):
    """Before anything else: neither the address nor the body is looked at."""
    api = api_with(*(KEY_PERMISSIONS - {scope}))
    for method, address, wanted in operations():
        if wanted != scope:
            continue
        for body in (None, {"nothing": True}):
            answer = api.send(method, address, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing"), (method, address)


@pytest.mark.slow
@pytest.mark.parametrize("scope", sorted(KEY_PERMISSIONS))
def test_a_key_with_one_scope_opens_nothing_else(api_with, scope):
    api = api_with(scope)
    for method, address, wanted in operations():
        if wanted != scope:
            assert api.send(method, address).status_code == 403, (method, address)


def test_a_body_is_not_looked_at_for_a_key_without_the_scope(api_with):
    api = api_with("points.view")
    answer = api.post("/customers", {"nothing": True})
    assert (answer.status_code, answer.json()["code"], answer.json()["errors"]) == (403, "permission_missing", [])
