"""One word per idea: the catalogues translate the glossary's words as the glossary does."""

import re
from collections import defaultdict

import pytest
from babel.messages.pofile import read_po

from tests.house.files import ROOT, shown, tracked

PAGE = ROOT / "docs" / "glossary.md"
ROW = re.compile(r"^\| ([A-Za-z][\w -]*?) \| (\S[^|]*?) \| ([^|]+) \|$", flags=re.MULTILINE)
TERMS = {english: chinese for english, chinese, _ in ROW.findall(PAGE.read_text(encoding="utf-8")) if chinese != "中文"}
CATALOGUES = tracked("*.po")


def translations(path) -> dict[str, set[str]]:
    """Return the plain messages of a catalogue, lower case, with every translation they have in it."""
    found: dict[str, set[str]] = defaultdict(set)
    with path.open("rb") as file:
        for message in read_po(file):
            if message.id and isinstance(message.id, str) and message.string and not message.context:
                found[message.id.lower()].add(str(message.string))
    return found


def plural(term: str) -> str:
    return term[:-1] + "ies" if term.endswith("y") else f"{term}s"


def test_the_glossary_is_read():
    assert TERMS["customer"] == "客户"
    assert len(TERMS) >= 30


def test_no_two_terms_share_a_chinese_word():
    by_chinese = defaultdict(list)
    for english, chinese in TERMS.items():
        by_chinese[chinese].append(english)
    assert {chinese: terms for chinese, terms in by_chinese.items() if len(terms) > 1} == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=shown)
def test_a_catalogue_translates_each_term_as_the_glossary_does(path):
    found = translations(path)
    wrong = {
        form: found[form]
        for term, chinese in TERMS.items()
        for form in (term.lower(), plural(term.lower()))
        if form in found and found[form] != {chinese}
    }
    assert wrong == {}
