"""Information value: what customers' words tell us, seen by rule and by people."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.events.models import COMPANY_OWNER
from troth.value.voice.texts import information

from ..models import AnswerSheet, InformationKind, InformationTag
from . import queries
from .document.shapes import SurveyDocument
from .errors import SurveyRefusedError
from .given import Given

if TYPE_CHECKING:
    from uuid import UUID

MOST_SIGN = 80


def tag_by_rule(
    sheet: AnswerSheet, document: SurveyDocument, given: Sequence[Given], *, actor: Actor, now: datetime
) -> None:
    """Keep what a finished sheet's words tell us; in the caller's transaction."""
    rivals = [name for one in document.questions() for rival in one.rivals for name in (rival.text.en, rival.text.zh)]
    seen = {
        (one.question, found.kind): found.sign
        for one in given
        if one.text
        for found in information(one.text, rivals=rivals)
    }
    InformationTag.objects.bulk_create(
        InformationTag(
            owner_id=sheet.owner_id,
            sheet_id=sheet.id,
            question=question,
            information_kind=kind,
            rule=sign[:MOST_SIGN],
            tagged_at=now,
            tagged_by=actor.code,
        )
        for (question, kind), sign in seen.items()
    )
    _tell(sheet, sorted({kind for _question, kind in seen}), is_removed=False, actor=actor, now=now)


@transaction.atomic
def tag(
    *, actor: Actor, now: datetime, sheet_id: "UUID", question: str, kind: str, is_removed: bool = False
) -> InformationTag:
    """Put a tag on an answer by hand, or take one off; the rule does not set again what a person took off.

    Raises:
        SheetNotFoundError: no such sheet.
        SurveyRefusedError: no such kind of information, or the sheet has no such answer.
    """
    sheet = queries.sheet(sheet_id)
    if kind not in InformationKind.values:
        raise SurveyRefusedError(_("“%(kind)s” is no kind of information.") % {"kind": kind[:40]}, field="kind")
    if question not in {row.question for row in queries.answers([sheet_id]).get(sheet_id, [])}:
        raise SurveyRefusedError(_("The answer sheet has no such answer."), field="question", value=question[:40])
    row, _is_new = InformationTag.objects.update_or_create(
        owner_id=sheet.owner_id,
        sheet_id=sheet.id,
        question=question,
        information_kind=kind,
        defaults={"rule": "", "is_removed": is_removed, "tagged_at": now, "tagged_by": actor.code},
    )
    _tell(sheet, [kind], is_removed=is_removed, actor=actor, now=now)
    return row


def _tell(sheet: AnswerSheet, kinds: Sequence[str], *, is_removed: bool, actor: Actor, now: datetime) -> None:
    customer_id = None if sheet.owner_id == COMPANY_OWNER else sheet.owner_id
    events.append_many(
        [
            events.NewEvent(
                "voice.information.tagged",
                customer_id,
                {"sheet": str(sheet.id), "kind": kind, "removed": is_removed},
            )
            for kind in kinds
        ],
        actor=actor,
        now=now,
    )
