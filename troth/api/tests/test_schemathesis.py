"""The schema against the running API: whatever is sent, nothing fails and every answer is as documented."""

import json
import re
from datetime import timedelta
from uuid import UUID

import pytest
import schemathesis
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
    use_after_free,
)

from troth.access.actors import system_actor
from troth.api import keys
from troth.api.v1 import api as ninja_api
from troth.care.training import services as training
from troth.kit.clock import utc_now
from troth.kit.rates import RateLimiter

DOCUMENT = json.loads(json.dumps(ninja_api.get_openapi_schema(path_prefix="/api/v1/")))
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
TAGS = sorted({DOCUMENT["paths"][path][method]["tags"][0] for path, method in OPERATIONS})

schema = schemathesis.openapi.from_dict(DOCUMENT)
schema.app = WSGIHandler()

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    ignored_auth,
    use_after_free,
]

# Cases at and beyond the schema's limits are half of all. They are the same in every run, and sent on PostgreSQL, which
# takes least: no zero bytes, no numbers too large. What is drawn is sent on both databases.
WAYS = [way for way in HypothesisTestMode if way != HypothesisTestMode.COVERAGE or connection.vendor == "postgresql"]
HOW = HypothesisTestConfig(project=schema.config, modes=WAYS)

WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
WORDS = ("campaign", "reward", "code", "programme", "survey", "currency")
"""Parameters of paths that are words, not ids."""

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def known(api, lin, an_order, monkeypatch):
    """Rows to find, by the name of the path parameter; half of the generated ids are replaced by them."""
    monkeypatch.setattr(keys, "limiter", RateLimiter(per_minute=10**9))
    order = api.post("/orders", an_order(lin)).json()
    ann = api.post("/customers", {"name": "Ann"}).json()
    merge = api.post(f"/customers/{lin['id']}/merges", {"merged_id": ann["id"]}).json()
    return {
        "customer_id": lin["id"],
        "order_id": order["id"],
        "merge_id": merge["id"],
        "return_id": order["id"],
        **_rewards(api, lin),
        **_programme(api),
        **_survey(api),
        **_care(api, lin),
        **_points(api, lin),
    }


def _care(api, lin):
    """Make a session of a course in which she has a seat."""
    now = utc_now()
    training.save_course(code="stones", name="Stones", actor=system_actor("test"), now=now)
    fields = training.SessionFields(
        course="stones", starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=3, hours=1), capacity=2
    )
    session = training.plan_session(fields, actor=system_actor("test"), now=now)
    assert api.post(f"/training-sessions/{session.id}/seats", {"customer_id": lin["id"]}).status_code == 201
    return {"session_id": str(session.id)}


def _points(api, lin):
    """Make a currency with what waits for a second person, and a household."""
    gold = {"code": "gold", "name": "Gold", "adjust_approval_limit": 0, "transfer_rule": "anyone"}
    assert api.post("/point-currencies", gold).status_code == 201
    adjustment = {"customer_id": lin["id"], "currency": "gold", "key": "a", "amount": 5}
    change = api.post("/point-currencies/gold/expiry-changes", {"expiry_kind": "never"})
    return {
        "currency": "gold",
        "request_id": api.post("/adjustments", adjustment).json()["request_id"],
        "change_id": change.json()["id"],
        "household_id": api.post("/households", {"customer_id": lin["id"]}).json()["id"],
    }


def _survey(api):
    """Make a published survey."""
    question = {"code": "happy", "type": "csat", "text": "Happy?"}
    document = {"title": "T", "main": "happy", "pages": [{"code": "p1", "questions": [question]}]}
    body = {"code": "visit", "name": "Visit", "kind": "csat", "document": document}
    for path, sent in (("/surveys", body), ("/surveys/visit/publish", {})):
        assert api.post(path, sent).status_code == 201
    return {"survey": "visit"}


def _rewards(api, lin):
    """Make a campaign with a coupon in Lin's hand, and a reward that she redeemed."""
    campaign = {"code": "welcome", "name": "W", "code_kind": "unique", "size": 9, "benefit": "amount", "amount": "5"}
    mug = {"code": "mug", "name": "Mug", "reward_kind": "goods", "prices": [{"points": 0}], "stock": 5}
    named = {"customer_id": lin["id"], "source": "shop", "external_id": "1"}
    for path, body in (
        ("/campaigns", campaign),
        ("/campaigns/welcome/start", None),
        ("/rewards", mug),
        ("/rewards/mug/offer", None),
    ):
        assert api.post(path, body).status_code < 300
    coupon = api.post("/coupons", named | {"campaign": "welcome"}).json()
    redemption = api.post("/redemptions", named | {"reward": "mug"}).json()
    return {
        "coupon_id": coupon["id"],
        "redemption_id": redemption["id"],
        "campaign": "welcome",
        "reward": "mug",
        "code": coupon["code"],
    }


def _programme(api):
    """Make a programme with a rehearsal of its draft."""
    text = "programme: club\nname: Club\ncurrency: CNY\n"
    assert api.post("/programmes", {"text": text}).status_code == 201
    days = {"from_date": "2026-01-01", "to_date": "2026-01-31"}
    run = api.post("/programmes/club/rehearsals", days)
    return {"programme": "club", "rehearsal_id": run.json()["id"]}


@pytest.fixture
def one_transaction():
    """Let the requests of the application share the test's transaction."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@pytest.mark.hypothesis
@pytest.mark.parametrize("tag", TAGS)
def test_every_answer_is_as_documented(tag, api, known, one_transaction, subtests):
    """Each operation starts from the same rows, made once for all of its tag.

    The cases are made here, by the one worker that sends them: `schema.parametrize()` would make those of every
    operation when tests are collected, for most of a minute in each worker of each run.
    """

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(case):
        for name, value in dict(case.path_parameters or {}).items():
            if name in known and (_is_even_uuid(value) or (name in WORDS and _is_odd_word(value))):
                case.path_parameters[name] = known[name]
        case.call_and_validate(headers={"Authorization": f"Bearer {api.key}"}, checks=CHECKS)

    before = transaction.savepoint()
    for path, method in OPERATIONS:
        operation = schema[path][method]
        if (operation.tags or [""])[0] == tag:
            with subtests.test(operation.label):
                transaction.savepoint_rollback(before)
                create_test(operation=operation, test_func=ask, config=HOW)()


def _is_odd_word(value):
    return len(str(value)) % 2 == 1 and WORD.fullmatch(str(value))


def _is_even_uuid(value):
    try:
        return UUID(str(value)).int % 2 == 0
    except ValueError:
        return False
