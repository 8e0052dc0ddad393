"""Consent per purpose and channel: acts are only ever added, the state is read from them."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from ..errors import CustomerRefusedError
from ..hooks import consent_steps
from ..models import Consent, ConsentChannel, ConsentPurpose
from ..queries.people import record_ids
from .records import locked_customer

WITHOUT_CHANNEL = frozenset({ConsentPurpose.PROFILING, ConsentPurpose.AUTOMATED})


@transaction.atomic
def record_consent(
    *,
    actor: Actor,
    now: datetime,
    customer_id: UUID,
    purpose: str,
    channel: str = ConsentChannel.ANY,
    is_given: bool,
    source: str,
    proof: str = "",
    wording_version: str = "",
    occurred_at: datetime | None = None,
) -> Consent:
    """Record that the customer gave, refused or withdrew consent, with its proof; the newest act counts.

    Profiles and machine decisions go no way to anybody: what is said of them holds by any channel, whichever is named.
    Withdrawing needs no proof; giving does: a form's number, a recording, the words that were ticked.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        CustomerRefusedError: unknown purpose or channel, no source, given without proof, or in the future.
    """
    customer = locked_customer(customer_id)
    moment = occurred_at or now
    _check(purpose, channel, source, proof, is_given=is_given, is_future=moment > now)
    channel = ConsentChannel.ANY if purpose in WITHOUT_CHANNEL else channel
    consent = Consent.objects.create(
        owner_id=customer.id,
        purpose=purpose,
        channel=channel,
        is_given=is_given,
        source=source.strip()[:64],
        proof=proof.strip()[:300],
        wording_version=wording_version[:40],
        occurred_at=moment,
        recorded_at=now,
        actor=actor.code,
    )
    name = "customers.consent.given" if is_given else "customers.consent.withdrawn"
    data = {"purpose": purpose, "channel": channel, "source": consent.source}
    events.append(name, actor=actor, now=now, customer_id=customer.id, data=data, occurred_at=moment)
    for step in consent_steps(str(purpose)):
        step.act(record_ids(customer.id), str(purpose), str(channel), is_given, actor, now)
    return consent


def _check(purpose: str, channel: str, source: str, proof: str, *, is_given: bool, is_future: bool) -> None:
    if purpose not in ConsentPurpose.values:
        raise _refused("purpose", purpose, ", ".join(ConsentPurpose.values))
    if channel not in ConsentChannel.values:
        raise _refused("channel", channel, ", ".join(ConsentChannel.values))
    if not source.strip():
        raise CustomerRefusedError(_("Say where the consent was given or withdrawn."), field="source")
    if is_given and not proof.strip():
        raise CustomerRefusedError(
            _("Consent needs its proof: the form, the recording or the words agreed to."), field="proof"
        )
    if is_future:
        raise CustomerRefusedError(_("Consent cannot be given in the future."), field="occurred_at")


def _refused(field: str, value: str, expected: str) -> CustomerRefusedError:
    message = _("%(field)s “%(value)s” is unknown; use one of: %(expected)s.")
    return CustomerRefusedError(
        message % {"field": field, "value": value, "expected": expected}, field=field, value=value
    )
