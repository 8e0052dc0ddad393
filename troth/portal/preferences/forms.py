"""The table of the preference page: what is offered to a customer, and what was sent back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from troth.customers import queries as customers
from troth.customers.models import ConsentChannel, ConsentPurpose, IdentityKind
from troth.messaging import preferences as choices

Text = str | Promise

# The channels that a customer can be reached by, by the kind of address that is known.
_REACHED: dict[ConsentChannel, IdentityKind] = {
    ConsentChannel.EMAIL: IdentityKind.EMAIL,
    ConsentChannel.SMS: IdentityKind.PHONE,
    ConsentChannel.PHONE: IdentityKind.PHONE,
    ConsentChannel.WECHAT: IdentityKind.WECHAT_OPENID,
}
_ANY = ConsentChannel.ANY.value

EXPLAINED: dict[ConsentPurpose, Text] = {
    ConsentPurpose.MARKETING: _("Offers, new products, invitations"),
    ConsentPurpose.SURVEY: _("Now and then a short survey, so that we learn what to do better"),
    ConsentPurpose.SERVICE: _("About your orders, points and requests"),
}


@dataclass(frozen=True, slots=True)
class Box:
    """One box to tick."""

    name: str
    label: Text
    is_checked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One purpose with a box for each channel."""

    label: Text
    hint: Text
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """A right to object: a box that takes something away from us."""

    name: str
    label: Text
    hint: Text
    is_checked: bool


def channels_of(customer_id: UUID) -> list[ConsentChannel]:
    """Return the channels by which the customer can be reached at all."""
    kinds = {identity.identity_kind for identity in customers.identities_of(customer_id)}
    return [channel for channel, kind in _REACHED.items() if kind in kinds]


def offered(customer_id: UUID) -> list[Row]:
    """Return the rows of the page with what holds now. Service messages come unless they were refused."""
    present = choices.standing(customer_id)
    rows = []
    for purpose in choices.PURPOSES:
        is_default = purpose is ConsentPurpose.SERVICE
        boxes = tuple(
            Box(_name(purpose, channel), channel.label, _is_on(present.get((purpose.value, channel.value)), is_default))
            for channel in channels_of(customer_id)
        )
        rows.append(Row(purpose.label, EXPLAINED[purpose], boxes))
    return rows


def switches(customer_id: UUID) -> list[Switch]:
    """Return the objections that a customer may raise (GDPR 21 and 22, PIPL 24)."""
    present = choices.standing(customer_id)
    return [
        Switch(
            "no_profiling",
            _("Do not build a profile of me"),
            _("We no longer compute scores of you, and no longer follow which links you open. Offers fit less well."),
            present.get((ConsentPurpose.PROFILING.value, _ANY)) is False,
        ),
        Switch(
            "no_automation",
            _("Do not decide about me by machine alone"),
            _("Programs no longer choose by themselves what you get; a person decides."),
            present.get((ConsentPurpose.AUTOMATED.value, _ANY)) is False,
        ),
    ]


def read(sent: Mapping[str, Any], customer_id: UUID) -> dict[choices.Choice, bool]:
    """Return what was chosen: of the boxes that were on the page, and of the two objections."""
    chosen: dict[choices.Choice, bool] = {}
    present = choices.standing(customer_id)
    for purpose in choices.PURPOSES:
        for channel in channels_of(customer_id):
            is_on = _name(purpose, channel) in sent
            key = (purpose.value, channel.value)
            if is_on is not _is_on(present.get(key), purpose is ConsentPurpose.SERVICE):
                chosen[key] = is_on
    for name, objected in (("no_profiling", ConsentPurpose.PROFILING), ("no_automation", ConsentPurpose.AUTOMATED)):
        key = (objected.value, _ANY)
        if (name in sent) is not (present.get(key) is False):
            chosen[key] = name not in sent
    return chosen


def _name(purpose: ConsentPurpose, channel: ConsentChannel) -> str:
    return f"{purpose.value}-{channel.value}"


def _is_on(state: bool | None, is_default: bool) -> bool:
    return is_default if state is None else state
