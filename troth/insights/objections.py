"""Whoever objects to a profile (GDPR 21, PIPL 24) loses the scores at once, not with the next analysis."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import queries as customers_read
from troth.customers import services as customers
from troth.customers.models import ConsentPurpose

from .privacy import FORGOTTEN


def register() -> None:
    """Have customers tell of every consent to profiling."""
    purposes = frozenset({ConsentPurpose.PROFILING.value})
    customers.register_consent_step(customers.ConsentStep("insights", purposes, forget))


def forget_all() -> None:
    """Delete what was computed of everybody who refuses a profile, and of everybody who was erased."""
    refusing = customers_read.objecting(ConsentPurpose.PROFILING)
    for model in FORGOTTEN:
        model._default_manager.filter(owner_id__in=customers_read.erased()).delete()
        if refusing:
            model._default_manager.filter(owner_id__in=refusing).delete()


def forget(records: Sequence[UUID], purpose: str, channel: str, is_given: bool, actor: Actor, now: datetime) -> None:
    """Delete what was computed of a customer who refuses; what is given anew comes with the next analysis."""
    if not is_given:
        for model in FORGOTTEN:
            model._default_manager.filter(owner_id__in=records).delete()
