"""Doing something with a case: one address an act, each a POST that says which revision was seen."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import decimal
from troth.ledger import queries as ledger
from troth.ledger.errors import CurrencyUnknownError
from troth.voice.complaints import queries as complaints
from troth.voice.complaints import services
from troth.voice.complaints.errors import CaseRefusedError, RemedyRefusedError
from troth.voice.complaints.services import NewRemedy
from troth.voice.models import Case, CaseRemedy, RemedyKind, RemedyState
from troth.voice.present import present

from . import choices
from .case_views import found_case

P = Permission
_Act = Callable[[ConsoleRequest, Case, dict[str, Any]], str]


@require_POST
@requires(P.CASES_WORK)
def act(request: ConsoleRequest, number: str, act: str) -> HttpResponse:
    """Carry out an act; what it refuses is shown as a note on the page one came from."""
    found = found_case(number)
    if act not in _ACTS:
        raise Http404
    revision = request.POST.get("revision", "")
    common = {"actor": request.actor, "now": present(), "case_id": found.id}
    if act not in _UNSEEN and revision.isdecimal() and len(revision) < 10:
        common["revision"] = int(revision)
    said = _ACTS[act](request, found, common)
    messages.success(request, said)
    return redirect("complaints:case", found.number)


@require_POST
@requires(P.CASES_VIEW)
def decide_remedy(request: ConsoleRequest, remedy_id: UUID, answer: str) -> HttpResponse:
    """Approve a remedy, or turn it down."""
    decide = {"approve": services.approve_remedy, "decline": services.decline_remedy}.get(answer)
    if decide is None:
        raise Http404
    remedy: CaseRemedy = decide(actor=request.actor, now=present(), remedy_id=remedy_id)
    is_given = remedy.remedy_state == RemedyState.GIVEN
    messages.success(request, _("The remedy is given.") if is_given else _("The remedy is turned down."))
    if request.POST.get("back") == "list":
        return redirect("complaints:remedies")
    return redirect("complaints:case", complaints.case_by_id(remedy.case_id).number)


def _take(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    mine = choices.member_of(request.user.pk)
    if mine is None:
        raise CaseRefusedError(_("Your login belongs to no member of staff; an administrator can change that."))
    services.assign_case(assignee_id=mine.id, **common)
    return _("The case is yours.")


def _assign(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    assignee_id = choices.staff_id(request.POST.get("assignee", ""))
    services.assign_case(team=request.POST.get("team", ""), assignee_id=assignee_id, **common)
    return _("The case is assigned.")


def _acknowledge(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    services.acknowledge_case(**common)
    return _("Noted that the customer knows.")


def _assess(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    services.assess_case(
        category=request.POST.get("category", ""),
        severity=request.POST.get("severity", ""),
        is_safety=bool(request.POST.get("is_safety")),
        **common,
    )
    return _("The case is assessed; its deadlines follow.")


def _note(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    services.add_note(text=request.POST.get("text", ""), **common)
    return _("The note is kept.")


def _write(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    awaits = bool(request.POST.get("awaits_answer"))
    services.write_to_customer(text=request.POST.get("text", ""), awaits_answer=awaits, **common)
    return _("Written. The clocks stand still until the customer answers.") if awaits else _("Written.")


def _name(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    customer_id = choices.staff_id(request.POST.get("customer", ""))
    if customer_id is None:
        raise CaseRefusedError(_("Choose one of the customers found."), field="customer")
    services.name_customer(customer_id=customer_id, **common)
    return _("The customer is named. Offers and surveys to them are silent while the case is open.")


def _said(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    services.note_from_customer(text=request.POST.get("text", ""), **common)
    return _("What the customer said is kept.")


def _words(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    whose = request.POST.get("whose")
    entry_id = choices.staff_id(request.POST.get("entry", ""))
    if whose not in {"customer", "stranger"} or entry_id is None:
        raise CaseRefusedError(_("Choose one of the two."), field="whose")
    services.judge_words(entry_id=entry_id, is_customer=whose == "customer", **common)
    if whose == "customer":
        return _("Noted as the customer's; the case goes by it.")
    return _("Noted as a stranger's; the case stays as it is.")


def _go_on(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    services.go_on(**common)
    return _("The clocks run again.")


def _cause(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    services.set_cause(cause=request.POST.get("cause", ""), **common)
    return _("The cause is named.")


def _resolve(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    services.resolve_case(
        verdict=request.POST.get("verdict", ""),
        text=request.POST.get("text", ""),
        cause=request.POST.get("cause", ""),
        is_final=bool(request.POST.get("is_final")),
        **common,
    )
    return _("Decided. The customer is asked whether it was good.")


def _word(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    good = request.POST.get("good")
    if good not in {"yes", "no"}:
        raise CaseRefusedError(_("Choose one of the two."), field="good")
    services.say_word(is_satisfied=good == "yes", text=request.POST.get("text", ""), **common)
    return _("The customer's word is noted.")


def _close(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    services.close_case(cause=request.POST.get("cause", ""), **common)
    return _("The case is closed.")


def _reopen(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    services.reopen_case(note=request.POST.get("text", ""), **common)
    return _("The case is taken up again.")


def _reject(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    services.reject_case(note=request.POST.get("text", ""), **common)
    return _("Put away: it is no complaint.")


def _merge(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    into = found_case(request.POST.get("into", ""))
    services.merge_cases(into_id=into.id, **common)
    return _("Merged into case %(number)s.") % {"number": into.number}


def _remedy(request: ConsoleRequest, found: Case, common: dict[str, Any]) -> str:
    remedy = services.give_remedy(new=_new_remedy(request), **common)
    if remedy.remedy_state == RemedyState.WAITING:
        return _("That is more than one person may give: it waits for a second one.")
    return _("The remedy is given.")


def _new_remedy(request: ConsoleRequest) -> NewRemedy:
    given = {name: request.POST.get(name, "").strip() for name in ("kind", "key", "note", "amount")}
    head: dict[str, Any] = {"kind": given["kind"], "key": given["key"], "note": given["note"]}
    if given["kind"] == RemedyKind.COUPON:
        return NewRemedy(campaign=request.POST.get("campaign", ""), **head)
    amount = decimal(given["amount"].replace(",", ""))
    if amount is None:
        raise RemedyRefusedError(_("Write a number, for example 50."), field="amount")
    if given["kind"] == RemedyKind.REFUND:
        return NewRemedy(amount=amount, currency=request.POST.get("currency", ""), **head)
    code = request.POST.get("point_currency", "")
    return NewRemedy(points=_units(amount, code), point_currency=code, **head)


def _units(amount: Decimal, code: str) -> int:
    """Return points as the ledger counts them: in the smallest unit."""
    try:
        places = ledger.currency(code).decimals
    except CurrencyUnknownError as error:
        raise RemedyRefusedError(str(error), field="point_currency") from error
    units = amount.scaleb(places) if amount.is_finite() else Decimal("0.5")
    if units != units.to_integral_value() or abs(units) > 10**12:
        raise RemedyRefusedError(_("Write a number of points that can be given."), field="amount")
    return int(units)


_ACTS: dict[str, _Act] = {
    "take": _take,
    "assign": _assign,
    "acknowledge": _acknowledge,
    "assess": _assess,
    "note": _note,
    "name": _name,
    "write": _write,
    "said": _said,
    "words": _words,
    "go-on": _go_on,
    "cause": _cause,
    "resolve": _resolve,
    "word": _word,
    "close": _close,
    "reopen": _reopen,
    "reject": _reject,
    "merge": _merge,
    "remedy": _remedy,
}
_UNSEEN = {"note", "said", "words", "word", "merge", "remedy"}
"""What may be done on whatever stands there now."""
