"""The documentation page names every address, field and problem, and holds nothing that the CSP refuses."""

import re

import pytest

from troth.api import docs


@pytest.fixture
def page(client, db):
    return client.get("/api/v1/docs").content.decode()


@pytest.mark.slow
def test_every_operation_is_there_with_its_scope_and_an_example(page):
    endpoints = [one for chapter in docs.chapters() for one in chapter.endpoints]
    paths = docs.document()["paths"]
    assert {(one.path, one.method.lower()) for one in endpoints} == {
        (path, method) for path, methods in paths.items() for method in methods
    }
    for one in endpoints:
        assert f'id="{one.name}"' in page
        assert one.example.startswith(f"curl -X {one.method} https://HOST{one.path}")


@pytest.mark.slow
def test_fields_are_listed_with_type_and_meaning():
    (record,) = [one for chapter in docs.chapters() for one in chapter.endpoints if one.name == "record_order"]
    rows = {row.name: row for row in record.body}
    assert (rows["lines[].net_amount"].type, rows["lines[].net_amount"].is_required) == ("string", True)
    assert rows["identity.kind"].type == '"phone" | "email" | "card" | "wechat_openid" | "external"'
    assert all(row.description for row in record.body)
    assert '"net_amount": "25.00"' in record.example


@pytest.mark.slow
def test_every_problem_is_explained(page):
    codes = {one.code: one.status for one in docs.refusals()}
    assert codes["identity_taken"] == 409
    assert codes["rate_limited"] == 429
    assert codes["key_missing"] == 401
    assert all(one.meaning for one in docs.refusals())
    assert all(f'id="problem-{code}"' in page for code in codes)


@pytest.mark.slow
def test_links_within_the_page_lead_somewhere(page):
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert {link for link in re.findall(r'href="#([^"]+)"', page) if link not in targets} == set()


@pytest.mark.slow
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(page):
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|<style", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


@pytest.mark.slow
def test_the_page_speaks_chinese_and_offers_the_other_language(client, db):
    chinese = client.get("/api/v1/docs", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert chinese == client.get("/api/v1/docs?language=zh-hans").content.decode()
    assert '<html lang="zh-hans"' in chinese
    for text in ("恒客 API", "记录一笔订单", "新订单返回 201", "频率限制", "权限范围"):
        assert text in chinese
    for text in ("优惠前。", "客户来源：贵方自定的代码。", "上一页的 <code>next_cursor</code>", "没有这位客户。"):
        assert text in chinese
    for text in ("Record one order", "201 if it is new", "Rate limit"):
        assert text not in chinese
    assert 'href="?language=en"' in chinese
    assert (
        "Record one order"
        in client.get("/api/v1/docs?language=en", headers={"Accept-Language": "zh-hans"}).content.decode()
    )
    assert client.get("/api/v1/docs?language=xx").status_code == 200


@pytest.mark.slow
def test_the_openapi_document_is_translated_in_what_it_says_only(client, db):
    english = client.get("/api/v1/openapi.json").json()
    response = client.get("/api/v1/openapi.json?language=zh-hans")
    chinese = response.json()
    assert (chinese["info"]["title"], response.headers["Content-Language"]) == ("恒客 API", "zh-hans")
    order = chinese["paths"]["/api/v1/orders"]["post"]
    assert (order["summary"], order["operationId"], order["tags"]) == ("记录一笔订单", "record_order", ["Orders"])
    assert order["description"].endswith("Scope: `orders.record`.")
    assert _without_words(chinese["components"]) == _without_words(english["components"])
    for path, operations in english["paths"].items():
        for method, operation in operations.items():
            assert re.search(r"[一-鿿]", chinese["paths"][path][method]["summary"]), operation["summary"]


@pytest.mark.slow
def test_every_meaning_and_problem_is_said_in_chinese():
    rows = [
        row
        for chapter in docs.chapters("zh-hans")
        for one in chapter.endpoints
        for row in [*one.parameters, *one.body, *(row for answer in one.answers for row in answer.rows)]
        if row.description
    ]
    said = [*(row.description for row in rows), *(one.meaning for one in docs.refusals("zh-hans"))]
    assert len(rows) > 1_000
    assert [text for text in said if not re.search("[\u4e00-\u9fff]|、", text)] == []


def _without_words(node):
    """Return a part of the document without its descriptions."""
    if isinstance(node, dict):
        return {
            key: _without_words(inner)
            for key, inner in node.items()
            if not (key == "description" and isinstance(inner, str))
        }
    return [_without_words(one) for one in node] if isinstance(node, list) else node
