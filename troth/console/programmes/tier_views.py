"""The ladder: who holds which tier, how they moved, who is near the next one, whose tier is reviewed, and grants."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires
from troth.console.segments.sample import PersonRow, sample_rows
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.kit.money import SCALE
from troth.programs import nearness, services
from troth.programs import queries as programs
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.errors import ProgrammeRefusedError
from troth.programs.models import Programme
from troth.programs.queries import Version
from troth.programs.services import Standing
from troth.programs.tiers import Figures
from troth.staff import queries as staff

from . import tier_pictures
from .frame import frame, who
from .telling import asked_figures, shown

PAGE = 50
GLANCE = 8
NEAR_LIMIT = 200
REVIEW_DAYS = 60


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member with the tier, what was earned in the window, and what is missing to reach and to keep."""

    person: PersonRow
    tier: str
    since: datetime | None
    figures: str
    next_tier: str
    missing: str
    to_keep: str
    review_date: date | None
    granted_until: datetime | None
    share: Decimal | None = None


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def ladder(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Show the ladder with counts, movement over a year, who is near the next tier, and who is up for review."""
    programme = programs.programme(programme_id)
    context, now = frame(request, programme, "tiers"), staff.company().moment(utc_now())
    version = programs.version_at(programme_id, now)
    if version is not None and version.ladder is not None:
        names = tier_names(version.compiled.document)
        near = nearness.near_list(version, now, limit=GLANCE)
        due = nearness.up_for_review(programme_id, version.day(now) + timedelta(days=REVIEW_DAYS))
        context |= {
            "has_ladder": True,
            "ladder_chart": tier_pictures.ladder(programme, names),
            "movement_chart": tier_pictures.movement(programme, version, names, now),
            "near": _near_rows(request, version, near.found),
            "near_list": near,
            "review": _rows(request, version, [row.owner_id for row in due[:GLANCE]], now),
            "review_days": REVIEW_DAYS,
            "moves": tier_pictures.latest_moves(request.actor, programme, names),
        }
    return render(request, "console/programmes/tiers.html", context)


@require_safe
@requires(Permission.PROGRAMS_VIEW, Permission.CUSTOMERS_VIEW)
def people(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """List members: of a tier, near the next one, or up for review."""
    programme = programs.programme(programme_id)
    context, now = frame(request, programme, "tiers"), staff.company().moment(utc_now())
    version = programs.version_at(programme_id, now)
    view, tier = request.GET.get("show", ""), request.GET.get("tier")
    context |= {"views": [], "rows": [], "heading": pgettext("programme", "Members"), "has_ladder": version is not None}
    if version is not None:
        names = tier_names(version.compiled.document)
        page, rows = _listed(request, version, view, tier, now)
        context |= {
            "page": page,
            "rows": rows,
            "views": _views(programme, names, view, tier),
            "is_near": view == "near",
        }
    return render(request, "console/programmes/people.html", context)


def _listed(
    request: ConsoleRequest, version: Version, view: str, tier: str | None, now: datetime
) -> tuple[Page[Any], list[MemberRow]]:
    number = request.GET.get("page")
    if view == "near":
        page = Paginator(nearness.near_list(version, now, limit=NEAR_LIMIT).found, PAGE).get_page(number)
        return page, _near_rows(request, version, list(page))
    if view == "review":
        found = nearness.up_for_review(version.programme_id, version.day(now) + timedelta(days=REVIEW_DAYS))
    else:
        found = nearness.members(version.programme_id, tier)
    shown_page = Paginator(found, PAGE).get_page(number)
    since = {row.owner_id: row.tier_moved_at for row in shown_page}
    return shown_page, _rows(request, version, list(since), now, since)


def _views(programme: Programme, names: dict[str, str], view: str, tier: str | None) -> list[Tab]:
    counts = programs.tier_counts(programme.id)
    found = [Tab(_("All"), "?", not view and tier is None, formats.count(sum(counts.values())))]
    for code in [*reversed(names), *(code for code in counts if code not in names)]:
        label = names.get(code, code) or _("no tier")
        found.append(Tab(label, f"?tier={code}", not view and tier == code, formats.count(counts.get(code, 0))))
    found.append(Tab(_("Near the next tier"), "?show=near", view == "near"))
    return [*found, Tab(_("Up for review"), "?show=review", view == "review")]


@require_safe
@requires(Permission.PROGRAMS_VIEW, Permission.CUSTOMERS_VIEW)
def member(request: ConsoleRequest, programme_id: UUID, customer_id: UUID) -> HttpResponse:
    """Show where one member stands, every move with its reason, and grants."""
    programme = programs.programme(programme_id)
    customer = customers.customer(customer_id)
    context, now = frame(request, programme, "tiers"), staff.company().moment(utc_now())
    version = programs.version_at(programme_id, now)
    records = customers.record_ids(customer_id)
    names = tier_names(version.compiled.document) if version else {}
    rows = _rows(request, version, [customer_id], now) if version else []
    grants = list(programs.grants(programme_id, records)[:20])
    context |= {
        "customer": customer,
        "row": rows[0] if rows else None,
        "person": sample_rows(request.actor, [customer_id])[0],
        "is_member": programs.memberships(records).filter(programme=programme).exists(),
        "names": list(names.items()),
        "moves": tier_pictures.moves_of(programme, names, records),
        "grants": [(one, names.get(one.tier, one.tier), who(one.granted_by)) for one in grants],
        "is_granted": any(one.revoked_at is None and one.ends_at > now for one in grants),
        "latest_end": (timezone.localdate(now) + timedelta(days=365)).isoformat(),
    }
    return render(request, "console/programmes/member.html", context)


@require_POST
@requires(Permission.PROGRAMS_VIEW, Permission.CUSTOMERS_VIEW)
def find_near(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Have the list of who is near the next tier worked out anew."""
    nearness.ask_for_list(actor=request.actor, now=utc_now())
    messages.success(request, _("It is being worked out; reload this page in a moment."))
    return redirect("programmes:tiers", programme_id)


@require_POST
@requires(Permission.PROGRAMS_GRANT, Permission.CUSTOMERS_VIEW)
def grant(request: ConsoleRequest, programme_id: UUID, customer_id: UUID) -> HttpResponse:
    """Give a member a tier until the end of a day."""
    services.grant_tier(
        customer_id=customer_id,
        programme_id=programme_id,
        tier=request.POST.get("tier", ""),
        until=_end_of(request.POST.get("until", "")),
        is_match=request.POST.get("kind") == "match",
        reason=request.POST.get("reason", ""),
        note=request.POST.get("note", ""),
        actor=request.actor,
        now=utc_now(),
    )
    messages.success(request, _("The tier is granted; what is earned above it counts all the same."))
    return redirect("programmes:tier_member", programme_id, customer_id)


@require_POST
@requires(Permission.PROGRAMS_GRANT, Permission.CUSTOMERS_VIEW)
def revoke(request: ConsoleRequest, programme_id: UUID, customer_id: UUID) -> HttpResponse:
    """End the tier granted to a member."""
    services.revoke_grant(customer_id=customer_id, programme_id=programme_id, actor=request.actor, now=utc_now())
    messages.success(request, _("The grant has ended; the member holds what was earned."))
    return redirect("programmes:tier_member", programme_id, customer_id)


def _end_of(given: str) -> datetime:
    """Return the moment at which a day, which is included, is over."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        message = _("“%(value)s” is no day; choose the last day of the grant.") % {"value": given[:40]}
        raise ProgrammeRefusedError(message, field="until", value=given[:40]) from None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


# --- rows


def tier_names(document: ProgrammeDocument) -> dict[str, str]:
    """Return the tiers' names by code, from the lowest to the highest."""
    return {tier.code: shown(tier.name) for tier in (document.tiers.ladder if document.tiers else ())}


def _near_rows(request: ConsoleRequest, version: Version, near: list[nearness.Near]) -> list[MemberRow]:
    standings = {one.owner_id: one.standing for one in near}
    shares = {one.owner_id: one.share for one in near}
    return _drawn(request, version, standings, {}, shares)


def _rows(
    request: ConsoleRequest,
    version: Version,
    owner_ids: list[UUID],
    now: datetime,
    since: dict[UUID, datetime] | None = None,
) -> list[MemberRow]:
    found = nearness.standings_of(version, owner_ids, now)
    return _drawn(request, version, dict(zip(owner_ids, found, strict=True)), since or {}, {})


def _drawn(
    request: ConsoleRequest,
    version: Version,
    standings: dict[UUID, Standing],
    since: dict[UUID, datetime],
    shares: dict[UUID, Decimal],
) -> list[MemberRow]:
    document = version.compiled.document
    names, currency = tier_names(document), document.currency
    rows = []
    for person in sample_rows(request.actor, list(standings)):
        one = standings[person.customer.id]
        rows.append(
            MemberRow(
                person=person,
                tier=names.get(one.tier, one.tier) or _("no tier"),
                since=since.get(person.customer.id),
                figures=figures_text(one.figures, currency, asked_figures(version.ladder)),
                next_tier=names.get(one.next_tier, one.next_tier),
                missing=missing_text(one.missing_to_reach, currency),
                to_keep=missing_text(one.missing_to_keep, currency),
                review_date=one.review_date,
                granted_until=one.granted_until,
                share=shares.get(person.customer.id),
            )
        )
    return rows


def figures_text(figures: Figures, currency: str, asked: Figures) -> str:
    """Return what was earned in words: "1,200 CNY, 3 visits"; only of what is asked for."""
    parts = []
    if asked.points:
        parts.append(ngettext("%(n)s point", "%(n)s points", figures.points) % {"n": formats.count(figures.points)})
    if asked.spend:
        parts.append(formats.money(Decimal(figures.spend) / SCALE, currency))
    if asked.visits:
        parts.append(ngettext("%(n)s visit", "%(n)s visits", figures.visits) % {"n": formats.count(figures.visits)})
    return pgettext("list", ", ").join(parts)


def missing_text(ways: tuple[Figures, ...], currency: str) -> str:
    """Return what is missing in words, one way or another; "" for nothing."""
    return pgettext("joins ways", " or ").join(figures_text(way, currency, way) for way in ways)
