"""Where the customer says whether a complaint was handled well. A GET changes nothing: mail scanners open links."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.portal.pages import page, public
from troth.voice.complaints import queries, services
from troth.voice.complaints.errors import CaseNotFoundError, CaseRefusedError, WordRefusedError
from troth.voice.complaints.queries import Asked
from troth.voice.models import Case, CaseState, Word
from troth.voice.present import present

_ANSWERS = {"yes": True, "no": False}


@csrf_exempt  # the signed link is the proof, and browsers inside chat apps refuse cookies
@require_http_methods(["GET", "HEAD", "POST"])
@public
def word(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, or keep the answer."""
    asked = queries.read_word_token(token, present())
    case = _case(asked)
    if request.method != "POST":
        return _shown(request, case, asked)
    answer = _ANSWERS.get(request.POST.get("good", ""))
    if answer is None:
        return _shown(request, case, asked, problem=_("Choose one of the two."), status=422)
    actor = Actor("member", str(case.customer_id or case.owner_id), case.number)
    try:
        case = services.say_word(
            actor=actor,
            now=present(),
            case_id=case.id,
            is_satisfied=answer,
            text=request.POST.get("text", ""),
            round_no=asked.round_no,
        )
    except CaseRefusedError as refusal:
        return _shown(request, case, asked, problem=str(refusal), status=refusal.status)
    except WordRefusedError:
        return _shown(request, _case(asked), asked)
    context = {"case": case, "is_satisfied": answer, "is_reopened": case.state == CaseState.WORKING}
    return page(request, "portal/complaints/thanked.html", context, language=case.language)


def _case(asked: Asked) -> Case:
    """Return the case; one of a person whose data are gone leads nowhere."""
    try:
        found = queries.case_by_id(asked.case_id)
    except CaseNotFoundError as missing:
        raise Http404 from missing
    person = customers.customer_or_none(found.customer_id) if found.customer_id else None
    if person is not None and person.erased_at is not None:
        raise Http404
    return found


def _shown(request: HttpRequest, case: Case, asked: Asked, *, problem: str = "", status: int = 200) -> HttpResponse:
    is_asked = case.state == CaseState.RESOLVED and case.word == Word.ASKED and case.round_no == asked.round_no
    context = {"case": case, "is_asked": is_asked, "problem": problem}
    return page(request, "portal/complaints/word.html", context, language=case.language, status=status)
