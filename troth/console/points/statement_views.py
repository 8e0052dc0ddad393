"""A member's statement as a CSV file: every movement with its reason, the newest first."""

import csv
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.customers import page
from troth.console.customers.exporting import escaped
from troth.console.guard import ConsoleRequest, requires
from troth.ledger import queries as ledger
from troth.ledger.models import PointCurrency

from .purse import currency_name
from .said import Narrator

P = Permission
AT_ONCE = 500


@require_safe
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW)
def statement(request: ConsoleRequest, customer_id: UUID, code: str) -> StreamingHttpResponse:
    """Hand out everything that moved in one currency."""
    shown, currency = page.profile_of(request, customer_id), ledger.currency(code)
    lines = list(_lines(shown.customer.id, currency))  # in the language of this request
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{currency.code}-{shown.customer.id}.csv"'
    return response


class _Line:
    """A file that hands back each line written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(customer_id: UUID, currency: PointCurrency) -> Iterator[str]:
    writer: Any = csv.writer(_Line())
    heads = (
        pgettext("points", "When"),
        pgettext("points", "Why"),
        _("About"),
        currency_name(currency),
        _("Balance"),
        _("Operation key"),
    )
    yield "\ufeff" + writer.writerow([escaped(head) for head in heads])
    before = None
    while page_of := ledger.statement(customer_id, currency.code, limit=AT_ONCE, before=before):
        narrator = Narrator(page_of)
        for line in page_of:
            said = narrator.say(line)
            cells = (
                timezone.localtime(line.occurred_at).isoformat(timespec="seconds"),
                said.text,
                said.detail,
                _number(line.moved, currency),
                _number(line.balance, currency),
                line.key,
            )
            yield writer.writerow([escaped(cell) for cell in cells])
        before = (page_of[-1].occurred_at, page_of[-1].transaction_id)


def _number(units: int, currency: PointCurrency) -> str:
    """Return an amount as a plain number, exact: 1250 of two places is 12.50."""
    sign, places = "-" if units < 0 else "", currency.decimals
    digits = str(abs(units)).rjust(places + 1, "0")
    return f"{sign}{digits[: len(digits) - places]}{'.' if places else ''}{digits[len(digits) - places :]}"
