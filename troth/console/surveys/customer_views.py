"""What one customer was asked and said."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.customers import page
from troth.console.guard import ConsoleRequest, requires
from troth.value.voice.bands import ScoreKind
from troth.voice.models import AnswerSheet, Invitation
from troth.voice.surveys import queries
from troth.voice.surveys.document.reading import stored_document
from troth.voice.surveys.scoring import score_kind

from .answer_views import sheet_rows
from .customer_page import card
from .frame import tone_of
from .words import gate_words, spared_words

SHOWN = 50


@dataclass(frozen=True, slots=True)
class AskedRow:
    """An invitation with why it was not sent, if it was not."""

    row: Invitation
    why: str


@require_safe
@requires(Permission.CUSTOMERS_VIEW, Permission.SURVEYS_VIEW)
def customer(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show every answer sheet and invitation of a customer."""
    shown = page.profile_of(request, customer_id)
    if shown.customer.id != customer_id:
        return redirect("surveys:customer", shown.customer.id)
    sheets = list(queries.sheets_of(customer_id).select_related("version")[:SHOWN])
    context = page.context_of(request, shown, "voice") | {
        "sheets": [_sheet(request, one) for one in sheets],
        "asked": [AskedRow(one, why(one)) for one in queries.invitations_of(customer_id)[:SHOWN]],
        "last": card(request, shown),
    }
    return render(request, "console/surveys/customer.html", context)


def why(row: Invitation) -> str:
    """Return why an invitation was not sent, "" if it was."""
    if not row.reasons:
        return ""
    first: dict[str, Any] = row.reasons[0]
    gates = [gate_words(code) for code in first.get("values", {}).get("gates", [])]
    return ", ".join(gates) or spared_words(first.get("code", ""))


def _sheet(request: ConsoleRequest, sheet: AnswerSheet) -> Any:
    document = stored_document(sheet.version.document)
    [row] = sheet_rows(request, [sheet], document)
    kind: ScoreKind | None = score_kind(document)
    return {"row": row, "tone": tone_of(kind, sheet.score)}
