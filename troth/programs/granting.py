"""Tiers given by people, and reviews that fall due without an order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.events import services as events

from .applying import Change, apply
from .baskets import EventBasket
from .errors import ProgrammeNotFoundError, ProgrammeRefusedError
from .models import Membership, ProgrammeVersion, TierGrant
from .seekers import Seeker
from .standing import Standing
from .standings import Standings, open_standings
from .versions import Version, timeline

MAX_GRANT = timedelta(days=1100)
REVIEW_BATCH = 500


@transaction.atomic
def grant_tier(
    *,
    customer_id: UUID,
    programme_id: UUID,
    tier: str,
    until: datetime,
    is_match: bool = False,
    reason: str = "",
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Standing:
    """Give a member a tier until a moment; it ends an earlier grant, and never lowers what was earned.

    is_match: matched to the status held with a competitor, whose name is the reason.

    Raises:
        ProgrammeNotFoundError: no version of it is in force.
        ProgrammeRefusedError: no such tier, or the end is past or too far away.
        CustomerErasedError: there is a note, and the customer's data were erased.
    """
    if note:
        customer_services.hold_customer(customer_id)
    version = _version(programme_id, now)
    if version.ladder is None or version.ladder.rank(tier) < 0:
        known = ", ".join(step.code for step in version.ladder.steps) if version.ladder else "-"
        message = _("There is no tier “%(tier)s”; it is one of: %(known)s.") % {"tier": tier, "known": known}
        raise ProgrammeRefusedError(message, field="tier", value=tier)
    if not now < until <= now + MAX_GRANT:
        message = _("A tier is granted until a moment within the next %(days)d days.") % {"days": MAX_GRANT.days}
        raise ProgrammeRefusedError(message, field="until", value=until.isoformat(), limit=MAX_GRANT.days)
    standings = _opened(version, customer_id, now)
    member = standings.members[0]
    _end_grants(member.records, programme_id, actor=actor, now=now)
    TierGrant.objects.create(
        owner_id=member.main.owner_id,
        programme_id=programme_id,
        tier=tier,
        grant_kind="match" if is_match else "manual",
        reason=reason.strip()[:40],
        note=note.strip()[:300],
        starts_at=now,
        ends_at=until,
        granted_by=actor.code,
        granted_at=now,
    )
    for row in member.rows:
        row.granted_tier, row.granted_until = "", None
    member.main.granted_tier, member.main.granted_until = tier, until
    data = {
        "programme": version.programme_code,
        "tier": tier,
        "kind": "match" if is_match else "manual",
        "until": until.isoformat(),
    }
    events.append("programs.tier.granted", actor=actor, now=now, customer_id=member.main.owner_id, data=data)
    return _applied(standings, actor=actor, now=now, reason="granted")


@transaction.atomic
def revoke_grant(*, customer_id: UUID, programme_id: UUID, actor: Actor, now: datetime) -> Standing:
    """End the tier granted to a member now; what was earned stays.

    Raises:
        ProgrammeNotFoundError: no version of it is in force.
        ProgrammeRefusedError: no grant is running.
    """
    version = _version(programme_id, now)
    standings = _opened(version, customer_id, now)
    member = standings.members[0]
    tier = member.grant_at(now)
    if not tier:
        raise ProgrammeRefusedError(_("No granted tier is running for this member."), field="tier")
    _end_grants(member.records, programme_id, actor=actor, now=now)
    for row in member.rows:
        row.granted_tier, row.granted_until = "", None
    data = {"programme": version.programme_code, "tier": tier}
    events.append("programs.tier.revoked", actor=actor, now=now, customer_id=member.main.owner_id, data=data)
    return _applied(standings, actor=actor, now=now, reason="ended")


def review_due(*, programme_id: UUID, actor: Actor, now: datetime, after: UUID | None = None) -> UUID | None:
    """Decide reviews and ended grants that are due of the next members by id, and lift those whom a new version lifts.

    Returns the last one looked at, None at the end.

    Each call is one transaction, so that a job can stop between two.
    """
    version = timeline().of(programme_id, now)
    if version is None or version.ladder is None:
        return None
    with transaction.atomic():
        due = Q(review_date__lte=version.day(now)) | Q(granted_until__lte=now)
        since = ProgrammeVersion.objects.values_list("effective_at", flat=True).get(id=version.id)
        due |= Q(updated_at__lt=since)  # judged by an earlier ladder
        rows = Membership.objects.filter(due, programme_id=programme_id)
        if after is not None:
            rows = rows.filter(owner_id__gt=after)
        owners = list(rows.order_by("owner_id").values_list("owner_id", flat=True)[:REVIEW_BATCH])
        if not owners:
            return None
        groups = customers.record_groups(owners)
        members = dict.fromkeys(groups[owner][0] for owner in owners if owner in groups)  # of merged records once
        standings = open_standings([_seeker(version, owner, now) for owner in members], now=now)
        changes = [_no_change(index, now) for index in range(len(members))]
        apply(standings, changes, actor=actor, now=now)
    return owners[-1]


def _version(programme_id: UUID, now: datetime) -> Version:
    found = timeline().of(programme_id, now)
    if found is None:
        raise ProgrammeNotFoundError(programme_id)
    return found


def _opened(version: Version, customer_id: UUID, now: datetime) -> Standings:
    return open_standings([_seeker(version, customer_id, now)], now=now)


def _seeker(version: Version, owner_id: UUID, now: datetime) -> Seeker:
    return Seeker(owner_id, version, EventBasket("", now, now.astimezone(version.zone)))


def _end_grants(records: Sequence[UUID], programme_id: UUID, *, actor: Actor, now: datetime) -> None:
    running = TierGrant.objects.filter(owner_id__in=records, programme_id=programme_id, revoked_at__isnull=True)
    running.filter(ends_at__gt=now).update(revoked_at=now, revoked_by=actor.code)


def _applied(standings: Standings, *, actor: Actor, now: datetime, reason: str) -> Standing:
    change = _no_change(0, now)
    return apply(standings, [change], actor=actor, now=now, reason=reason)[0]


def _no_change(index: int, now: datetime) -> Change:
    return Change(index=index, operation_key="", source_kind="adjustment", source_id=None, occurred_at=now)
