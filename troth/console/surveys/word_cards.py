"""Keywords, themes and information as rows, each leading to its answers."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from troth.console.components import Tone
from troth.value.voice.texts import SURE
from troth.voice.models import InformationKind
from troth.voice.surveys.results import Results, Said

from .frame import behind, side_labels
from .words import theme_words

TONES: dict[str, Tone] = {"need": "info", "idea": "brand", "competitor": "warn", "praise": "good"}


@dataclass(frozen=True, slots=True)
class Row:
    """A word, theme or kind with its number of answers. share: of the commonest, for the bar; note: which side leans
    to it.
    """

    label: str
    count: int
    share: float
    url: str
    note: str = ""
    tone: Tone = "neutral"


def keyword_rows(found: Results, said: Said) -> list[Row]:
    """Return the commonest words, and whose words they are."""
    most = max((one.texts for one in said.keywords), default=1)
    sides = side_labels(found.kind)
    rows = []
    for one in said.keywords:
        is_bad = one.lean is not None and one.lean > SURE
        is_good = one.lean is not None and one.lean < -SURE
        note = sides["bad"] if is_bad else sides["good"] if is_good else ""
        tone: Tone = "bad" if is_bad else "good" if is_good else "neutral"
        url = behind(found, word=one.word)
        rows.append(Row(one.word, one.texts, one.texts / most, url, note, tone))
    return rows


def theme_rows(found: Results, said: Said) -> list[Row]:
    """Return the themes, with how many of their answers come from the bad side."""
    words = theme_words()
    most = max((count for _name, count, _bad in said.themes), default=1)
    bad_side = side_labels(found.kind)["bad"]
    return [
        Row(
            words.get(name, name),
            count,
            count / most,
            behind(found, theme=name),
            _("%(count)d by %(side)s") % {"count": bad, "side": bad_side.lower()} if bad else "",
            "bad" if bad * 2 > count else "neutral",
        )
        for name, count, bad in said.themes
    ]


def information_rows(found: Results, said: Said) -> list[Row]:
    """Return how many answers hold each kind of information."""
    most = max(said.information.values(), default=1)
    return [
        Row(
            str(kind.label),
            said.information.get(kind.value, 0),
            said.information.get(kind.value, 0) / most,
            behind(found, tag=kind.value),
            tone=TONES[kind.value],
        )
        for kind in InformationKind
    ]
