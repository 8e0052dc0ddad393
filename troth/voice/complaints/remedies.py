"""Remedies: points, coupons and refunds for what was not right, within limits, above them by two people, each once."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.access import queries as access_queries
from troth.access import services as access
from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers.visible import visible
from troth.events import services as events
from troth.kit.ids import new_id
from troth.kit.money import minor_unit_places, symbol_of
from troth.ledger import queries as ledger_queries
from troth.ledger import services as ledger
from troth.ledger.operations import Earn, Owner, Reason
from troth.rewards import services as rewards
from troth.rewards.operations import Assign

from ..models import OPEN_STATES, Case, CaseRemedy, CaseState, RemedyKind, RemedyState
from .errors import RemedyRefusedError, RemedyStateError
from .finding import locked, require_state
from .policies import RemedyLimits, policy_of
from .record import note_act

COUNTED = (RemedyState.WAITING, RemedyState.GIVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRemedy:
    """What the customer shall get. key: the caller's, so that it is given once; points: in the smallest unit of
    point_currency; amount: of a refund that is paid elsewhere, in currency; campaign: code of a coupon campaign.
    """

    key: str
    kind: str
    points: int = 0
    point_currency: str = ""
    amount: Decimal = Decimal(0)
    currency: str = ""
    campaign: str = ""
    note: str = ""


@transaction.atomic
def give_remedy(*, actor: Actor, now: datetime, case_id: UUID, new: NewRemedy) -> CaseRemedy:
    """Give a remedy at once, or keep it for a second person where it exceeds what one may give in one case.

    The same key again returns the same remedy.

    Raises:
        CaseNotFoundError, CaseStateError: see `finding`.
        RemedyRefusedError: a field breaks its rule, or the limit even of two people.
        TrothError: the ledger or the campaign refuses it; nothing was given.
    """
    case = locked(case_id)
    known = CaseRemedy.objects.filter(owner_id=case.owner_id, case_id=case.id, key=new.key).first()
    if known is not None:
        return _same(known, new)
    require_state(case, *OPEN_STATES, CaseState.CLOSED)
    _check(case, new)
    remedy = _remedy(case, new, actor, now)
    alone, most = _limits(policy_of(case.policy).limits, remedy)
    total = _given_before(case, remedy) + _size(remedy)
    if total > most:
        text = _("In one case at most %(limit)s can be given; with this it would be %(total)s.")
        values = {"limit": _written(most, remedy), "total": _written(total, remedy)}
        raise RemedyRefusedError(text % values, field="amount", limit=str(most))
    if total > alone:
        remedy.remedy_state = RemedyState.WAITING
        remedy.save(force_insert=True)
        _tell("requested", case, remedy, actor, now)
        return remedy
    remedy.decided_at, remedy.decided_by, remedy.remedy_state = now, actor.code, RemedyState.GIVEN
    remedy.save(force_insert=True)
    return _hand_over(case, remedy, actor, now)


@transaction.atomic
def approve_remedy(*, actor: Actor, now: datetime, remedy_id: UUID) -> CaseRemedy:
    """Give what somebody else asked for.

    Raises:
        PermissionMissingError: without `points.approve`.
        RemedyStateError: it does not wait, or the actor asked for it, or a key of the same person.
        TrothError: the ledger or the campaign refuses it as things stand; the remedy waits on.
    """
    access.require(actor, Permission.POINTS_APPROVE)
    case, remedy = _waiting(remedy_id)
    if access_queries.is_same_person(remedy.requested_by, actor.code):
        raise RemedyStateError(_("You asked for this remedy: a second person has to approve it."))
    remedy.remedy_state, remedy.decided_at, remedy.decided_by = RemedyState.GIVEN, now, actor.code
    remedy.save()
    return _hand_over(case, remedy, actor, now)


@transaction.atomic
def decline_remedy(*, actor: Actor, now: datetime, remedy_id: UUID) -> CaseRemedy:
    """Turn a remedy down; who asked for it may take it back so.

    Raises:
        PermissionMissingError: without `points.approve`, unless the actor asked for it.
        RemedyStateError: it does not wait.
    """
    case, remedy = _waiting(remedy_id)
    if remedy.requested_by != actor.code:
        access.require(actor, Permission.POINTS_APPROVE)
    remedy.remedy_state, remedy.decided_at, remedy.decided_by = RemedyState.DECLINED, now, actor.code
    remedy.save()
    _tell("declined", case, remedy, actor, now)
    return remedy


def _hand_over(case: Case, remedy: CaseRemedy, actor: Actor, now: datetime) -> CaseRemedy:
    """Carry it out in the ledger or the coupon book under the remedy's own key; both know repeats."""
    hand_over: dict[str, Callable[[CaseRemedy, Case, Actor, datetime], UUID | None]] = {
        RemedyKind.POINTS: _points,
        RemedyKind.COUPON: _coupon,
        RemedyKind.REFUND: lambda *_: None,
    }
    remedy.result_id = hand_over[remedy.remedy_kind](remedy, case, actor, now)
    remedy.save(update_fields=["result_id"])
    _tell("given", case, remedy, actor, now)
    return remedy


def _points(remedy: CaseRemedy, case: Case, actor: Actor, now: datetime) -> UUID | None:
    operation = Earn(
        key=f"remedy:{remedy.id}",
        owner=Owner("customer", remedy.customer_id),
        currency=remedy.point_currency,
        occurred_at=now,
        reason=Reason("remedy", {"case": case.number, "remedy": str(remedy.id), "asked_by": remedy.requested_by}),
        amount=remedy.points,
        source=f"case:{case.id}",
    )
    (answer,) = ledger.post([operation], actor=actor, now=now)
    if answer.error is not None:
        raise answer.error
    return answer.transaction_id


def _coupon(remedy: CaseRemedy, case: Case, actor: Actor, now: datetime) -> UUID | None:
    operation = Assign(
        key=f"remedy:{remedy.id}",
        customer_id=remedy.customer_id,
        campaign=remedy.campaign,
        occurred_at=now,
        source="case",
        source_id=case.number,
    )
    (done,) = rewards.post_coupons([operation], actor=actor, now=now)
    if done.error is not None:
        raise done.error
    return done.coupon_id


def _remedy(case: Case, new: NewRemedy, actor: Actor, now: datetime) -> CaseRemedy:
    assert case.customer_id is not None, "checked"
    return CaseRemedy(
        id=new_id(),
        owner_id=case.owner_id,
        case_id=case.id,
        customer_id=case.customer_id,
        key=new.key,
        remedy_kind=new.kind,
        points=new.points,
        point_currency=new.point_currency,
        amount=new.amount,
        currency=new.currency,
        campaign=new.campaign,
        note=visible(new.note),
        requested_at=now,
        requested_by=actor.code,
    )


def _check(case: Case, new: NewRemedy) -> None:
    if case.customer_id is None:
        raise RemedyRefusedError(_("Say first which customer complained."), field="customer")
    if not 1 <= len(new.key) <= 80:
        raise RemedyRefusedError(_("The key has 1 to 80 characters."), field="key")
    if len(new.note) > 500:
        raise RemedyRefusedError(_("The note has at most 500 characters."), field="note", limit=500)
    if new.kind == RemedyKind.POINTS:
        _check_points(new)
    elif new.kind == RemedyKind.REFUND:
        _check_refund(new)
    elif new.kind != RemedyKind.COUPON or not new.campaign:
        raise RemedyRefusedError(_("Choose points, a coupon of a campaign, or a refund."), field="kind", value=new.kind)


def _check_points(new: NewRemedy) -> None:
    if new.points <= 0:
        raise RemedyRefusedError(_("Give a whole number of points above zero."), field="points", value=new.points)
    ledger_queries.currency(new.point_currency)


def _check_refund(new: NewRemedy) -> None:
    if not re.fullmatch(r"[A-Z]{3}", new.currency):
        raise RemedyRefusedError(_("Name the currency by its ISO code, such as CNY."), field="currency")
    places = minor_unit_places(new.currency)
    is_payable = new.amount.is_finite() and new.amount > 0 and round(new.amount, places) == new.amount
    if not is_payable or new.amount >= Decimal(10) ** 9:
        text = _("The amount %(amount)s %(currency)s cannot be paid: at most %(places)d decimal places, above zero.")
        values = {"amount": new.amount, "currency": new.currency, "places": places}
        raise RemedyRefusedError(text % values, field="amount", value=str(new.amount))


def _size(remedy: CaseRemedy) -> Decimal:
    """Return what the limit is counted in."""
    if remedy.remedy_kind == RemedyKind.POINTS:
        return Decimal(remedy.points)
    return remedy.amount if remedy.remedy_kind == RemedyKind.REFUND else Decimal(1)


def _written(size: Decimal, remedy: CaseRemedy) -> str:
    """Return a size as people write it: "20,001 points", "¥1,000.00", "3 coupons"."""
    if remedy.remedy_kind == RemedyKind.REFUND:
        return f"{symbol_of(remedy.currency)}{size:,.{minor_unit_places(remedy.currency)}f}"
    if remedy.remedy_kind == RemedyKind.COUPON:
        return ngettext("%(count)s coupon", "%(count)s coupons", int(size)) % {"count": f"{size:,}"}
    currency = ledger_queries.currency(remedy.point_currency)
    return f"{size.scaleb(-currency.decimals):,.{currency.decimals}f} {currency}"


def _given_before(case: Case, remedy: CaseRemedy) -> Decimal:
    """Return what the case has had of the kind: a large remedy in small parts is a large remedy."""
    same = CaseRemedy.objects.filter(case_id=case.id, remedy_kind=remedy.remedy_kind, remedy_state__in=COUNTED)
    if remedy.remedy_kind == RemedyKind.POINTS:
        of_currency = same.filter(point_currency=remedy.point_currency)
        return Decimal(of_currency.aggregate(total=Sum("points"))["total"] or 0)
    if remedy.remedy_kind == RemedyKind.REFUND:
        return sum((one.amount for one in same.filter(currency=remedy.currency)), Decimal(0))
    return Decimal(same.count())


def _limits(limits: RemedyLimits, remedy: CaseRemedy) -> tuple[Decimal, Decimal]:
    """Return how much one person may give, and how much two; what has no limit written down, nobody gives alone."""
    if remedy.remedy_kind == RemedyKind.COUPON:
        return Decimal(limits.coupons_alone), Decimal(limits.coupons_most)
    if remedy.remedy_kind == RemedyKind.POINTS:
        alone, most = limits.points_alone, limits.points_most
        name = remedy.point_currency
        return Decimal(alone.get(name, 0)), Decimal(most.get(name, 10**12))
    return limits.refund_alone.get(remedy.currency, Decimal(0)), limits.refund_most.get(remedy.currency, Decimal(10**9))


def _same(known: CaseRemedy, new: NewRemedy) -> CaseRemedy:
    asked = (new.kind, new.points, new.point_currency, new.amount, new.currency, new.campaign)
    had = (
        known.remedy_kind,
        known.points,
        known.point_currency,
        known.amount,
        known.currency,
        known.campaign,
    )
    if asked != had:
        text = _("The key “%(key)s” names another remedy of this case; use a new one.") % {"key": new.key}
        raise RemedyStateError(text, field="key", value=new.key)
    return known


def _waiting(remedy_id: UUID) -> tuple[Case, CaseRemedy]:
    """Lock the case first, as everything else does, then the remedy."""
    found = CaseRemedy.objects.filter(id=remedy_id).values_list("case_id", flat=True).first()
    case = locked(found) if found else None
    remedy = CaseRemedy.objects.select_for_update().filter(id=remedy_id).first()
    if case is None or remedy is None or remedy.remedy_state != RemedyState.WAITING:
        raise RemedyStateError(_("This remedy does not wait any more, or never did."), remedy=str(remedy_id))
    return case, remedy


def _tell(happened: str, case: Case, remedy: CaseRemedy, actor: Actor, now: datetime) -> None:
    note_act(case, f"remedy_{happened}", actor=actor, now=now, remedy=str(remedy.id), kind=remedy.remedy_kind)
    data = {"case": str(case.id), "number": case.number, "remedy": str(remedy.id), "kind": remedy.remedy_kind}
    events.append(f"voice.remedy.{happened}", actor=actor, now=now, customer_id=case.customer_id, data=data)
