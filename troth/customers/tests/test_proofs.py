"""The proofs find what breaks them, and nothing else."""

from datetime import UTC, datetime

import pytest

from troth.access.actors import system_actor
from troth.customers import services
from troth.customers.models import Customer, Identity
from troth.customers.proofs import PROOFS
from troth.kit.ids import new_id

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ACTOR = system_actor("test")

pytestmark = pytest.mark.django_db


def violations() -> dict[str, int]:
    return {proof.code: count for proof in PROOFS if (count := proof.count_violations())}


def made_up(name: str) -> Customer:
    return services.create_customer(actor=ACTOR, now=NOW, name=name)


def test_what_the_services_wrote_holds():
    first, second, third = made_up("One"), made_up("Two"), made_up("Three")
    services.merge(actor=ACTOR, now=NOW, canonical_id=first.id, merged_id=second.id, reason="test")
    services.merge(actor=ACTOR, now=NOW, canonical_id=third.id, merged_id=first.id, reason="test")
    assert violations() == {}


def test_a_link_to_a_link_is_found():
    first, second, third = made_up("One"), made_up("Two"), made_up("Three")
    Customer.objects.filter(id=first.id).update(canonical_id=second.id)
    assert violations() == {}
    Customer.objects.filter(id=second.id).update(canonical_id=third.id)
    assert violations() == {"customers.links": 1}


def test_an_identity_of_nobody_is_found():
    Identity.objects.create(owner_id=new_id(), identity_kind="card", source="main", value="1", created_at=NOW)
    assert violations() == {"customers.owners": 1}
