"""What holds for every address: keys, limits, problems, headers, idempotency, the schema."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.db.utils import OperationalError
from django.test import Client

from troth.access import services as access
from troth.access.models import ApiKey, IdempotencyRecord
from troth.access.permissions import KEY_PERMISSIONS
from troth.api import docs, keys
from troth.customers.models import Customer
from troth.kit import clock
from troth.kit.rates import RateLimiter
from troth.kit.tests.racing import race

from .conftest import ACTOR, Api


def schema():
    return docs.document()


def operations():
    return [
        (path, method, operation)
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
    ]


def assert_problem(response, status, code):
    problem = json.loads(response.content)
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert problem.keys() == {"type", "title", "status", "detail", "code", "fields", "errors"}
    assert problem["type"] == f"/api/v1/docs#problem-{code}"
    assert problem["detail"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    return problem


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "Bearer troth_abcdefgh_x", "Bearer \x00"]
)
def test_without_a_good_key_nothing_opens(company, header):
    headers = {} if header is None else {"Authorization": header}
    response = Client().get("/api/v1/customers", headers=headers)
    problem = json.loads(response.content)
    assert (response.status_code, problem["code"] in {"key_missing", "key_refused"}) == (401, True)
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_and_an_expired_key_open_nothing(api):
    key = ApiKey.objects.get()
    ApiKey.objects.update(expires_at=clock.utc_now() - timedelta(seconds=1))
    assert_problem(api.get("/customers"), 401, "key_refused")
    ApiKey.objects.update(expires_at=None)
    access.revoke_api_key(key_id=key.id, actor=ACTOR, now=clock.utc_now())
    assert_problem(api.get("/customers"), 401, "key_refused")


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/customers", "/api/v1/customers/"])
def test_an_unknown_address_is_a_problem(api, path):
    assert_problem(api.client.get(path), 404, "not_found")
    assert_problem(api.client.post(path, {}, content_type="application/json"), 404, "not_found")


def test_an_unknown_method_is_a_problem_that_names_the_known_ones(api):
    response = api.send("DELETE", "/customers")
    assert_problem(response, 405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "POST"}


def test_a_body_too_large_is_refused_before_it_is_read(api, settings):
    settings.API_MAX_BYTES = 1_000
    assert_problem(api.post("/customers", {"name": "x" * 1_000}), 413, "too_large")
    assert Customer.objects.count() == 0


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded"]
)
def test_a_body_that_is_no_json_is_refused(api, kind):
    headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": "k"}
    response = api.client.generic("POST", "/api/v1/customers", b'{"name": "A"}', content_type=kind, headers=headers)
    assert_problem(response, 415, "media_type_unsupported")
    assert Customer.objects.count() == 0


def test_a_body_without_its_length_is_refused_not_taken_for_an_empty_one(api):
    # As a server hands over what came in chunks: the stream is there, its length is not.
    response = Client().generic(
        "POST",
        "/api/v1/customers",
        headers={"Authorization": f"Bearer {api.key}", "Idempotency-Key": "chunks", "Transfer-Encoding": "chunked"},
        content_type="application/json",
    )
    assert_problem(response, 411, "length_required")
    assert not Customer.objects.exists()
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("path", ["/customers?limit=5&limit=6", "/orders?limit=5&limit=5", "/customers?tag=a&tag=b"])
def test_a_parameter_given_twice_is_refused(api, path):
    problem = assert_problem(api.get(path), 422, "parameter_repeated")
    assert problem["fields"]["field"] in ("limit", "tag")
    assert "more than once" in problem["detail"]


@pytest.mark.parametrize(
    "body", [b'{"name": "A", "name": "B"}', b'{"identities": [{"kind": "phone", "kind": "email"}]}']
)
def test_a_name_that_stands_twice_in_an_object_is_refused(api, body):
    headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": "twice"}
    response = api.client.generic("POST", "/api/v1/customers", body, content_type="application/json", headers=headers)
    problem = assert_problem(response, 400, "name_repeated")
    assert problem["fields"]["field"] in ("name", "kind")
    assert not Customer.objects.exists()
    assert not IdempotencyRecord.objects.exists()


def test_a_missing_body_is_named_as_the_body(api):
    response = api.send("POST", "/customers")
    assert response.status_code == 422
    assert response.json()["detail"] == "body: is missing and must be there"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"name": "A"', b"1" * 5_000])
def test_a_body_that_cannot_be_read_is_refused(api, body):
    headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": "k"}
    response = api.client.generic("POST", "/api/v1/customers", body, content_type="application/json", headers=headers)
    assert_problem(response, 400, "bad_request")


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'"x"', b'{"name": NaN}', b'{"name": "\\ud800"}', b'{"\\ud800": 1}', b""]
)
def test_a_body_of_another_shape_is_refused_with_places(api, body):
    headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": "k"}
    response = api.client.generic("POST", "/api/v1/customers", body, content_type="application/json", headers=headers)
    problem = assert_problem(response, 422, "validation_failed")
    assert problem["errors"]
    assert Customer.objects.count() == 0


@pytest.mark.slow
def test_our_own_failure_is_a_problem_without_details(api, monkeypatch):
    monkeypatch.setattr("troth.api.resources.customers.queries.customer", lambda id: 1 / 0)
    response = api.get("/customers/00000000-0000-7000-8000-000000000001")
    problem = assert_problem(response, 500, "internal_error")
    assert "division" not in str(problem)


def test_a_busy_database_is_said_to_be_busy(api, monkeypatch):
    def refuse(id):
        raise OperationalError("database is locked")

    monkeypatch.setattr("troth.api.resources.customers.queries.customer", refuse)
    response = api.get("/customers/00000000-0000-7000-8000-000000000001")
    assert_problem(response, 503, "busy")
    assert response.headers["Retry-After"] == "2"


def test_a_key_that_asks_too_often_is_told_when_to_come_back(api, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(keys, "limiter", RateLimiter(per_minute=3, clock=lambda: now[0]))
    answers = [api.get("/customers") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        '"key";r=2;t=0',
        '"key";r=1;t=0',
        '"key";r=0;t=0',
    ]
    refused = api.get("/customers")
    assert_problem(refused, 429, "rate_limited")
    assert refused.headers["Retry-After"] == "20"
    now[0] += 20
    assert api.get("/customers").status_code == 200
    assert api.get("/customers").status_code == 429


def test_the_limiter_refills_evenly_and_forgets_the_idle():
    now = [0.0]
    limiter = RateLimiter(per_minute=60, clock=lambda: now[0])
    assert [limiter.take("a").is_granted for _ in range(61)] == [True] * 60 + [False]
    now[0] = 0.5
    assert limiter.take("a") == limiter.take("a").__class__(is_granted=False, remaining=0, wait_seconds=1)
    now[0] = 2.0
    assert [limiter.take("a").is_granted for _ in range(3)] == [True, True, False]
    assert limiter.take("b").remaining == 59
    now[0] = 10_000.0
    limiter.take("c")
    assert set(limiter._buckets) == {"c"}


def test_many_threads_get_no_more_than_the_limit():
    limiter = RateLimiter(per_minute=100, clock=lambda: 0.0)
    granted = []

    def take():
        granted.extend(limiter.take("a").is_granted for _ in range(50))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 100


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "ключ", "a b"])
def test_a_write_without_a_good_idempotency_key_is_refused(api, key):
    headers = {"Authorization": f"Bearer {api.key}"} | ({"Idempotency-Key": key} if key else {})
    response = api.client.post("/api/v1/customers", {"name": "A"}, content_type="application/json", headers=headers)
    problem = assert_problem(response, 422, "validation_failed")
    assert problem["errors"][0]["pointer"] == "Idempotency-Key"
    assert Customer.objects.count() == 0


def test_a_refused_write_frees_its_idempotency_key(api):
    assert api.post("/customers", {}, idempotency_key="k").status_code == 422
    assert IdempotencyRecord.objects.count() == 0
    assert api.post("/customers", {"name": "A"}, idempotency_key="k").status_code == 201


def test_the_same_key_at_another_address_is_a_conflict(api):
    made = api.post("/customers", {"name": "A"}, idempotency_key="k").json()
    response = api.post(f"/customers/{made['id']}/tags", {"name": "A"}, idempotency_key="k")
    assert_problem(response, 409, "idempotency_conflict")


def test_refusals_speak_the_language_asked_for(api):
    path = "/api/v1/customers"
    answers = {
        language: api.client.get(path, headers={"Authorization": "Bearer x", "Accept-Language": language}).json()
        for language in ("zh-CN,zh;q=0.9", "en")
    }
    assert answers["en"]["detail"].startswith("The API key is unknown")
    assert answers["zh-CN,zh;q=0.9"]["detail"].startswith("API 密钥不存在")


@pytest.mark.slow
def test_every_operation_names_its_scope_and_its_refusals():
    used = set()
    for path, method, operation in operations():
        assert operation["x-scope"] in operation["description"], path
        used.add(operation["x-scope"])
        assert operation["security"] == [{"ApiKeyBearer": []}]
        names = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
        is_write = "409" in operation["responses"] and not path.endswith(("/find", "/evaluate", "/check", "/decide"))
        assert ("Idempotency-Key" in names) == is_write, (method, path)
        for status, response in operation["responses"].items():
            expected = "application/problem+json" if int(status) >= 400 else "application/json"
            assert status == "204" or list(response["content"]) == [expected]
    assert used <= KEY_PERMISSIONS


def test_every_field_of_every_body_is_explained():
    silent = [
        f"{name}.{field}"
        for name, body in schema()["components"]["schemas"].items()
        for field, shape in body.get("properties", {}).items()
        if not shape.get("description")
    ]
    assert silent == []


def test_every_scope_a_key_may_hold_is_asked_for_somewhere():
    assert {operation["x-scope"] for _path, _method, operation in operations()} == KEY_PERMISSIONS


@pytest.mark.slow
def test_the_schema_is_served_to_everybody_and_is_version_3_1(client, company):
    response = client.get("/api/v1/openapi.json")
    document = response.json()
    assert (response.status_code, document["openapi"], document["info"]["title"]) == (
        200,
        "3.1.0",
        "Troth API",
    )


def test_probes_answer_without_host_name_or_database(client, settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["loyalty.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").content == b"ok\n"

    def refuse():
        raise OperationalError("gone")

    monkeypatch.setattr(connections["default"], "cursor", refuse)
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"the database does not answer\n")


def test_ready_when_the_database_answers(client, db):
    assert client.get("/readyz").content == b"ready\n"


@pytest.mark.slow
def test_the_same_write_many_times_at_once_is_done_once(racing_database, company):
    _key, text = access.create_api_key(name="race", scopes=KEY_PERMISSIONS, actor=ACTOR, now=clock.utc_now())

    def call():
        response = Api(text).post("/customers", {"name": "A"}, idempotency_key="same")
        return response.status_code, response.content, "Idempotency-Replayed" in response.headers

    answers = race(*[call] * 8)
    assert Customer.objects.count() == 1
    assert {status for status, _content, _repeat in answers} == {201}
    assert len({json.dumps(json.loads(content)) for _status, content, _repeat in answers}) == 1
    assert sorted(repeat for _status, _content, repeat in answers) == [False] + [True] * 7
