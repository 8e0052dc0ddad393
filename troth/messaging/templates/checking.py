"""What is wrong with a text before it is published: Liquid that cannot be read, facts that nobody knows, gaps."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ..text_errors import RenderRefusedError, TemplateRefusedError
from . import facts, markup
from .document import BODY_KINDS, LANGUAGES, Document, EmailBody, TextBody
from .rendering import Ready, filled, ready

BUILT_IN = {"unsubscribe_url", "preferences_url", "logo_url"}
SMS_PART, SMS_PART_HAN = 160, 70  # characters of one SMS, and of one with Chinese in it
SUBJECT_LONG = 78


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend (`is_error`: before publishing) with its language and kind of body, "" for the whole."""

    language: str
    kind: str
    text: str
    is_error: bool = True


def problems(document: Document, *, purpose: str) -> list[Problem]:
    """Return everything that is wrong, errors first."""
    found = [*_gaps(document)]
    for language, kind, body in _bodies(document):
        found += _of_body(document, language, kind, body)
    return sorted(found, key=lambda problem: not problem.is_error)


def known_names(document: Document) -> set[str]:
    """Return every fact that a text of this template may name."""
    return set(facts.catalogue()) | {fact.code for fact in document.facts} | BUILT_IN


def examples(document: Document, language: str) -> dict[str, object]:
    """Return an example of every fact, for previews and for trying the text out."""
    is_chinese = language.startswith("zh")
    own = {fact.code: (fact.example_zh or fact.example) if is_chinese else fact.example for fact in document.facts}
    return {**facts.examples(language), **own}


def _bodies(document: Document) -> Iterator[tuple[str, str, EmailBody | TextBody]]:
    for language in LANGUAGES:
        bodies = document.languages.get(language)  # type: ignore[call-overload]  # one of its two keys
        for kind in BODY_KINDS:
            body = bodies.of(kind) if bodies else None
            if body is not None:
                yield language, kind, body


def _gaps(document: Document) -> Iterator[Problem]:
    if not document.kinds():
        yield Problem("", "", _("There is no text yet."))
    for kind in sorted(document.kinds()):
        written = {language for language, one, _body in _bodies(document) if one == kind}
        for language in set(LANGUAGES) - written:
            yield Problem(language, kind, _("No text in this language: its readers get the other one."), is_error=False)


def _of_body(document: Document, language: str, kind: str, body: EmailBody | TextBody) -> list[Problem]:
    found: list[Problem] = []
    if isinstance(body, EmailBody) and not body.subject.strip():
        found.append(Problem(language, kind, _("The e-mail has no subject.")))
    try:
        taken, made = ready(document, kind, language, language, has_footer=True, color="#000000", ink="#ffffff")
    except TemplateRefusedError as refusal:
        return [*found, Problem(language, kind, str(refusal))]
    unknown = sorted(made.names - known_names(document))
    for name in unknown:
        text = _(
            "Nobody knows the fact “%(name)s”: choose one of the list, or add it to the facts that the sender brings."
        )
        found.append(Problem(language, kind, text % {"name": name}))
    if not unknown:
        found += _tried(document, taken, kind, made)
    found += _bad_links(language, kind, body)
    return found


def _tried(document: Document, language: str, kind: str, made: Ready) -> list[Problem]:
    """Fill the text in with its examples: what cannot be computed shows now and not when it is sent."""
    try:
        text = filled(made, examples(document, language), language)
    except RenderRefusedError as refusal:
        return [Problem(language, kind, str(refusal))]
    if kind == "sms":
        return list(_sms_length(language, text.text))
    if kind == "email" and len(text.subject) > SUBJECT_LONG:
        return [Problem(language, kind, _("The subject is long: many phones show 40 characters."), is_error=False)]
    return []


def _sms_length(language: str, text: str) -> Iterator[Problem]:
    is_plain = text.isascii()
    single, part = (SMS_PART, 153) if is_plain else (SMS_PART_HAN, 67)
    if len(text) > single:
        parts = -(-len(text) // part)
        words = _("With the examples it has %(size)s characters and is paid as %(parts)s SMS.")
        yield Problem(language, "sms", words % {"size": len(text), "parts": parts}, is_error=False)


def _bad_links(language: str, kind: str, body: EmailBody | TextBody) -> Iterator[Problem]:
    if isinstance(body, EmailBody):
        for label in markup.bad_links(body.body):
            text = _(
                "The link “%(label)s” leads nowhere: an address begins with https://, mailto: or tel:, or is a fact."
            )
            yield Problem(language, kind, text % {"label": label})
