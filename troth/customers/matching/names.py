"""Names of people, Chinese and Western, brought to forms that can be compared and searched."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Family names of two characters that are met in daily life; everything else is taken as one.
_COMPOUND = (
    "欧阳 司马 上官 诸葛 司徒 东方 独孤 南宫 夏侯 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 端木 轩辕 西门 司空 歐陽 諸葛"
)
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())

# Characters that are read otherwise when they are a family name.
_READINGS = "曾:zeng 单:shan 單:shan 仇:qiu 解:xie 查:zha 盖:ge 朴:piao 翟:zhai 区:ou 尉迟:yuchi 繁:po 乐:yue 覃:qin"
SURNAME_READINGS = dict(pair.split(":") for pair in _READINGS.split())

# Everyday short forms of English given names, after the form that papers carry.
_SHORT_FORMS = """
alexander alex sandy|andrew andy drew|anthony tony|benjamin ben benny|catherine cathy kate katie
charles charlie chuck|christopher chris|daniel dan danny|david dave|deborah deb debbie|donald don donnie
edward ed eddie ted|elizabeth liz beth betty lizzie eliza|frederick fred|gregory greg|jacob jake
james jim jimmy jamie|jeffrey jeff|jennifer jen jenny|john jack johnny|jonathan jon|joseph joe joey
joshua josh
katherine kathy kat|kenneth ken kenny|kimberly kim|lawrence larry|margaret maggie meg peggy|matthew matt
michael mike mick|nicholas nick|pamela pam|patricia pat patty tricia|patrick paddy|peter pete|philip phil
rebecca becky|richard rick dick rich|robert bob rob bobby|ronald ron|samantha sam|samuel sammy|stephen steve
steven stevie|susan sue susie|theodore theo|thomas tom tommy|timothy tim|victoria vicky|walter walt
william will bill billy|zachary zach
"""
NICKNAMES = {
    short: names.split()[0]
    for names in _SHORT_FORMS.strip().replace("\n", "|").split("|")
    for short in names.split()[1:]
}

_TITLES = re.compile(r"\b(mr|mrs|ms|miss|mx|dr|prof|sir|madam|jr|sr|md|dds|phd|dvm)\b\.?")
_HAN_TITLES = re.compile(r"(先生|女士|小姐|太太|老师|同学|经理)$")
_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿𠀀-𲎯]")
_NOT_NAME = re.compile(r"[^a-z㐀-䶿一-鿿豈-﫿𠀀-𲎯]+")


@dataclass(frozen=True, slots=True)
class NameForms:
    """One name in the forms in which it is compared. Empty strings where a form does not exist.

    full: letters or characters only; latin: in Latin letters, family name first where known, parts joined by
    spaces; letters: the Latin letters sorted, equal for every order and spacing of the same parts.
    """

    full: str
    family: str
    given: str
    latin: str
    letters: str
    initials: str
    parts: tuple[str, ...]
    is_han: bool


def fold(text: str) -> str:
    """Return text without width, case, accents and invisible characters: "ＷＡＮＧ José" → "wang jose"."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    bare = (c for c in unicodedata.normalize("NFKD", wide) if not unicodedata.combining(c))
    return "".join(c for c in bare if unicodedata.category(c) != "Cf").strip()


def has_han(text: str) -> bool:
    """Tell whether the text holds a Chinese character."""
    return _HAN.search(text) is not None


def split_han(name: str) -> tuple[str, str]:
    """Return the family and the given name of a name in Chinese characters."""
    size = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:size], name[size:]


@lru_cache(maxsize=65_536)
def pinyin(han: str) -> str:
    """Return the syllables of Chinese characters without tones, joined."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415  its dictionaries load half a second: not at every start

    return "".join(lazy_pinyin(han))


def surname_pinyin(family: str) -> str:
    """Return the reading of a family name, which may differ from the character's usual one (曾 → zeng)."""
    return SURNAME_READINGS.get(family) or pinyin(family)


def name_forms(full_name: str, family_name: str = "", given_name: str = "") -> NameForms:
    """Return the comparable forms of a name; parts that are not known are guessed from the whole."""
    whole = fold(full_name or _joined(family_name, given_name))
    if has_han(whole):
        return _han_forms(whole, fold(family_name), fold(given_name))
    return _latin_forms(whole, fold(family_name), fold(given_name))


def _joined(family: str, given: str) -> str:
    return f"{family}{given}" if has_han(family + given) else f"{given} {family}"


def _han_forms(whole: str, family: str, given: str) -> NameForms:
    name = _HAN_TITLES.sub("", _NOT_NAME.sub("", whole))
    if not family or not given or not name.startswith(family):
        family, given = split_han(name)
    sounds = (surname_pinyin(family), pinyin(given) if given else "")
    return _forms(name, family, given, [part for part in sounds if part], is_han=True)


def _latin_forms(whole: str, family: str, given: str) -> NameForms:
    if "," in whole and not family:  # "Smith, John"
        family, _, given = whole.partition(",")
        whole = f"{given} {family}"
    parts = _latin_parts(whole)
    family_parts = _latin_parts(family) or parts[-1:]
    given_parts = _latin_parts(given) or parts[:-1]
    ordered = [NICKNAMES.get(part, part) for part in (*family_parts, *given_parts)] or parts
    return _forms("".join(parts), "".join(family_parts), "".join(given_parts), ordered, is_han=False)


def _latin_parts(text: str) -> list[str]:
    return [part for part in _NOT_NAME.split(_TITLES.sub(" ", text).replace("'", "")) if part]


def _forms(full: str, family: str, given: str, sounds: list[str], *, is_han: bool) -> NameForms:
    latin = " ".join(sounds)
    return NameForms(
        full=full,
        family=family,
        given=given,
        latin=latin,
        letters="".join(sorted(latin.replace(" ", ""))),
        initials="".join(sorted(part[0] for part in sounds)),
        parts=tuple(sounds),
        is_han=is_han,
    )


def compare_names(one: NameForms, other: NameForms) -> str:
    """Return the outcome of comparing two names, in the codes of `comparisons.NAME`; "unknown" without a name."""
    if not one.letters or not other.letters:
        return "unknown"
    if one.full == other.full:
        return "same"
    if one.letters == other.letters:
        return "sounds_same" if one.is_han and other.is_han else "other_form"
    fewer, more = sorted((set(one.parts), set(other.parts)), key=len)
    if len(fewer) >= 2 and fewer < more:
        return "part_missing"
    if one.given == other.given and len(one.given) >= 2:
        return "given_same"
    return "family_same" if one.parts[0] == other.parts[0] else "different"
