"""One campaign: its figures and terms, its start and end, handing coupons out, files of codes."""

import csv
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Figure
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.ids import new_id
from troth.messaging import queries as messaging
from troth.rewards import queries as rewards
from troth.rewards import services
from troth.rewards.codes import grouped
from troth.rewards.models import CampaignState, CodeKind, CouponCampaign
from troth.segments import queries as segments

from .pictures import STATE_TONES, benefit_text, goods_text, terms_text, time_text

P = Permission
PAGE_SIZE = 30
MOST_CODES = 1_000_000


@require_safe
@requires(P.REWARDS_VIEW)
def detail(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show how a campaign runs."""
    campaign = rewards.campaign(code)
    page = Paginator(rewards.uses_of_campaign(campaign.id), PAGE_SIZE).get_page(request.GET.get("page"))
    may_edit = request.actor.may(P.REWARDS_EDIT)
    is_unique = campaign.code_kind == CodeKind.UNIQUE
    context = {
        "campaign": campaign,
        "tone": STATE_TONES[campaign.state],
        "figures": _figures(campaign),
        "facts": _facts(campaign),
        "page": page,
        "uses": [(use, STATE_TONES[use.state]) for use in page],
        "batches": list(campaign.batches.order_by("-issued_at", "-id")[:10]) if is_unique else [],
        "may_edit": may_edit,
        "may_start": may_edit and campaign.state in (CampaignState.DRAFT, CampaignState.PAUSED),
        "may_pause": may_edit and campaign.state == CampaignState.ACTIVE,
        "may_end": may_edit and campaign.state != CampaignState.ENDED,
        "may_change": may_edit and campaign.state == CampaignState.DRAFT,
        "may_hand_out": may_edit and is_unique and campaign.state == CampaignState.ACTIVE,
        "may_export": may_edit and request.actor.may(P.CUSTOMERS_EXPORT),
        "segments": list(segments.segments().filter(version_number__gt=0))
        if request.actor.may(P.SEGMENTS_VIEW)
        else [],
        "has_draws": campaign.control_percent > 0 or any(messaging.control_counts(services.subject_of(code))),
        "key": f"console:{new_id()}",
    }
    return render(request, "console/coupons/detail.html", context)


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT)
def move(request: ConsoleRequest, code: str) -> HttpResponse:
    """Start, pause or end a campaign."""
    campaign = rewards.campaign(code)
    acts = {"start": services.start_campaign, "pause": services.pause_campaign, "end": services.end_campaign}
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    moved = act(actor=request.actor, now=utc_now(), campaign_id=campaign.id)
    messages.success(request, _("%(campaign)s: %(state)s.") % {"campaign": moved, "state": moved.get_state_display()})
    return redirect("coupons:detail", code)


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT, P.SEGMENTS_VIEW)
def assign(request: ConsoleRequest, code: str) -> HttpResponse:
    """Give everybody in a segment a coupon, in the background."""
    campaign = rewards.campaign(code)
    wanted = request.POST.get("segment", "")
    segment = segments.segments().filter(id=wanted).first() if _is_uuid(wanted) else None
    if segment is None:
        raise Http404(_("There is no such segment."))
    job = services.assign_to_segment(actor=request.actor, now=utc_now(), campaign_id=campaign.id, segment_id=segment.id)
    return redirect("jobs:detail", job.id)


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT, P.CUSTOMERS_EXPORT)
def issue(request: ConsoleRequest, code: str) -> HttpResponse:
    """Hand out codes without a holder; their file can be fetched afterwards."""
    campaign, count = rewards.campaign(code), request.POST.get("count", "")
    services.issue_codes(
        actor=request.actor,
        now=utc_now(),
        campaign_id=campaign.id,
        key=request.POST.get("key", "")[:100],
        count=min(int(count), MOST_CODES) if count.isdecimal() and len(count) < 10 else 0,
    )
    messages.success(request, _("The codes are handed out. Fetch their file below."))
    return redirect("coupons:detail", code)


@require_safe
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT, P.CUSTOMERS_EXPORT)
def codes(request: ConsoleRequest, code: str, batch_id: int) -> StreamingHttpResponse:
    """Hand out one batch of codes as a CSV file; that they were handed out is in the log since they were issued."""
    campaign = rewards.campaign(code)
    batch = campaign.batches.filter(id=batch_id).first()
    if batch is None:
        raise Http404
    response = StreamingHttpResponse(_lines(campaign, batch.operation_key), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{campaign.code}-{batch.id}.csv"'
    return response


class _Line:
    """A file that hands back each line written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(campaign: CouponCampaign, key: str) -> Iterator[str]:
    writer: Any = csv.writer(_Line())
    yield writer.writerow(["code", "read_aloud"])
    for code in rewards.codes_of(campaign.id, key):
        yield writer.writerow([code, grouped(code)])


def _figures(campaign: CouponCampaign) -> list[Figure]:
    found = rewards.figures([campaign.id])[campaign.id]
    given = rewards.discount_given([campaign.id]).get(campaign.id, 0)
    shown = []
    if campaign.code_kind == CodeKind.UNIQUE:
        size = formats.count(found.size if found.size is not None else campaign.size or 0)
        note = _("of %(size)s codes") % {"size": size}
        shown.append(Figure(_("Held by members"), formats.count(found.assigned), icon="users", note=note))
        shown.append(Figure(_("Handed out for print"), formats.count(found.issued)))
    elif found.left is not None:
        note = _("of %(size)s") % {"size": formats.count(found.size or 0)}
        shown.append(Figure(_("Uses left"), formats.count(found.left), note=note))
    reserved = _("%(count)s reserved now") % {"count": formats.count(found.reserved)} if found.reserved else ""
    shown.append(Figure(_("Used"), formats.count(found.redeemed), icon="discount", note=reserved))
    each = (
        _("%(amount)s each") % {"amount": formats.money(given / found.redeemed, campaign.currency)}
        if found.redeemed
        else ""
    )
    shown.append(Figure(_("Discount given"), formats.money(given, campaign.currency), note=each))
    return shown


def _facts(campaign: CouponCampaign) -> list[tuple[str, str]]:
    limits = (
        (_("Uses of each coupon"), campaign.uses_per_coupon if campaign.code_kind == CodeKind.UNIQUE else None),
        (_("Uses by each member"), campaign.uses_per_member),
        (_("Uses altogether"), campaign.uses_total),
        (_("Coupons for each member"), campaign.coupons_per_member),
    )
    found = [
        (_("It gives"), benefit_text(campaign)),
        (_("For which goods"), goods_text(campaign) or _("all goods")),
        (_("Who may use it, and when"), terms_text(campaign) or _("everybody, with every order")),
        (_("Goods that are reduced already"), campaign.get_discounted_goods_display()),
        (_("Beside other coupons"), _("yes") if campaign.is_combinable else _("no")),
        (_("Codes"), rewards.generic_code(campaign) or campaign.get_code_kind_display()),
        (_("Can be used"), time_text(campaign)),
    ]
    if campaign.control_percent:
        found.append((_("Per cent that get none, by chance"), formats.percent(campaign.control_percent / 100, 0)))
    found += [(label, formats.count(number)) for label, number in limits if number is not None]
    return [(str(label), str(text)) for label, text in found]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
