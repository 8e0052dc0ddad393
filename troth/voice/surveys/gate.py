"""The gate that keeps promotion from whoever has just given a bad score. Service messages pass."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.customers.models import ConsentPurpose
from troth.messaging.services import Candidate, Gate, Result, Verdict
from troth.value.voice.bands import BANDS, ScoreKind

from ..models import VoiceStanding
from . import queries

CODE = "fresh_detractor"
ORDER = 110


def gate() -> Gate:
    """Return what is registered with messaging."""
    return Gate(CODE, _("No promotion after a bad score"), ORDER, judge)


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
