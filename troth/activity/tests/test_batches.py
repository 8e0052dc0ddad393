"""What batches must keep: odd texts and marks as they came, in both databases, and a key that is claimed once."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from troth.activity import queries, services
from troth.activity.models import DocumentKey
from troth.activity.orders import NewLine, Outcome
from troth.activity.recording import claim_keys
from troth.events.models import Event

from .conftest import ACTOR, NOW, SOLD_AT

pytestmark = pytest.mark.django_db

ODD = ["", " ", '"', '""', ",", "\n", "\r\n", "\\", "\\.", "\\N", "NULL", "\t", "茶", "👍", "'; --", 'a,"b"\nc']


@pytest.mark.parametrize("text", ODD)
def test_texts_are_stored_as_they_came(an_order, text):
    line = NewLine(1, Decimal(1), Decimal(1), Decimal(1), sku=text, name=text, attributes={"mark": text})
    (result,) = services.record_orders([an_order(lines=(line,), tags={"note": text})], actor=ACTOR, now=NOW)
    order = queries.order(result.document_id)
    (stored,) = queries.lines_of([order.id])[order.id]
    assert (stored.sku, stored.name, stored.attributes) == (text, text, {"mark": text})
    assert (order.tags, stored.category, stored.unit_cost) == ({"note": text}, "", None)


def test_fractions_of_a_second_and_nothing_at_all_are_kept(an_order):
    moment = SOLD_AT + timedelta(microseconds=7)
    line = replace(an_order().lines[0], attributes=None)
    new = an_order(lines=(line,), occurred_at=moment, tags={}, channel="")
    (result,) = services.record_orders([new], actor=ACTOR, now=NOW)
    order = queries.order(result.document_id)
    assert (order.occurred_at, order.tags, order.store_id, order.import_id) == (moment, {}, None, None)
    assert Event.objects.get(name="activity.order.recorded").occurred_at == moment


def test_a_batch_of_known_changed_and_new_orders_gives_each_its_own_result(an_order):
    services.record_orders([an_order(), an_order(external_id="2")], actor=ACTOR, now=NOW)
    changed = an_order(external_id="2", channel="store")
    results = services.record_orders([an_order(external_id="3"), changed, an_order()], actor=ACTOR, now=NOW)
    assert [result.outcome for result in results] == [Outcome.CREATED, Outcome.CHANGED, Outcome.UNCHANGED]
    assert DocumentKey.objects.count() == 3


def test_a_key_is_new_only_to_the_first_who_claims_it():
    owner, keys = uuid4(), [("web", "1"), ("web", "2")]
    ids, new = claim_keys("order", dict.fromkeys(keys[:1], owner))
    assert new == {keys[0]}
    more, later = claim_keys("order", dict.fromkeys(keys, uuid4()))
    assert (later, more[keys[0]]) == ({keys[1]}, ids[keys[0]])
    assert claim_keys("return", dict.fromkeys(keys[:1], owner))[1] == {keys[0]}
    assert claim_keys("order", {}) == ({}, set())
