"""Visits at the desk and on a phone: planned, scored with photos, stores compared, checklists written."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from troth.access.permissions import Role
from troth.console.visits.checklist_text import document_of, text_of
from troth.kit.clock import utc_now
from troth.staff.models import Store
from troth.voice.models import Checklist, ChecklistVersion, StoreVisit, VisitPhoto
from troth.voice.visits.errors import ChecklistRefusedError
from troth.voice.visits.scoring import ChecklistDocument

pytestmark = pytest.mark.django_db
PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff\xff\x7f\x00\t\xfb\x03\xfd*\x86\xe3\x8a\x00\x00\x00\x00IEND\xaeB`\x82"
)
CALL = {"points-answered": "5", "points-polite": "4", "points-solved": "none", "points-not-passed": "1"}


@pytest.fixture
def desk(sign_in: Any) -> Any:
    Store.objects.create(code="s1", name="Nanjing Road")
    Store.objects.create(code="s2", name="West Lake")
    return sign_in()


def plan(desk: Any, **changes: Any) -> None:
    form = {"checklist": "own-call", "planned_date": "2026-03-05", "stores": ["s1", "s2"], "visitor": "A stranger"}
    desk.get("/visits/checklists/")
    assert desk.post("/visits/new/", form | changes).status_code == 302


@pytest.mark.slow
def test_a_visit_is_planned_and_scored_with_a_photo(desk: Any):
    plan(desk)
    visit = StoreVisit.objects.get(store__code="s1")
    form = CALL | {
        "visited_date": "2026-03-05",
        "note-polite": "Very <friendly>",
        "photo-polite": SimpleUploadedFile("x.html", PIXEL),
    }
    assert desk.post(f"/visits/{visit.id}/", form).status_code == 302
    visit.refresh_from_db()
    assert visit.score_hundredths == 7000  # (4 × 1 + 3 × 4/5 + 3 × 1/5) ÷ 10
    photo = VisitPhoto.objects.get()
    shown = desk.get(f"/visits/photos/{photo.id}/")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    # Written anew, since strangers' bytes are never handed on: the same picture, in whichever way it is packed.
    assert [Image.open(BytesIO(one)).convert("RGBA").tobytes() for one in (shown.content, PIXEL)] == [b"\xff" * 4] * 2
    assert "sandbox" in shown["Content-Security-Policy"]
    page = desk.get(f"/visits/{visit.id}/").content.decode()
    assert "Very &lt;friendly&gt;" in page
    assert f"source=visit:{visit.id}" in page  # "passed on" was weak: do something


@pytest.mark.slow
def test_a_missing_mark_or_a_script_for_a_photo_is_refused_and_what_was_given_stays(desk: Any):
    plan(desk)
    visit = StoreVisit.objects.get(store__code="s1")
    for wrong in ({"points-polite": ""}, {"points-polite": "9"}, {"visited_date": "soon"}):
        answer = desk.post(f"/visits/{visit.id}/", CALL | {"visited_date": "2026-03-05", "note": "Kept"} | wrong)
        assert answer.status_code == 422
        assert "Kept" in answer.content.decode()
    evil = {"visited_date": "2026-03-05", "photo-": SimpleUploadedFile("x.png", b"<script>alert(1)</script>")}
    assert desk.post(f"/visits/{visit.id}/", CALL | evil).status_code == 422
    visit.refresh_from_db()
    assert (visit.state, VisitPhoto.objects.count()) == ("planned", 0)


@pytest.mark.slow
def test_who_may_only_look_scores_nothing(desk: Any, sign_in: Any):
    plan(desk)
    visit = StoreVisit.objects.order_by("id")[0]
    clerk = sign_in(Role.CLERK)
    assert clerk.get(f"/visits/{visit.id}/").status_code == 200
    assert clerk.post(f"/visits/{visit.id}/", CALL | {"visited_date": "2026-03-05"}).status_code == 404
    assert clerk.get("/visits/new/").status_code == 403
    visit.refresh_from_db()
    assert visit.state == "planned"


def test_a_checklist_is_written_as_text_and_published(desk: Any):
    text = "# Door / 门口\n3 x 5 Greeted at once / 立即招呼\n\n# Till\n6 x 1! The bill is right"
    form = {"code": "mine", "name": "Mine", "visit_kind": "mystery", "text": text}
    assert desk.post("/visits/checklists/new/", form).status_code == 302
    row = Checklist.objects.get(code="mine")
    items = row.document["sections"][1]["items"]
    words = {"key": "the-bill-is-right", "text": "The bill is right", "text_zh": ""}
    assert items == [words | {"weight": 6, "points": 1, "is_critical": True}]
    assert ChecklistVersion.objects.filter(checklist=row).count() == 0
    desk.post("/visits/checklists/mine/publish/")
    assert ChecklistVersion.objects.get(checklist=row).number == 1
    stale = form | {"revision": "7", "text": "1 x 1 Other"}
    assert desk.post("/visits/checklists/mine/", stale).status_code == 409
    assert desk.post("/visits/checklists/mine/", form | {"text": "Greeted", "revision": "1"}).status_code == 422


def test_texts_and_documents_say_the_same_and_keys_stay():
    text = "# Door / 门口\n3 x 5 Greeted / 招呼\n1 x 1! Safe"
    first = ChecklistDocument.model_validate(document_of(text, None))
    assert text_of(first) == text
    moved = ChecklistDocument.model_validate(document_of("# New\n9 x 2 Greeted / 问候\n1 x 1 Greeted", first))
    assert [item.key for item in moved.items] == ["greeted", "greeted-2"]
    with pytest.raises(ChecklistRefusedError):
        document_of("just words", None)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens(desk: Any, sign_in: Any, language: str):
    plan(desk)
    browser = sign_in(Role.MANAGER, language=language)
    visit = StoreVisit.objects.order_by("id")[0]
    for path in ("", "?view=done", "stores/", "new/", "checklists/", "checklists/new/", "checklists/store-visit/"):
        assert browser.get(f"/visits/{path}").status_code == 200, path
    assert browser.get(f"/visits/{visit.id}/").status_code == 200
    assert browser.post(f"/visits/{visit.id}/cancel/").status_code == 302
    assert browser.get(f"/visits/{visit.id}/").status_code == 200


@pytest.mark.slow
def test_scores_and_weak_items_lead_to_their_visits_and_a_visit_to_what_is_done(desk: Any):
    plan(desk)
    plan(desk, stores=["s1"])
    day = utc_now().date() - timedelta(days=2)
    for visit in StoreVisit.objects.all():
        desk.post(f"/visits/{visit.id}/", CALL | {"visited_date": day.isoformat()})
    kind = StoreVisit.objects.all()[0].visit_kind
    page = desk.get("/visits/stores/", {"kind": kind})
    rows = {row[0].text: (row[1].value, row[1].url) for row in page.context["chart"].table.rows}
    assert {name: count for name, (count, _url) in rows.items()} == {"Nanjing Road": 2, "West Lake": 1}
    for count, url in rows.values():
        assert desk.get(url).context["page"].paginator.count == count
    assert {
        (count, desk.get(url).context["page"].paginator.count) for *_rest, count, url in page.context["weakest"]
    } == {(3, 3)}
    form = {"title": "Pass it on", "due_date": day.isoformat(), "state": "planned", "source": f"visit:{visit.id}"}
    made = desk.post("/complaints/improvements/new/", form)
    assert "Pass it on" in desk.get(f"/visits/{visit.id}/").content.decode()
    assert f"/visits/{visit.id}/" in desk.get(made["Location"]).content.decode()
