"""What a customer says through a signed link: stop this, send me that, yes I meant it.

Everything here ends in `customers.record_consent`, which the send decision reads before each hand-over: a withdrawal
holds at once and everywhere, also for messages that are waiting.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers import services as customer_writes
from troth.customers.models import Consent, ConsentChannel, ConsentPurpose

from . import links
from .models import ConsentRequest
from .text_errors import LinkRefusedError

WORDING = "preferences-1"  # of the preference page; counted up when its sentences change
CONFIRM_DAYS = 14
SOURCE = "preference page"
CHANNELS = (ConsentChannel.EMAIL, ConsentChannel.SMS, ConsentChannel.WECHAT, ConsentChannel.PHONE, ConsentChannel.POST)
PURPOSES = (ConsentPurpose.MARKETING, ConsentPurpose.SURVEY, ConsentPurpose.SERVICE)
ALL_BUT_SERVICE = (ConsentPurpose.MARKETING, ConsentPurpose.SURVEY)
"""What somebody means who says no to a channel without saying to what."""
Choice = tuple[str, str]
"""Purpose and channel."""

MEMBER = "member"


def member_actor(customer_id: UUID) -> Actor:
    """Return the actor of what a customer does with a signed link."""
    return Actor(kind=MEMBER, id=str(customer_id), label="")


def standing(customer_id: UUID) -> Mapping[Choice, bool | None]:
    """Return what holds for each purpose and channel: True given, False refused, None never asked.

    An act about any channel counts where there is none about the channel, and takes back what was given before it.
    """
    acts = {(state.purpose.value, state.channel.value): state for state in customers.consents_of(customer_id)}
    found: dict[Choice, bool | None] = {}
    for purpose in ConsentPurpose:
        general = acts.get((purpose.value, ConsentChannel.ANY.value))
        found[purpose.value, ConsentChannel.ANY.value] = general.is_given if general else None
        for channel in CHANNELS:
            own = acts.get((purpose.value, channel.value))
            taken_back = own and general and own.is_given and not general.is_given
            is_over = taken_back and own and general and general.act.occurred_at >= own.act.occurred_at
            deciding = general if is_over or own is None else own
            found[purpose.value, channel.value] = deciding.is_given if deciding else None
    return found


@transaction.atomic
def withdraw(
    *, customer_id: UUID, purpose: str, channel: str, source: str, proof: str = "", now: datetime
) -> Consent | None:
    """Withdraw consent for a purpose by a channel; None if it was withdrawn already.

    Raises:
        CustomerNotFoundError, CustomerErasedError, CustomerRefusedError: see `customers.record_consent`.
    """
    if standing(customer_id).get((purpose, channel)) is False:
        return None
    return customer_writes.record_consent(
        actor=member_actor(customer_id),
        now=now,
        customer_id=customer_id,
        purpose=purpose,
        channel=channel,
        is_given=False,
        source=source,
        proof=proof,
    )


def hear_no(
    *, customer_id: UUID, purposes: Collection[ConsentPurpose], channel: str, source: str, proof: str, now: datetime
) -> None:
    """Withdraw consent for several purposes by a channel; of who is unknown or erased there is nothing to withdraw.

    Called in a transaction, for what was not said on a page of ours: an answer, a report of spam, a provider's list.
    """
    person = customers.customer_or_none(customer_id)
    if person is None or person.erased_at is not None:
        return
    for purpose in purposes:
        withdraw(customer_id=person.id, purpose=purpose.value, channel=channel, source=source, proof=proof, now=now)


@transaction.atomic
def choose(*, customer_id: UUID, choices: Mapping[Choice, bool], proof: str, now: datetime) -> list[Consent]:
    """Record what a customer chose on the preference page: only what differs from what holds."""
    present = standing(customer_id)
    acts = []
    for (purpose, channel), is_given in choices.items():
        if present.get((purpose, channel)) is is_given:
            continue
        acts.append(
            customer_writes.record_consent(
                actor=member_actor(customer_id),
                now=now,
                customer_id=customer_id,
                purpose=purpose,
                channel=channel,
                is_given=is_given,
                source=SOURCE,
                proof=proof,
                wording_version=WORDING,
            )
        )
    return acts


def confirmation_url(
    *, customer_id: UUID, purpose: str, channel: str, source: str, wording: str = "", now: datetime
) -> str:
    """Return the link by which a customer confirms a consent that was asked for: the second half of a double opt-in.

    The consent is recorded only when the link is followed and the button on it pressed.
    """
    data = {"p": purpose, "h": channel, "s": source[:40], "w": wording[:40], "t": int(now.timestamp())}
    return links.confirm_url(customer_id, data=data, expires_at=now + timedelta(days=CONFIRM_DAYS))


def confirmed(opened: links.Opened) -> Consent | None:
    """Return the consent that a confirmation link has brought already, None before its button is pressed.

    Raises:
        LinkRefusedError: the customer said something else about it since.
    """
    said = customers.consent_acts_of(opened.owner_id).filter(purpose=opened.data["p"], channel=opened.data["h"])
    asked_at = int(opened.data["t"])
    newest = next((act for act in said if act.occurred_at.timestamp() >= asked_at), None)
    if newest is not None and not newest.proof.startswith(_asked(asked_at)):
        raise LinkRefusedError
    return newest


def _asked(moment: int) -> str:
    return f"double opt-in: asked {moment}, "


@transaction.atomic
def confirm(opened: links.Opened, *, now: datetime) -> Consent:
    """Record the consent that a confirmation link speaks of; pressed twice, it is the first one.

    Raises:
        LinkRefusedError: the customer said something else about it since.
    """
    known = confirmed(opened)
    if known is not None:
        return known
    data = opened.data
    asked_at = int(data["t"])
    records = customers.record_ids(opened.owner_id)
    waiting = ConsentRequest.objects.filter(
        owner_id__in=records, purpose=data["p"], channel=data["h"], confirmed_at=None
    )
    waiting.update(confirmed_at=now)
    return customer_writes.record_consent(
        actor=member_actor(opened.owner_id),
        now=now,
        customer_id=opened.owner_id,
        purpose=data["p"],
        channel=data["h"],
        is_given=True,
        source=data["s"],
        proof=f"{_asked(asked_at)}confirmed {int(now.timestamp())} by signed link",
        wording_version=data["w"],
    )
