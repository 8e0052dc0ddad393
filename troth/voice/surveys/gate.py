"""The gate that keeps promotion from whoever has just given a bad score. Service messages pass."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.customers.models import ConsentPurpose
from troth.kit import clock
from troth.messaging.services import Candidate, Gate, Result, Verdict
from troth.staff import queries as staff
from troth.value.voice.bands import BANDS, ScoreKind

from ..models import VoiceStanding
from . import queries

CODE = "fresh_detractor"
ORDER = 110


def explain(verdict: Verdict) -> str:
    """Return the verdict as a sentence."""
    if verdict.result is Result.PASS:
        return gettext("No bad score was given lately.")
    values = verdict.values
    company = staff.company_or_none()
    until = clock.business_date(datetime.fromisoformat(values["until"]), company.time_zone if company else "UTC")
    text = gettext("%(kind)s of %(score)s, a bad score: no promotion until %(day)s.")
    return text % {"kind": str(values["kind"]).upper(), "score": values["score"], "day": date_format(until)}


def judge(candidates: Sequence[Candidate], now: datetime) -> list[Verdict]:
    """Stop marketing to customers whose last score of a kind is bad and fresh; say which score, and until when."""
    asked = {one.records[0] for one in candidates if one.intent.purpose == ConsentPurpose.MARKETING}
    standings = {row.owner_id: row for row in VoiceStanding.objects.filter(owner_id__among=asked)} if asked else {}
    days = timedelta(days=queries.asking_rules().detractor_days)
    return [_verdict(one, standings.get(one.records[0]), days, now) for one in candidates]


def _verdict(one: Candidate, standing: VoiceStanding | None, days: timedelta, now: datetime) -> Verdict:
    if standing is None or one.intent.purpose != ConsentPurpose.MARKETING:
        return Verdict(CODE, Result.PASS)
    for kind, band in BANDS.items():
        values = _bad(standing, kind, band.bad_to, days, now)
        if values:
            return Verdict(CODE, Result.STOP, values)
    return Verdict(CODE, Result.PASS)


def _bad(standing: VoiceStanding, kind: ScoreKind, bad_to: int, days: timedelta, now: datetime) -> dict[str, Any]:
    score, moment = getattr(standing, f"{kind}_score"), getattr(standing, f"{kind}_at")
    if score is None or moment is None or score > bad_to or moment + days <= now:
        return {}
    return {"kind": str(kind), "score": score, "until": (moment + days).isoformat()}


GATE = Gate(CODE, _("No promotion after a bad score"), ORDER, judge, explain)
