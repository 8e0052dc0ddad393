"""A draft over the company's own past, beside the version in force: what it would have given, and to whom.

Orders count with what was kept of them. Tiers, counters and budgets begin as they stood on the first day, and are lived
through from there; what rules ask about people (attributes, segments) is answered as it is today. Nothing is written
but the result.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from uuid import UUID

from troth.activity import past
from troth.activity.past import PastOrder
from troth.customers import queries as customers
from troth.insights import queries as insights
from troth.insights.models import Band
from troth.kit import clock
from troth.kit.money import SCALE, from_stored
from troth.programs import queries as programs
from troth.programs.document.reading import read_document, to_json
from troth.programs.errors import ProgrammeNotFoundError
from troth.programs.rehearsal import PastStandings
from troth.programs.seekers import Seeker
from troth.programs.versions import Version
from troth.segments import queries as segments
from troth.staff import queries as staff

from .rehearsal_result import (
    BandResult,
    BudgetResult,
    MemberResult,
    MoverResult,
    RehearsalResult,
    RuleResult,
    SegmentResult,
    SideResult,
)
from .replay_process import ReplayProcess, Start, packed
from .replaying import Replay, Surroundings, Tally

OWN_PROCESSES_FROM = 20_000  # orders; below that starting processes takes longer than they save
PORTION = 1_000  # orders; some 400 kB
EXTREMES = 20
PEOPLE = 2_000

Report = Callable[[int, int], None]
"""Is told how many orders of how many are done; may raise to stop."""


@dataclass(slots=True)
class _Company:
    """What was sold, whatever the programme."""

    orders: int = 0
    lines: int = 0
    sales: int = 0
    costed: int = 0
    cost: int = 0
    spend: Counter[UUID] = field(default_factory=Counter)


def rehearse(
    draft_text: str,
    *,
    programme_id: UUID,
    first_day: date,
    last_day: date,
    report: Report = lambda _done, _total: None,
) -> RehearsalResult:
    """Replay the days, both included, through a draft and through the version in force on the last of them.

    Raises:
        DocumentInvalidError: the draft cannot be a programme.
        ReplayEndedError: a process that replays ended in the middle; nothing of it stays.
    """
    document = read_document(draft_text)
    zone = staff.company().time_zone
    start, end = clock.day_start(first_day, zone), clock.day_start(last_day + timedelta(days=1), zone)
    draft = programs.ready(document, version_id=programme_id, number=0, programme_id=programme_id)
    compared = programs.version_at(programme_id, end - timedelta(microseconds=1))
    versions = [draft] if compared is None else [draft, compared]
    total = past.count_orders(start, end)
    around = _surroundings(versions, start, end)
    runner = _Together(versions, around, in_processes=total >= OWN_PROCESSES_FROM)
    try:
        company = _run(runner, start, end, total, report)
        tallies, costs = runner.finish()
    except BaseException:
        runner.stop()
        raise
    return _result(versions, company, tallies, costs)


class _Together:
    """Replays side by side: in this process one after the other, or each in its own."""

    def __init__(self, versions: Sequence[Version], around: Sequence[Surroundings], *, in_processes: bool) -> None:
        both = list(zip(versions, around, strict=True))
        self._replays = [] if in_processes else [Replay(version, surroundings) for version, surroundings in both]
        self._costs: list[list[int]] = [[] for _ in self._replays]
        self._processes = [_process(version, surroundings) for version, surroundings in both] if in_processes else []

    def run(self, orders: Sequence[PastOrder]) -> None:
        """Replay a batch."""
        if self._processes:
            self._hand_out(orders)
        for replay, costs in zip(self._replays, self._costs, strict=True):
            costs.extend(replay.run(orders))

    def _hand_out(self, orders: Sequence[PastOrder]) -> None:
        """Give the processes their orders in portions of which two can wait, so that none waits for the others."""
        for start in range(0, len(orders), PORTION):
            portion = packed(orders[start : start + PORTION])
            for process in self._processes:
                process.run(portion)

    def finish(self) -> tuple[list[Tally], list[list[int]]]:
        """Return what each found, and what each order costs under it."""
        if self._replays:
            return [replay.finish() for replay in self._replays], self._costs
        found = [process.finish() for process in self._processes]
        return [tally for tally, _costs in found], [costs for _tally, costs in found]

    def stop(self) -> None:
        """End what still runs."""
        for process in self._processes:
            process.stop()


def _process(version: Version, surroundings: Surroundings) -> ReplayProcess:
    document = to_json(version.compiled.document) | {"time_zone": version.zone.key}  # so it need not ask a database
    return ReplayProcess(Start(document, version.id, version.number, version.programme_id, surroundings))


def _run(runner: _Together, start: datetime, end: datetime, total: int, report: Report) -> _Company:
    company = _Company()
    for orders in past.past_orders(start, end):
        runner.run(orders)
        for order in orders:
            _count(company, order)
        report(company.orders, total)
    return company


def _count(company: _Company, order: PastOrder) -> None:
    company.orders += 1
    company.lines += len(order.lines)
    amount = 0
    for line in order.lines:
        amount += line.net_amount
        if line.unit_cost is not None:
            company.costed += line.net_amount
            company.cost += line.unit_cost * line.quantity // SCALE
    company.sales += amount
    company.spend[order.owner_id] += amount


def _surroundings(versions: Sequence[Version], start: datetime, end: datetime) -> list[Surroundings]:
    """Return what replaying each of the versions needs."""
    owners = past.buyers(start, end)
    canonical = {record: one for record, one in customers.canonical_ids(owners).items() if record != one}
    people = {canonical.get(owner, owner) for owner in owners}
    stores = {store.id: (store.time_zone, store.city) for store in staff.stores()}
    answers: dict[UUID, tuple[dict[str, bool], tuple[str, ...]]] = {}
    for version in versions:
        if version.compiled.questions or version.compiled.segments:
            for owner, (said, segments) in _answers(version, people, end):
                before, known = answers.get(owner, ({}, ()))
                answers[owner] = (before | said, tuple(sorted({*known, *segments})))
    birthdays = {}
    if any(version.compiled.asks_birthday for version in versions):
        for owner, person in customers.records(people).items():
            if person.birth_date is not None:
                birthdays[owner] = (person.birth_date, person.is_lunar_birthday)
    stood = {code: _before(code, start, people) for code in {version.programme_code for version in versions}}
    return [Surroundings(canonical, stores, answers, birthdays, stood[version.programme_code]) for version in versions]


def _before(code: str, start: datetime, people: set[UUID]) -> PastStandings:
    """Return where these people stood in a programme before the first day: nowhere, before it began."""
    try:
        version = programs.version_at(programs.programme_by_code(code).id, start)
    except ProgrammeNotFoundError:
        return PastStandings()
    if version is None:
        return PastStandings()
    owners = {owner: owner for owner in people}
    for owner, records in customers.record_groups(people).items():
        owners.update(dict.fromkeys(records, owner))
    return programs.standings_at(version, start, owners)


def _answers(
    version: Version, people: set[UUID], end: datetime
) -> Iterator[tuple[UUID, tuple[dict[str, bool], tuple[str, ...]]]]:
    rest = iter(people)
    while part := list(islice(rest, PEOPLE)):
        seekers: list[Seeker] = [programs.question(version, owner, end) for owner in part]
        for owner, state in zip(part, programs.states(seekers), strict=True):
            yield owner, (dict(state.answers), state.segments)


# --- from tallies to the result


def _result(
    versions: Sequence[Version], company: _Company, tallies: Sequence[Tally], costs: Sequence[list[int]]
) -> RehearsalResult:
    draft, compared = tallies[0], tallies[1] if len(tallies) > 1 else None
    extra = _extra_cost(costs)
    margin = Decimal(company.costed - company.cost) / company.costed if company.costed else None
    earning_back = from_stored(extra) / margin if margin and margin > 0 else None
    changes = _differences(draft, compared)
    return RehearsalResult(
        currency=versions[0].compiled.currency,
        orders=company.orders,
        lines=company.lines,
        members=len(company.spend),
        sales=_money(company.sales),
        draft=_side(versions[0], draft, "draft"),
        compared=None if compared is None else _side(versions[1], compared, f"v{versions[1].number}"),
        bands=_bands(company, draft, compared),
        gainers=tuple(one for one in changes[:EXTREMES] if one.difference > 0),
        losers=tuple(one for one in reversed(changes[-EXTREMES:]) if one.difference < 0),
        changed_tiers=_changed_tiers(draft, compared),
        movers=_movers(draft, compared),
        gaining=sum(one.difference > 0 for one in changes),
        losing=sum(one.difference < 0 for one in changes),
        segments=_segments(company, draft, compared),
        extra_cost=_money(extra),
        break_even_sales=None if earning_back is None else f"{earning_back:.2f}",
        margin=None if margin is None else f"{margin:.4f}",
    )


def _extra_cost(costs: Sequence[list[int]]) -> int:
    if len(costs) < 2:
        return sum(costs[0])
    return sum(max(new - old, 0) for new, old in zip(*costs, strict=True))


def _side(version: Version, tally: Tally, name: str) -> SideResult:
    points: Counter[str] = Counter()
    coupons: Counter[str] = Counter()
    rules = []
    for (rule, kind, code), (times, amount, cost) in sorted(tally.places.items()):
        rules.append(RuleResult(rule, kind, code, times, amount, _money(cost)))
        if kind in ("points", "stamps"):
            points[code] += amount
        elif kind == "coupon":
            coupons[code] += amount
    return SideResult(
        name=name,
        points=dict(points),
        cost=_money(sum(tally.cost_by_owner.values())),
        coupons=dict(coupons),
        orders_awarded=tally.orders_awarded,
        members_awarded=len(tally.points_by_owner),
        discounted_cost=_money(tally.discounted_cost),
        rules=tuple(rules),
        budgets=tuple(BudgetResult(key, tally.sizes[key], used) for key, used in sorted(tally.budgets.items())),
        tiers=dict(Counter(tally.tiers.values())) if version.ladder else {},
        moves=tuple((before, after, count) for (before, after), count in sorted(tally.moves.items())),
    )


def _differences(draft: Tally, compared: Tally | None) -> list[MemberResult]:
    """Return what changes for members, who gains most first."""
    before: Counter[UUID] = compared.points_by_owner if compared else Counter()
    found = [
        MemberResult(str(owner), draft.points_by_owner[owner], before[owner])
        for owner in {*draft.points_by_owner, *before}
    ]
    return sorted(found, key=lambda one: (-one.difference, one.customer_id))


def _bands(company: _Company, draft: Tally, compared: Tally | None) -> tuple[BandResult, ...]:
    scores = insights.scores(company.spend)
    before = compared or Tally()
    members: dict[str, list[UUID]] = defaultdict(list)
    for owner in company.spend:
        members[str(scores[owner].band) if owner in scores else ""].append(owner)
    return tuple(
        BandResult(
            band=band,
            members=len(owners),
            spend=_money(sum(company.spend[owner] for owner in owners)),
            draft_points=sum(draft.points_by_owner[owner] for owner in owners),
            draft_cost=_money(sum(draft.cost_by_owner[owner] for owner in owners)),
            compared_points=sum(before.points_by_owner[owner] for owner in owners),
            compared_cost=_money(sum(before.cost_by_owner[owner] for owner in owners)),
        )
        for band, owners in sorted(members.items(), key=lambda one: _place_of(one[0]))
    )


def _place_of(band: str) -> int:
    """Return where a value band stands, the best first; who has none comes last."""
    return Band.values.index(band) if band in Band.values else len(Band.values)


def _changed_tiers(draft: Tally, compared: Tally | None) -> tuple[tuple[str, str, int], ...]:
    if compared is None:
        return ()
    pairs = Counter((compared.tiers.get(owner, ""), tier) for owner, tier in draft.tiers.items())
    return tuple((before, after, count) for (before, after), count in sorted(pairs.items()) if before != after)


def _movers(draft: Tally, compared: Tally | None) -> tuple[MoverResult, ...]:
    """Return some of those who would hold another tier, by move: enough to look at whom it is."""
    found: dict[tuple[str, str], list[str]] = {}
    for owner, tier in sorted(draft.tiers.items(), key=lambda one: -draft.points_by_owner[one[0]]):
        before = compared.tiers.get(owner, "") if compared else tier
        if before != tier and len(found.setdefault((before, tier), [])) < EXTREMES:
            found[before, tier].append(str(owner))
    return tuple(MoverResult(before, after, tuple(ids)) for (before, after), ids in sorted(found.items()))


def _segments(company: _Company, draft: Tally, compared: Tally | None) -> tuple[SegmentResult, ...]:
    before = compared or Tally()
    found = []
    for segment in segments.segments():
        if not segment.is_published:
            continue
        owners = company.spend.keys() & set(segments.member_ids(segment.id))
        found.append(
            SegmentResult(
                segment_id=str(segment.id),
                members=len(owners),
                spend=_money(sum(company.spend[owner] for owner in owners)),
                draft_cost=_money(sum(draft.cost_by_owner[owner] for owner in owners)),
                compared_cost=_money(sum(before.cost_by_owner[owner] for owner in owners)),
            )
        )
    return tuple(sorted(found, key=lambda one: (-Decimal(one.draft_cost), one.segment_id)))


def _money(stored: int) -> str:
    return f"{from_stored(stored):f}"
