"""The ready-made texts: complete in both languages, sound, and for a customer of whom hardly anything is known."""

import pytest

from troth.messaging import starters, templates
from troth.messaging.models import Template
from troth.messaging.templates.checking import problems
from troth.messaging.templates.document import parsed

from .conftest import ACTOR, NOW, rendered

CODES = (
    *("welcome", "thank_you", "first_repeat", "birthday", "lunar_birthday", "festival", "anniversary", "new_product"),
    *("points_expiring", "sleeping", "lost", "after_low_score", "after_high_score"),
    *("order_placed", "order_paid", "order_dispatched", "order_received", "complaint_received", "complaint_resolved"),
    *("request_received", "request_scheduled", "request_done", "return_visit", "training_booked"),
    "training_invitation",
    *("training_waiting", "training_seat", "training_changed"),
    "training_cancelled",
    *("survey_invitation", "survey_reminder", "confirm_consent"),
)


@pytest.mark.slow
def test_the_codes_that_journeys_use_are_there():
    assert set(starters.starters()) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_nothing_is_to_mend_in_any_language(code):
    purpose = starters.starters()[code]["purpose"]
    assert [one.text for one in problems(parsed(starters.document_of(code)), purpose=purpose) if one.is_error] == []
    gaps = [one for one in problems(parsed(starters.document_of(code)), purpose=purpose) if "language" in one.text]
    assert gaps == []


SESSION = {"course": "Tea", "course_zh": "品茶", "training_date": "2026-11-25", "training_hours": "10:00–12:00"}
REQUEST = {"request_number": "SR-7K3M-Q9TX", "request_title": "It hums", "request_url": "https://shop.example/r"}

# What no journey can leave out: without it the text says nothing.
NEEDED = {
    "points_expiring": {"points_expiring": 300, "points_expiring_date": "2026-12-31"},
    "survey_invitation": {"survey_url": "https://shop.example/s"},
    "request_received": REQUEST,
    "request_scheduled": REQUEST | {"appointment_date": "2026-11-25", "appointment_hours": "10:00–12:00"},
    "request_done": REQUEST,
    "training_booked": SESSION | {"training_url": "https://shop.example/t"},
    "training_invitation": SESSION | {"training_url": "https://shop.example/t"},
    "training_waiting": SESSION | {"training_url": "https://shop.example/t"},
    "training_seat": SESSION | {"training_url": "https://shop.example/t"},
    "training_changed": SESSION | {"training_url": "https://shop.example/t"},
    "training_cancelled": SESSION,
    "survey_reminder": {"survey_url": "https://shop.example/s"},
    "confirm_consent": {"confirm_url": "https://shop.example/c"},
}


@pytest.mark.slow
def test_nothing_is_missing_for_somebody_hardly_known(company, smith):
    starters.install(actor=ACTOR, now=NOW)
    for code in CODES:
        for language in ("zh-hans", "en"):
            for kind in ("email", "text"):
                found = rendered(code, smith.id, channel=kind, language=language, facts=NEEDED.get(code, {}))
                assert (found.refused, found.missing) == ("", ()), (code, language, kind)
                assert "{" not in found.text + found.subject, (code, language, kind)


def test_installing_again_keeps_what_was_changed(company):
    assert starters.install(actor=ACTOR, now=NOW, codes=["welcome", "lost"]) == ["welcome", "lost"]
    templates.save_draft(actor=ACTOR, now=NOW, code="lost", revision=1, name="Ours", purpose="marketing", document={})
    assert starters.install(actor=ACTOR, now=NOW, codes=["welcome", "lost", "birthday"]) == ["birthday"]
    assert Template.objects.get(code="lost").name == "Ours"
