"""Reading checklists and visits. Import as one thing: `from troth.voice.visits import queries as visits`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from troth.kit.languages import in_language

from ..models import Checklist, ChecklistVersion, StoreVisit, VisitKind, VisitMark, VisitPhoto, VisitState
from .errors import ChecklistNotFoundError, VisitNotFoundError
from .scoring import ChecklistDocument, Item, Section


@dataclass(frozen=True, slots=True)
class StoreScore:
    """A store's visits: how many, their mean in points of 100, and the scores by day."""

    store_id: int
    count: int
    mean: float
    scores: list[tuple[date, int]]

    @property
    def change(self) -> float | None:
        """Return the last score against the one before, in points; None for a single visit."""
        if len(self.scores) < 2:
            return None
        return (self.scores[-1][1] - self.scores[-2][1]) / 100


def checklists(*, is_active: bool | None = True) -> QuerySet[Checklist]:
    """Return checklists by name, with `versions_count`."""
    found = Checklist.objects.annotate(versions_count=Count("versions")).order_by("name", "code")
    return found if is_active is None else found.filter(is_active=is_active)


def published_checklists() -> QuerySet[Checklist]:
    """Return the checklists in use that have a published version, by name."""
    return Checklist.objects.filter(is_active=True, versions__isnull=False).distinct().order_by("name", "code")


def checklist(code: str) -> Checklist:
    """Return a checklist.

    Raises:
        ChecklistNotFoundError: no such checklist.
    """
    found = Checklist.objects.filter(code=code).first()
    if found is None:
        raise ChecklistNotFoundError(code)
    return found


def versions(code: str) -> QuerySet[ChecklistVersion]:
    """Return the versions of a checklist, the newest first."""
    return ChecklistVersion.objects.filter(checklist__code=code).order_by("-number")


def document_of(version: ChecklistVersion | Checklist) -> ChecklistDocument:
    """Return what a checklist says."""
    return ChecklistDocument.model_validate(version.document)


def visits() -> QuerySet[StoreVisit]:
    """Return all visits with what lists show."""
    return StoreVisit.objects.select_related("version__checklist", "store")


def visit(visit_id: UUID) -> StoreVisit:
    """Return a visit.

    Raises:
        VisitNotFoundError: no such visit.
    """
    found = visits().filter(id=visit_id).first()
    if found is None:
        raise VisitNotFoundError(visit_id)
    return found


def marks_of(found: StoreVisit) -> dict[str, VisitMark]:
    """Return the marks of a visit by item."""
    return {mark.item: mark for mark in VisitMark.objects.filter(visit=found)}


def photos_of(found: StoreVisit) -> QuerySet[VisitPhoto]:
    """Return the pictures of a visit, without their contents."""
    return VisitPhoto.objects.filter(visit=found).defer("content").order_by("created_at", "id")


def photo(photo_id: UUID) -> VisitPhoto | None:
    """Return a picture with its contents, None if there is none."""
    return VisitPhoto.objects.filter(id=photo_id).first()


def store_scores(since: date, until: date, *, visit_kind: str = VisitKind.MYSTERY) -> list[StoreScore]:
    """Return each store that was visited from one day to another, the best first."""
    done = StoreVisit.objects.filter(
        state=VisitState.DONE, visit_kind=visit_kind, visited_date__range=(since, until), store__isnull=False
    )
    scores: dict[int, list[tuple[date, int]]] = {}
    rows = done.order_by("visited_date", "created_at", "id").values_list("store_id", "visited_date", "score_hundredths")
    for store_id, day, hundredths in rows:
        if store_id is not None and day is not None and hundredths is not None:
            scores.setdefault(store_id, []).append((day, hundredths))
    found = [
        StoreScore(store_id, len(list_), sum(score for _day, score in list_) / len(list_) / 100, list_)
        for store_id, list_ in scores.items()
    ]
    return sorted(found, key=lambda one: (-one.mean, one.store_id))


def weakest_items(visit_ids: Sequence[UUID], *, most: int = 8) -> list[tuple[Item, float, int]]:
    """Return the items that visits lost most at: item as newest published, mean share of its points, number of marks;
    each mark counts by the points that its own version gave at most.
    """
    rows = VisitMark.objects.filter(visit_id__in=list(visit_ids)).exclude(points=None)
    counted = rows.values("visit__version_id", "item").annotate(total=Sum("points"), count=Count("id")).order_by()
    used = ChecklistVersion.objects.filter(visits__in=list(visit_ids)).distinct().order_by("number")
    items = {(version.id, item.key): item for version in used for item in document_of(version).items}
    newest = {key: item for (_version, key), item in items.items()}
    shares: dict[str, float] = {}
    counts: dict[str, int] = {}
    for row in counted:
        if item := items.get((row["visit__version_id"], row["item"])):
            shares[item.key] = shares.get(item.key, 0.0) + row["total"] / item.points
            counts[item.key] = counts.get(item.key, 0) + row["count"]
    found = [(newest[key], shares[key] / count, count) for key, count in counts.items()]
    return sorted(found, key=lambda one: (one[1], one[0].key))[:most]


def marked(item: str) -> QuerySet[VisitMark]:
    """Return the marks that visits gave an item."""
    return VisitMark.objects.filter(item=item).exclude(points=None)


def named(row: Checklist | Item | Section) -> str:
    """Return name, text or title in the language in use."""
    for english, chinese in (("name", "name_zh"), ("text", "text_zh"), ("title", "title_zh")):
        if hasattr(row, english):
            return in_language(getattr(row, english), getattr(row, chinese))
    return ""
