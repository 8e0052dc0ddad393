"""Checklists in versions, and visits with exact scores."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.access.actors import system_actor
from troth.staff.models import Company, Store
from troth.voice.models import StoreVisit, VisitMark, VisitPhoto
from troth.voice.visits import queries, services
from troth.voice.visits.errors import ChecklistChangedError, ChecklistRefusedError, VisitRefusedError, VisitStateError
from troth.voice.visits.scoring import ChecklistDocument, score_of
from troth.voice.visits.services import NewVisit, VisitResult

ACTOR = system_actor("test")
NOW = datetime(2026, 11, 16, 4, tzinfo=UTC)
DAY = date(2026, 11, 16)
DOCUMENT: dict[str, Any] = {
    "sections": [
        {
            "title": "All",
            "items": [
                {"key": "greet", "text": "Greeted", "weight": 3, "points": 5},
                {"key": "bill", "text": "Bill right", "weight": 1, "points": 1, "is_critical": True},
            ],
        }
    ]
}


@pytest.fixture
def store(db: None) -> Store:
    Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai")
    services.save_checklist(actor=ACTOR, now=NOW, code="own", name="Own", document=DOCUMENT)
    services.publish_checklist(actor=ACTOR, now=NOW, code="own")
    return Store.objects.create(code="s1", name="Nanjing Road")


def planned(**changes: Any) -> StoreVisit:
    values: dict[str, Any] = {"checklist": "own", "planned_date": DAY, "store": "s1", "visitor": "A stranger"}
    (row,) = services.plan_visits([NewVisit(**(values | changes))], actor=ACTOR, now=NOW)
    return row


def score(visit: StoreVisit, greet: int | None, bill: int | None, **changes: Any) -> StoreVisit:
    result = VisitResult(visited_date=DAY, points={"greet": greet, "bill": bill}, **changes)
    return services.score_visit(actor=ACTOR, now=NOW, visit_id=visit.id, result=result)


def test_a_score_is_the_weighted_share_exactly(store: Store):
    done = score(planned(), 4, 1, notes={"greet": "Friendly"})
    assert (done.score_hundredths, done.failed_key, done.state) == (8500, "", "done")  # (3 × 4/5 + 1) ÷ 4
    assert {mark.item: (mark.points, mark.note) for mark in VisitMark.objects.all()} == {
        "greet": (4, "Friendly"),
        "bill": (1, ""),
    }


def test_what_did_not_apply_counts_neither_way_and_a_critical_failure_is_named(store: Store):
    assert score(planned(), 3, None).score_hundredths == 6000
    failed = score(planned(), 5, 0)
    assert (failed.score_hundredths, failed.failed_key) == (7500, "bill")
    with pytest.raises(VisitRefusedError):
        score(planned(), None, None)


@pytest.mark.parametrize(
    "points", [{}, {"greet": 1}, {"greet": 6, "bill": 1}, {"greet": -1, "bill": 1}, {"greet": 1, "bill": 1, "x": 1}]
)
def test_marks_out_of_range_or_missing_are_refused(store: Store, points):
    visit = planned()
    with pytest.raises(VisitRefusedError):
        services.score_visit(
            actor=ACTOR, now=NOW, visit_id=visit.id, result=VisitResult(visited_date=DAY, points=points)
        )
    visit.refresh_from_db()
    assert (visit.state, visit.score_hundredths, VisitMark.objects.count()) == ("planned", None, 0)


def test_a_visit_is_scored_once(store: Store):
    visit = planned()
    score(visit, 5, 1)
    with pytest.raises(VisitStateError):
        score(visit, 0, 0)
    with pytest.raises(VisitStateError):
        services.cancel_visit(actor=ACTOR, now=NOW, visit_id=visit.id)
    visit.refresh_from_db()
    assert visit.score_hundredths == 10_000


def test_a_visit_keeps_the_version_it_was_planned_with(store: Store):
    visit = planned()
    changed = {"sections": [{"title": "All", "items": [{"key": "smile", "text": "Smiled"}]}]}
    services.save_checklist(actor=ACTOR, now=NOW, code="own", name="Own", document=changed, revision=1)
    services.publish_checklist(actor=ACTOR, now=NOW, code="own")
    assert services.publish_checklist(actor=ACTOR, now=NOW, code="own").number == 2
    assert score(visit, 5, 1).score_hundredths == 10_000
    assert [item.key for item in queries.document_of(planned().version).items] == ["smile"]
    with pytest.raises(ChecklistChangedError):
        services.save_checklist(actor=ACTOR, now=NOW, code="own", name="Own", document=DOCUMENT, revision=1)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"sections": []},
        {"sections": [{"title": "x", "items": []}]},
        {"sections": [{"title": "x", "items": [{"key": "a", "text": "A"}, {"key": "a", "text": "B"}]}]},
        {"sections": [{"title": "x", "items": [{"key": "a", "text": "A", "weight": 0}]}]},
        {"sections": [{"title": "x", "items": [{"key": "a", "text": "A", "points": 11}]}]},
        {"sections": [{"title": "x", "items": [{"key": "A b", "text": "A"}]}], "more": 1},
    ],
)
def test_wrong_checklists_are_refused(store: Store, document):
    with pytest.raises(ChecklistRefusedError):
        services.save_checklist(actor=ACTOR, now=NOW, code="new", name="New", document=document)


def test_planning_needs_a_place_and_a_visitor(store: Store):
    for changes in ({"store": ""}, {"visitor": " "}, {"place": "x" * 121}):
        with pytest.raises(VisitRefusedError):
            planned(**changes)
    assert StoreVisit.objects.count() == 0
    assert planned(store="", place="Dealer Wang").place == "Dealer Wang"


def test_photos_go_to_their_items(store: Store):
    pixel = services.checked_photos([PIXEL])[0]
    visit = planned()
    with pytest.raises(VisitRefusedError):
        score(visit, 5, 1, photos=[("nothing", pixel)])
    score(visit, 5, 1, photos=[("greet", pixel), ("", pixel)])
    assert sorted(VisitPhoto.objects.values_list("item", flat=True)) == ["", "greet"]


def test_the_trend_of_a_store_and_what_is_weakest(store: Store):
    """The case to reproduce: 83, 85, 88 in three secret visits."""
    document = {"sections": [{"title": "All", "items": [
        {"key": f"i{n}", "text": str(n), "weight": weight} for n, weight in enumerate((83, 2, 3, 12))
    ]}]}  # fmt: skip
    services.save_checklist(actor=ACTOR, now=NOW, code="food", name="Food", document=document)
    services.publish_checklist(actor=ACTOR, now=NOW, code="food")
    ids = []
    for month, got in enumerate(((1, 0, 0, 0), (1, 1, 0, 0), (1, 1, 1, 0)), 1):
        visit = planned(checklist="food", planned_date=date(2026, month, 5))
        points = {f"i{n}": mark for n, mark in enumerate(got)}
        result = VisitResult(visited_date=date(2026, month, 5), points=points)
        ids.append(services.score_visit(actor=ACTOR, now=NOW, visit_id=visit.id, result=result).id)
    (found,) = queries.store_scores(date(2026, 1, 1), DAY)
    assert [one for _day, one in found.scores] == [8300, 8500, 8800]
    assert found.mean == pytest.approx(85.3333333)
    assert found.change == 3.0
    assert [(item.key, share) for item, share, _count in queries.weakest_items(ids, most=2)] == [
        ("i3", 0.0),
        ("i2", pytest.approx(1 / 3)),
    ]


@pytest.mark.django_db
def test_ready_made_checklists_are_there_once():
    for _again in range(2):
        services.ensure_checklists(actor=ACTOR, now=NOW)
    assert set(queries.checklists().values_list("visit_kind", flat=True)) == {"mystery", "call", "planted", "market"}


@given(
    st.lists(st.tuples(st.integers(1, 100), st.integers(1, 10), st.integers(0, 10)), min_size=1, max_size=12),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_scores_stay_within_their_bounds_and_equal_the_fraction(items, applies):
    parts = [{"key": f"i{n}", "text": "x", "weight": w, "points": p} for n, (w, p, _m) in enumerate(items)]
    document = ChecklistDocument.model_validate({"sections": [{"title": "x", "items": parts}]})
    marks = {f"i{n}": min(m, p) if applies[n] else None for n, (_w, p, m) in enumerate(items)}
    found = score_of(document, marks)
    counted = [(w, Fraction(min(m, p), p)) for n, (w, p, m) in enumerate(items) if applies[n]]
    if not counted:
        assert found is None
        return
    exact = sum(w * share for w, share in counted) / sum(w for w, _share in counted) * 10_000
    assert found is not None
    assert abs(found.hundredths - exact) <= Fraction(1, 2)
    assert 0 <= found.hundredths <= 10_000


PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff\xff\x7f\x00\t\xfb\x03\xfd*\x86\xe3\x8a\x00\x00\x00\x00IEND\xaeB`\x82"
)


def test_a_day_that_has_not_come_is_refused_and_the_visit_stays_planned(store: Store):
    visit = planned()
    result = VisitResult(visited_date=date(2026, 11, 17), points={"greet": 4, "bill": 1})
    with pytest.raises(VisitRefusedError) as refused:
        services.score_visit(actor=ACTOR, now=NOW, visit_id=visit.id, result=result)
    assert refused.value.fields["field"] == "visited_date"
    visit.refresh_from_db()
    assert (visit.state, VisitMark.objects.count()) == ("planned", 0)


def test_a_mark_counts_by_the_points_of_its_own_version(store: Store):
    old = score(planned(), 5, 1)  # 5 of 5
    sections = [{"title": "All", "items": [{"key": "greet", "text": "Greets", "points": 2}]}]
    services.save_checklist(actor=ACTOR, now=NOW, code="own", name="Own", document={"sections": sections})
    services.publish_checklist(actor=ACTOR, now=NOW, code="own")
    new = planned()
    result = VisitResult(visited_date=DAY, points={"greet": 1})  # 1 of 2
    services.score_visit(actor=ACTOR, now=NOW, visit_id=new.id, result=result)
    found = {item.key: (item.text, share, count) for item, share, count in queries.weakest_items([old.id, new.id])}
    assert found == {"greet": ("Greets", 0.75, 2), "bill": ("Bill right", 1.0, 1)}
