"""A survey's pages: shown by GET, which changes nothing; kept by POST, page by page."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from troth.access.actors import Actor
from troth.access.notes import SharedLimiter
from troth.kit.rates import RateLimiter, asker
from troth.portal.pages import language_of, page, public
from troth.staff import queries as staff
from troth.voice.present import present
from troth.voice.surveys import services
from troth.voice.surveys.document.shapes import Page, QuestionType
from troth.voice.surveys.errors import (
    AlreadyAnsweredError,
    AnswerRefusedError,
    AnswerTooLargeError,
    SurveyOverError,
    TooManyRequestsError,
)
from troth.voice.surveys.given import Given, from_form
from troth.voice.surveys.services import MAX_BODY, Paper
from troth.voice.surveys.shown import shown

COOKIE = "troth_device"
SALT = "troth.portal.survey-device"
A_YEAR = 365 * 24 * 3600
OPEN_PER_MINUTE = 30
"""Pages that one address may send by open links in a minute: a family or an office, no machine."""

_limiter: RateLimiter | SharedLimiter = SharedLimiter("troth.portal.open-survey", OPEN_PER_MINUTE)
Read = Callable[[bool], Paper]


@csrf_exempt  # the signed link is the proof, and browsers inside chat apps refuse cookies
@require_http_methods(["GET", "HEAD", "POST"])
@public
def personal(request: HttpRequest, token: str) -> HttpResponse:
    """Show or keep a page of a customer's own survey."""
    invitation_id, owner_id = services.read_token(token)

    def read(for_writing: bool) -> Paper:
        return services.personal_paper(invitation_id, owner_id, for_writing=for_writing)

    return _answer(request, read, Actor("member", str(owner_id), str(owner_id)), {})


@csrf_exempt  # nobody is signed in here: there is nothing that a foreign page could misuse
@require_http_methods(["GET", "HEAD", "POST"])
@public
def by_open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show or keep a page of the survey that anybody with the address may answer, once a device."""
    if request.method == "POST" and not _limiter.take(asker(request.META.get("REMOTE_ADDR", ""))).is_granted:
        raise TooManyRequestsError
    device = _device(request)

    def read(for_writing: bool) -> Paper:
        digest = hashlib.sha256(device.encode()).hexdigest()
        return services.open_paper(token, digest, for_writing=for_writing)

    signed = signing.dumps(device, salt=SALT)
    answer = _answer(request, read, Actor("member", "open", "open link"), {"device": signed})
    answer.set_cookie(
        COOKIE, signed, max_age=A_YEAR, path="/p/", secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return answer


def _device(request: HttpRequest) -> str:
    """Return the device by its cookie, by the form's own field where cookies are refused, or a new one."""
    given = [request.COOKIES.get(COOKIE, "")]
    if request.method == "POST":
        _refuse_large(request)
        given.append(request.POST.get("device", ""))
    for signed in given:
        try:
            return str(signing.loads(signed, salt=SALT))
        except signing.BadSignature:
            continue
    return secrets.token_urlsafe(16)


def _refuse_large(request: HttpRequest) -> None:
    """Refuse before anything is read.

    Raises:
        AnswerTooLargeError: the body is longer than any page of answers.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BODY:
        message = _("That is more than an answer can hold. Nothing of it was kept; please write less.")
        raise AnswerTooLargeError(message, limit=MAX_BODY)


def _answer(request: HttpRequest, read: Read, actor: Actor, hidden: Mapping[str, str]) -> HttpResponse:
    if request.method == "POST":
        return _kept(request, read, actor, hidden)
    paper = read(False)
    with translation.override(_language(request, paper)):
        try:
            services.refuse_over(paper, now=present())
        except (AlreadyAnsweredError, SurveyOverError) as over:
            return _over(request, paper, over, status=200 if paper.is_done else over.status)
        return _form(request, paper, _asked_for(request, paper), hidden)


def _kept(request: HttpRequest, read: Read, actor: Actor, hidden: Mapping[str, str]) -> HttpResponse:
    _refuse_large(request)
    code = request.POST.get("page", "")
    with translation.override(_language(request, read(False))):
        try:
            with transaction.atomic():
                paper = read(True)
                raw = _raw(request, paper, code)
                sheet = services.save_page(
                    paper, code, raw, actor=actor, now=present(), language=translation.get_language()
                )
        except AnswerRefusedError as refused:
            return _refused(request, read(False), code, hidden, refused)
        except (AlreadyAnsweredError, SurveyOverError) as over:
            return _over(request, read(False), over, status=over.status)
        following = services.route(read(False), translation.get_language()).after(sheet.page)
    query = {"lang": request.GET["lang"]} if "lang" in request.GET else {}
    if following is not None:
        query["page"] = following.code
    return HttpResponseRedirect(f"{request.path}?{urlencode(query)}" if query else request.path)


def _language(request: HttpRequest, paper: Paper) -> str:
    """Return the language: asked for, else of the customer, else of the browser if nobody is known, else the company's.

    A CSAT in the wrong language is worse than none.
    """
    if paper.invitation is None:
        return language_of(request)
    known = paper.invitation.language or staff.company().language
    return language_of(request, "zh-hans" if known.lower().startswith("zh") else "en")


def _raw(request: HttpRequest, paper: Paper, code: str) -> dict[str, Any]:
    found = paper.document.page(code)
    fields = {key: str(value) for key, value in request.POST.items()}
    return {one.code: from_form(one, fields, request.POST.getlist) for one in (found.questions if found else ())}


def _asked_for(request: HttpRequest, paper: Paper) -> Page:
    """Return the page asked for if it is on the way and the ones before it were sent, else the next to be answered."""
    way = services.route(paper, translation.get_language())
    pages = way.pages()
    following = (way.after(paper.sheet.page) if paper.sheet else None) or pages[0]
    if paper.sheet is None:
        return pages[0]
    wanted = next((one for one in pages if one.code == request.GET.get("page")), following)
    return wanted if pages.index(wanted) <= pages.index(following) else following


def _form(
    request: HttpRequest,
    paper: Paper,
    found: Page,
    hidden: Mapping[str, str],
    refused: AnswerRefusedError | None = None,
) -> HttpResponse:
    language = translation.get_language()
    way = services.route(paper, language)
    errors = {one.path: one.message for one in refused.problems} if refused else {}
    given = _typed(request, paper, found) if refused else _prefilled(request, paper, found)
    questions = [shown(one, given, language, error=errors.get(one.code, "")) for one in way.questions(found)]
    before = way.before(found.code)
    back = {"page": before.code} | ({"lang": request.GET["lang"]} if "lang" in request.GET else {}) if before else {}
    context = {
        "title": paper.document.title.within(language),
        "intro": paper.document.intro.within(language) if before is None else "",
        "page_title": found.title.within(language),
        "code": found.code,
        "questions": questions,
        "errors": [one for one in questions if one.error],
        "hidden": hidden,
        "back": f"?{urlencode(back)}" if back else "",
        "is_last": way.after(found.code) is None and not _has_more(paper, found),
        **_progress(paper, found),
    }
    return page(
        request, "portal/surveys/page.html", context, language=language, status=refused.status if refused else 200
    )


def _has_more(paper: Paper, found: Page) -> bool:
    """Tell whether a later page could still come, by what is answered on this one."""
    order = [one.code for one in paper.document.pages]
    later = paper.document.pages[order.index(found.code) + 1 :]
    return any(page.show_if or any(one.show_if for one in page.questions) for page in later)


def _progress(paper: Paper, found: Page) -> dict[str, int]:
    codes = [one.code for one in paper.document.pages]
    return {"place": codes.index(found.code) + 1, "count": len(codes)}


def _typed(request: HttpRequest, paper: Paper, found: Page) -> list[Given]:
    """Return what was typed on a refused page, as far as it can be shown again."""
    given: list[Given] = []
    for code, value in _raw(request, paper, found.code).items():
        question = paper.document.question(code)
        if question is None:
            continue
        try:
            given.extend(services.read_answers({code: question}, {code: value}))
        except AnswerRefusedError:
            if question.type is QuestionType.TEXT:
                given.append(Given(code, text=str(value)))
    return given


def _prefilled(request: HttpRequest, paper: Paper, found: Page) -> list[Given]:
    """Return what is kept, and the score that a button in a message named; a GET only fills it in."""
    given = services.kept(paper.sheet)
    score = request.GET.get("score", "")
    main = next((one for one in found.questions if one.code == paper.document.main), None)
    if main is None or not score or any(one.question == main.code for one in given):
        return given
    try:
        return [*given, *services.read_answers({main.code: main}, {main.code: score})]
    except AnswerRefusedError:
        return given


def _refused(
    request: HttpRequest, paper: Paper, code: str, hidden: Mapping[str, str], refused: AnswerRefusedError
) -> HttpResponse:
    found = paper.document.page(code)
    if found is None or found not in services.route(paper, translation.get_language()).pages():
        found = _asked_for(request, paper)
    return _form(request, paper, found, hidden, refused)


def _over(request: HttpRequest, paper: Paper, over: Exception, *, status: int) -> HttpResponse:
    language = translation.get_language()
    thanks = paper.document.thanks.within(language) or _("Your answers have arrived.")
    text = thanks if paper.is_done and request.method != "POST" else str(over)
    context = {"title": paper.document.title.within(language), "text": text, "is_done": paper.is_done}
    return page(request, "portal/surveys/over.html", context, language=language, status=status)
