"""What messages erase of a person and hand out to one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import services as customers

from .models import WAITING, ConsentRequest, Contact, ContactState, ControlDraw, Suppression


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("messaging.contacts", erase))
    customers.register_export_step(customers.ExportStep("messages", export))
    customers.register_export_step(customers.ExportStep("consent_requests", export_requests))
    customers.register_export_step(customers.ExportStep("control_groups", export_draws))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Empty addresses, facts and notes, withhold what waits; that something was sent stays, without its words."""
    theirs = Contact.objects.filter(owner_id__in=list(customer_ids))
    theirs.filter(state__in=WAITING).update(
        state=ContactState.WITHHELD,
        verdicts=[["person", "stop", {"is_erased": True}]],
        held_by="person",
        decided_at=now,
        ended_at=now,
    )
    theirs.update(address="", facts={})
    ConsentRequest.objects.filter(owner_id__in=list(customer_ids)).delete()
    Suppression.objects.filter(lifted_for__in=list(customer_ids)).update(lift_note="")


def export(customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return every message meant for the person: what, when, by which way, where to, what became of it and why."""
    rows = Contact.objects.filter(owner_id__in=list(customer_ids)).order_by("created_at", "id")
    return [
        {
            "purpose": one.purpose,
            "template": one.template,
            "channel": one.channel,
            "address": one.address,
            "facts": one.facts,
            "state": one.state,
            "meant_at": one.created_at.isoformat(),
            "sent_at": one.sent_at.isoformat() if one.sent_at else "",
            "verdicts": one.verdicts,
        }
        for one in rows
    ]


def export_draws(customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return what chance kept the person out of, and what not."""
    rows = ControlDraw.objects.filter(owner_id__in=list(customer_ids)).order_by("drawn_at", "id")
    return [
        {"subject": one.subject, "is_kept_out": one.is_kept_out, "drawn_at": one.drawn_at.isoformat()} for one in rows
    ]


def export_requests(customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return what the person was asked to confirm, and when that was done."""
    rows = ConsentRequest.objects.filter(owner_id__in=list(customer_ids)).order_by("asked_at", "id")
    return [
        {
            "purpose": one.purpose,
            "channel": one.channel,
            "source": one.source,
            "wording_version": one.wording_version,
            "asked_at": one.asked_at.isoformat(),
            "expires_at": one.expires_at.isoformat(),
            "confirmed_at": one.confirmed_at.isoformat() if one.confirmed_at else "",
        }
        for one in rows
    ]
