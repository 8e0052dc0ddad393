"""The ladder as pictures: counts, movement over a year; and moves with their reasons as a timeline."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from troth.access.actors import Actor
from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table, TimelineItem, Tone
from troth.console.segments.sample import sample_rows
from troth.kit import clock
from troth.programs import queries as programs
from troth.programs.models import Programme, TierMove
from troth.programs.queries import Version
from troth.programs.tiers import months_after

MONTHS = 12
LATEST = 8


def ladder(programme: Programme, names: dict[str, str]) -> ChartCard:
    """Return how many members hold each tier, the highest at the top; each bar leads to its people."""
    counts = programs.tier_counts(programme.id)
    codes = [*reversed(names), *(code for code in counts if code not in names)]
    labels = [names.get(code, code) or _("no tier") for code in codes]
    url = reverse("programmes:tier_people", args=[programme.id])
    urls = [f"{url}?tier={code}" for code in codes]
    numbers = [counts.get(code, 0) for code in codes]
    total = sum(numbers)
    return ChartCard(
        id="tier-counts",
        title=_("Who holds which tier"),
        option=charts.bars(
            labels, {pgettext("programme", "Members"): numbers}, horizontal=True, value_format=charts.count(), urls=urls
        )
        if total
        else None,
        table=Table(
            [_("Tier"), Column(pgettext("programme", "Members"), is_number=True), Column(_("Share"), is_number=True)],
            [
                [label, Cell(formats.count(number), number, link), formats.percent(number / total if total else 0)]
                for label, number, link in zip(labels, numbers, urls, strict=True)
            ],
        ),
        height="sm",
        csv_name="tiers",
        empty=_("Members appear with their first order, and climb with what they earn."),
    )


def movement(programme: Programme, version: Version, names: dict[str, str], now: datetime) -> ChartCard:
    """Return how many moved up and down in each of the last twelve months."""
    rank = {code: at for at, code in enumerate(["", *names])}
    first = version.day(now).replace(day=1)
    days = [months_after(first, -back) for back in range(MONTHS - 1, -2, -1)]
    starts = [clock.day_start(day, version.zone.key) for day in days]
    months, rows = days[:-1], []
    for moved in programs.tier_movement(programme.id, starts):
        sums: Counter[str] = Counter()
        for (before, after), count in moved.items():
            sums["up" if rank.get(after, 0) > rank.get(before, 0) else "down"] += count
        rows.append((sums["up"], sums["down"]))
    labels = [formats.month(day) for day in months]
    series = {_("Up"): [float(up) for up, _down in rows], _("Down"): [-float(down) for _up, down in rows]}
    option = charts.bars(labels, series, stacked=True, value_format=charts.count())
    return ChartCard(
        id="tier-movement",
        title=_("Moves up and down"),
        subtitle=_("By month, over the last year"),
        option=option if any(up or down for up, down in rows) else None,
        table=Table(
            [_("Month"), Column(_("Up"), is_number=True), Column(_("Down"), is_number=True)],
            [[label, up, down] for label, (up, down) in zip(labels, rows, strict=True)],
        ),
        height="sm",
        csv_name="tier-movement",
        empty=_("Nobody has moved yet."),
    )


def _reason(code: str) -> str:
    """Return why a tier moved, in words."""
    words = {
        "joined": _("joined"),
        "reached": _("reached it by what was earned"),
        "kept": _("kept it at the review"),
        "reviewed": _("the review found too little"),
        "returned": _("goods came back"),
        "granted": _("granted by hand"),
        "ended": _("a grant ended"),
    }
    return words.get(code, code)


def _item(row: TierMove, names: dict[str, str], title: str = "", url: str = "") -> TimelineItem:
    rank = {code: at for at, code in enumerate(["", *names])}
    before, after = (names.get(code, code) or _("no tier") for code in (row.from_tier, row.to_tier))
    is_up = rank.get(row.to_tier, 0) > rank.get(row.from_tier, 0)
    is_same = row.from_tier == row.to_tier
    tone: Tone = "neutral" if is_same else "good" if is_up else "warn"
    moved = after if is_same else pgettext("tier move", "%(before)s → %(after)s") % {"before": before, "after": after}
    return TimelineItem(
        at=row.occurred_at,
        title=title or moved,
        text=f"{moved}: {_reason(row.reason)}" if title else _reason(row.reason),
        icon="point" if is_same else "arrow-up" if is_up else "arrow-down",
        tone=tone,
        url=url,
    )


def latest_moves(actor: Actor, programme: Programme, names: dict[str, str]) -> list[TimelineItem]:
    """Return the latest changes of tier of anybody, by name."""
    rows: Iterable[TierMove] = programs.tier_moves(programme.id).exclude(reason__in=["kept", "joined"])[:LATEST]
    found = list(rows)
    people = {one.customer.id: one for one in sample_rows(actor, list({row.owner_id for row in found}))}
    return [
        _item(
            row,
            names,
            people[row.owner_id].name,
            reverse("programmes:tier_member", args=[programme.id, row.owner_id]),
        )
        for row in found
        if row.owner_id in people
    ]


def moves_of(programme: Programme, names: dict[str, str], records: Sequence[UUID]) -> list[TimelineItem]:
    """Return every change of tier of one customer with its reason."""
    return [_item(row, names) for row in programs.tier_moves(programme.id, records)[:50]]
