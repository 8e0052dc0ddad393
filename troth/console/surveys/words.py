"""Answers, needs, themes, reasons and gates in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from troth.messaging import gates
from troth.value.voice.drivers import Place
from troth.value.voice.kano import Need, Zone
from troth.voice.surveys.document.fields import HALF_WORDS, KANO_WORDS
from troth.voice.surveys.document.shapes import OTHER, Part, Question, QuestionType
from troth.voice.surveys.given import US
from troth.voice.surveys.shown import part_words

from .frame import language


def type_words() -> dict[str, str]:
    """Return what each type of question is called."""
    return {
        QuestionType.NPS: _("Recommendation, 0 to 10"),
        QuestionType.CSAT: _("Satisfaction, 1 to 5"),
        QuestionType.CES: _("Effort, 1 to 7"),
        QuestionType.SCALE: _("Scale"),
        QuestionType.CHOICE: _("One of several"),
        QuestionType.CHOICES: _("Several of several"),
        QuestionType.RANKING: _("Ranking"),
        QuestionType.MATRIX: _("Matrix"),
        QuestionType.VALUE: _("Delivered value, beside competitors"),
        QuestionType.KANO: _("Kano pair"),
        QuestionType.TEXT: _("In their own words"),
    }


def measure_words() -> dict[str, str]:
    """Return what each indicator of the loyalty index is called."""
    return {
        "": _("Nothing"),
        "satisfaction": _("Satisfaction"),
        "trust": _("Trust"),
        "recommend": _("Recommendation"),
        "preference": _("Preference over others"),
        "tolerance": _("Tolerance of a mistake"),
        "intention": _("Intention to stay"),
    }


def answer_words(question: Question, item: str, choice: str, number: int | None, text: str = "") -> str:
    """Return one stored answer as people say it."""
    said = language()
    options = {one.code: one.text.within(said) for one in (*question.options, *question.rows)}
    options[OTHER] = _("Something else")
    match question.type:
        case QuestionType.CHOICE | QuestionType.CHOICES:
            named = options.get(choice or item, choice or item)
            return f"{named}: {text}" if text else named
        case QuestionType.RANKING:
            return f"{number}. {options.get(item, item)}" if number else options.get(item, item)
        case QuestionType.MATRIX:
            return f"{options.get(item, item)}: {number}" if number is not None else options.get(item, item)
        case QuestionType.KANO:
            half = str(HALF_WORDS.get(item, item))
            return f"{half}: {KANO_WORDS.get(choice, choice)}" if choice else half
        case QuestionType.VALUE:
            return _value_words(question, item, number)
        case _:
            return text or ("" if number is None else str(number))


def _value_words(question: Question, item: str, number: int | None) -> str:
    who, _colon, part = item.partition(":")
    rivals = {one.code: one.text.within(language()) for one in question.rivals}
    named = _("We") if who == US else rivals.get(who, who)
    about = part_words().get(Part(part), part) if part in {one.value for one in Part} else part
    return f"{named}, {about}: {number}" if number is not None else f"{named}, {about}"


def who_words(question: Question) -> dict[str, str]:
    """Return what those rated in a delivered-value question are called."""
    return {US: _("We")} | {one.code: one.text.within(language()) for one in question.rivals}


def place_words() -> dict[str, str]:
    """Return what to do about a driver, by its place."""
    return {
        Place.FIX: _("Mend first"),
        Place.KEEP: _("Keep it up"),
        Place.WATCH: _("Watch"),
        Place.EASE: _("Enough as it is"),
    }


def need_words() -> dict[str, str]:
    """Return what each need of Kano is called."""
    return {
        Need.ATTRACTIVE: _("Delights"),
        Need.ONE_DIMENSIONAL: _("The more the better"),
        Need.MUST_BE: _("Taken for granted"),
        Need.INDIFFERENT: _("Nobody minds"),
        Need.REVERSE: _("Better without"),
        Need.QUESTIONABLE: _("Contradicts itself"),
    }


def zone_words() -> dict[str, str]:
    """Return what each zone of the needs map is called."""
    return {
        Zone.BASICS: _("Basics: expected, not spoken of"),
        Zone.SATISFACTION: _("Satisfaction: expected and asked for"),
        Zone.DELIGHT: _("Delight: not expected, asked for"),
        Zone.LOYALTY: _("Loyalty zone: neither expected nor asked for"),
    }


def theme_words() -> dict[str, str]:
    """Return what each theme is called."""
    return {
        "staff": _("Staff"),
        "quality": _("Quality"),
        "price": _("Price"),
        "waiting": _("Waiting time"),
        "delivery": _("Delivery"),
        "place": _("Store and surroundings"),
        "range": _("Range of goods"),
        "programme": _("Points and membership"),
        "app": _("App and website"),
        "after_sales": _("After-sales service"),
    }


def gate_words(code: str) -> str:
    """Return what stops a message, by the gate's code."""
    own = {
        "consent": _("no consent to surveys"),
        "address": _("no address for these channels"),
        "suppression": _("the address must not be written to"),
        "cap": _("had enough messages lately"),
        "caps": _("had enough messages lately"),
        "text": _("no text for these channels"),
    }
    registered = {one.code: str(one.label) for one in gates.registered()}
    return own.get(code) or registered.get(code, code)


def spared_words(reason: str) -> str:
    """Return why somebody was spared, by the reason's code."""
    words: Mapping[str, Any] = {
        "asked_lately": _("asked lately, in this or another survey"),
        "withheld": _("stopped by the send decision"),
        "full": _("the survey has all the answers it needs"),
        "closed": _("the survey is over"),
        "not_open": _("the survey is not open"),
        "erased": _("erased"),
        "unknown_customer": _("not known any more"),
    }
    return str(words.get(reason, reason))
