"""What must hold of journeys: what was counted equals what is there, and nobody goes through twice at once."""

from django.db import connection
from django.utils.translation import gettext_lazy as _

from troth.care.models import JourneyRun, JourneyTally, JourneyVisit
from troth.kit.proofs import Proof

_RUN, _VISIT, _TALLY = (model._meta.db_table for model in (JourneyRun, JourneyVisit, JourneyTally))

_COUNTED = f"""
SELECT t.version_id, t.step, t.outcome, t.counted, v.found FROM
 (SELECT version_id, step, outcome, SUM(count) AS counted FROM {_TALLY} WHERE step NOT LIKE '<%%'
  GROUP BY version_id, step, outcome) t
 LEFT JOIN (SELECT version_id, step, outcome, COUNT(*) AS found FROM {_VISIT} GROUP BY version_id, step, outcome) v
 ON v.version_id = t.version_id AND v.step = t.step AND v.outcome = t.outcome
WHERE v.found IS NULL OR v.found <> t.counted"""  # noqa: S608  own names

_RESTLESS = f"SELECT id FROM {_RUN} WHERE state = 'active' AND due_at IS NULL"  # noqa: S608  own names


def _number(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({statement}) broken", [])  # noqa: S608  own names
        return int(cursor.fetchone()[0])


def _first(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} LIMIT 1", [])
        row = cursor.fetchone()
    return " ".join(str(one) for one in row) if row else ""


PROOFS = [
    Proof(
        "care.steps_counted",
        _("What was counted at every step of a journey is what people's visits say."),
        lambda: _number(_COUNTED),
        lambda: _first(_COUNTED),
    ),
    Proof(
        "care.nobody_forgotten",
        _("Everybody under way in a journey has a moment at which they go on."),
        lambda: _number(_RESTLESS),
        lambda: _first(_RESTLESS),
    ),
]
