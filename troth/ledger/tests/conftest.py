"""A currency, and operations in few words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps

from troth.access.actors import Actor, system_actor
from troth.kit.ids import new_id
from troth.ledger import operations as ops
from troth.ledger import services as ledger
from troth.ledger.currencies import CurrencyRules
from troth.ledger.operations import Outcome, Owner, Reason

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def actor() -> Actor:
    return system_actor("test")


@pytest.fixture
def make_currency(db: None, actor: Actor) -> Callable[..., Any]:
    """Makes a point currency under its code, "points" if none is given."""

    def make(code: str = "points", **rules: Any) -> Any:
        return ledger.create_currency(actor=actor, now=NOW, code=code, rules=CurrencyRules(name=code.title(), **rules))

    return make


class Desk:
    """Posts one operation at a time and remembers nothing: keys count up unless one is given."""

    def __init__(self, actor: Actor) -> None:
        self.actor, self.currency, self.number = actor, "points", 0

    def __call__(self, kind: str, owner: Owner | UUID, *, at: datetime = NOW, now: datetime | None = None, **values):
        made = self.make(kind, owner, at=at, **values)
        return ledger.post([made], actor=self.actor, now=now or max(at, NOW))[0]

    def make(self, kind: str, owner: Owner | UUID, *, at: datetime = NOW, key: str = "", **values: Any):
        self.number += 1
        owner = owner if isinstance(owner, Owner) else Owner("customer", owner)
        given = {"currency": self.currency, "reason": Reason("test")} | values
        return getattr(ops, kind)(key=key or f"key-{self.number}", owner=owner, occurred_at=at, **given)

    def done(self, kind: str, owner: Owner | UUID, **values: Any) -> Any:
        """Posts and expects success."""
        answer = self(kind, owner, **values)
        assert answer.outcome is Outcome.POSTED, answer.error
        return answer

    def refused(self, kind: str, owner: Owner | UUID, **values: Any) -> Any:
        """Posts, expects a refusal and that nothing changed; returns its code."""
        before = snapshot()
        answer = self(kind, owner, **values)
        assert answer.outcome is Outcome.REFUSED, answer
        assert snapshot() == before
        assert answer.error is not None
        return answer.error.code


def snapshot() -> dict[str, list[Any]]:
    """Returns every row of the ledger."""
    models = apps.get_app_config("ledger").get_models()
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.fixture
def desk(actor: Actor) -> Desk:
    return Desk(actor)


@pytest.fixture
def member() -> UUID:
    return new_id()
