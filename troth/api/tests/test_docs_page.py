"""The documentation page names every address, field and problem, and holds nothing that the CSP refuses."""

import re

import pytest

from troth.api import docs
from troth.api.v1 import api as ninja_api


@pytest.fixture
def page(client, db):
    return client.get("/api/v1/docs").content.decode()


def test_every_operation_is_there_with_its_scope_and_an_example(page):
    endpoints = [one for chapter in docs.chapters() for one in chapter.endpoints]
    paths = ninja_api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    assert {(one.path, one.method.lower()) for one in endpoints} == {
        (path, method) for path, methods in paths.items() for method in methods
    }
    for one in endpoints:
        assert f'id="{one.name}"' in page
        assert one.example.startswith(f"curl -X {one.method} https://HOST{one.path}")


def test_fields_are_listed_with_type_and_meaning():
    (record,) = [one for chapter in docs.chapters() for one in chapter.endpoints if one.name == "record_order"]
    rows = {row.name: row for row in record.body}
    assert (rows["lines[].net_amount"].type, rows["lines[].net_amount"].is_required) == ("string", True)
    assert rows["identity.kind"].type == '"phone" | "email" | "card" | "wechat_openid" | "external"'
    assert all(row.description for row in record.body)
    assert '"net_amount": "25.00"' in record.example


def test_every_problem_is_explained(page):
    codes = {one.code: one.status for one in docs.refusals()}
    assert codes["identity_taken"] == 409
    assert codes["rate_limited"] == 429
    assert codes["key_missing"] == 401
    assert all(one.meaning for one in docs.refusals())
    assert all(f'id="problem-{code}"' in page for code in codes)


def test_links_within_the_page_lead_somewhere(page):
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert {link for link in re.findall(r'href="#([^"]+)"', page) if link not in targets} == set()


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(page):
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|<style", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
