"""Compares pages for people with their Chinese twins, section by section, and keeps from what a twin was written.

    python -m tools.twins     once a twin says again what its English page says

docs/zh-Hans/sections.json has a mark of every English section, as it was when its twin was last looked at: a sentence
that changes without any figure shows by it. Marks are written only where nothing else differs.
"""

import calendar
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "zh-Hans"
# References written from the program, pages for those who build Troth, and one that is in both languages itself.
ENGLISH_ONLY = {
    "benchmarks.md", "cli.md", "events.md", "glossary.md", "permissions.md", "settings.md", "soak.md", "speed.md",
}  # fmt: skip
# The same picture in each language.
PICTURES = {"overview.png": "overview-zh-dark.png", "overview-zh-dark.png": "overview.png"}
DATE = re.compile(rf"\b(\d+) ({'|'.join(calendar.month_name[1:])})\b")
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
COMMENT = re.compile(r"(?:^|(?<=\s))#(?:\s.*)?$", re.MULTILINE)
HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
# A line's end between two Chinese signs is printed as a space; a star that is printed marks nothing.
TORN = re.compile(r"[\u4e00-\u9fff，。；：、）]\n[\u4e00-\u9fff（“]|\*")
ARROW = re.compile(r"[→›]")
WORD = re.compile(r"[A-Za-z]{2,}")
KINDS = {"bullet_list_open": "list", "ordered_list_open": "numbered list", "list_item_open": "item"} | {
    "paragraph_open": "paragraph", "table_open": "table", "fence": "code", "code_block": "code",
    "blockquote_open": "quotation", "html_block": "HTML",
}  # fmt: skip


@dataclass
class Section:
    """What stands under one heading, up to the next; before the first heading, the level is 0."""

    level: int
    title: str = ""
    blocks: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    tables: list[list[int]] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    spans: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    menus: list[list[str]] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The anchor that GitHub gives to the heading."""
        return re.sub(r"[^\w\- ]", "", self.title.strip().lower()).replace(" ", "-")

    @property
    def mark(self) -> str:
        """Eight signs by which it shows whether the section still says the same; line breaks do not count."""
        said = " ".join(" ".join([self.title, *self.texts, *self.spans, *self.links, *self.codes]).split())
        return sha256(said.encode()).hexdigest()[:8]

    @property
    def body(self) -> tuple[object, ...]:
        """What is alike in both languages, to find the same section in the other."""
        return self.level, *self.blocks, *self.codes, *sorted(self.figures)

    def takes_text(self, inline: Token) -> None:
        """Take in a run of text: its words, figures, code and links."""
        text = ""
        for child in inline.children or []:
            if child.type == "code_inline":
                self.spans.append(child.content)
                text += " "
            elif child.type in ("softbreak", "hardbreak"):
                text += "\n"
            elif child.type == "html_inline":
                self.spans.append(child.content)
            else:
                text += child.content
            if child.type in ("link_open", "image"):
                self.links.append(unquote(str(child.attrs.get("href") or child.attrs.get("src"))))
        self.texts.append(text)
        self.figures += figures(text)
        self.menus += menus(inline.children or [])

    def takes_code(self, token: Token) -> None:
        """Take in a block of code; comments are for people and may differ, but not in their figures."""
        bare = COMMENT.sub("", token.content)
        lines = [token.info.strip(), *(line.rstrip() for line in bare.splitlines())]
        self.codes.append("\n".join(lines).strip("\n"))
        for comment in COMMENT.findall(token.content):
            self.figures += figures(comment)


def figures(text: str) -> list[str]:
    """Return the figures of a text; 1,000 is 1000, and a month beside its day is a figure in either language."""
    dated = DATE.sub(lambda found: f"{found[1]} {list(calendar.month_name).index(found[2])} ", text)
    return [found.replace(",", "") for found in FIGURE.findall(dated)]


def menus(children: list[Token]) -> list[list[str]]:
    """Return the ways through menus that a text tells, such as *Care → Tasks*: emphasised, with an arrow."""
    found: list[str] = []
    is_in = False
    for child in children:
        if child.type in ("em_open", "strong_open"):
            found.append("")
        is_in = child.type in ("em_open", "strong_open") or (is_in and child.type not in ("em_close", "strong_close"))
        if is_in:
            found[-1] += " " if child.type == "softbreak" else child.content
    return [[part.strip() for part in ARROW.split(text)] for text in found if ARROW.search(text)]


@cache
def sections(path: Path) -> list[Section]:
    """Return the sections of a page in their order."""
    found = [Section(0)]
    tokens = MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))
    for token, after in zip_longest(tokens, tokens[1:]):
        if token.type == "heading_open":
            found.append(Section(int(token.tag[1]), after.content))
        here = found[-1]
        if token.type in KINDS:
            here.blocks.append(KINDS[token.type])
        if token.type == "inline":
            here.takes_text(token)
        elif token.type in ("fence", "code_block"):
            here.takes_code(token)
        elif token.type == "table_open":
            here.tables.append([])
        elif token.type == "tr_open":
            here.tables[-1].append(0)
        elif token.type in ("th_open", "td_open"):
            here.tables[-1][-1] += 1
    return found


def twin(path: Path) -> Path:
    """Return where the Chinese twin of an English page stands, or would stand."""
    return path.with_name(f"README.{FOLDER}.md") if path.name == "README.md" else path.parent / FOLDER / path.name


def target(page: Path, link: str) -> tuple[str, str]:
    """Return where a link leads, as file and anchor; an address outside as it is."""
    if re.match(r"[a-z]+:", link):
        return link, ""
    name, _, anchor = link.partition("#")
    return str((page.parent / name).resolve() if name else page), anchor


def translated(page: Path, link: str) -> tuple[str, str]:
    """Return where the twin of an English page has to lead for this link: to the twin of what it leads to."""
    place, anchor = target(page, link)
    path = Path(place)
    if path.name in PICTURES:
        return str(path.with_name(PICTURES[path.name])), anchor
    if path.suffix != ".md" or not twin(path).is_file():
        return place, anchor
    if anchor:
        pairs = zip(sections(path), sections(twin(path)), strict=False)
        anchor = next((other.anchor for one, other in pairs if one.anchor == anchor), "(no such heading)")
    return str(twin(path)), anchor


def told(page: Path, to: tuple[str, str]) -> str:
    """Return where a link leads as the English page would write it."""
    place, anchor = to
    written = os.path.relpath(place, page.parent) if Path(place).is_absolute() else place
    return f"{written}#{anchor}" if anchor else written


def apart(english: Iterable[object], chinese: Iterable[object]) -> str:
    """Return what the one has more than the other, whatever the order; "" when they have the same."""
    ours, theirs = Counter(map(str, english)), Counter(map(str, chinese))
    only = [f"only in English: {', '.join((ours - theirs).elements())}"] if ours - theirs else []
    return "; ".join(only + ([f"only in Chinese: {', '.join((theirs - ours).elements())}"] if theirs - ours else []))


def unlike(english: Section, chinese: Section) -> Iterable[tuple[str, str]]:
    """Yield by what two sections differ, each with the difference; links are compared by `differences`."""
    if english.level != chinese.level:
        yield "level of the heading", f"{english.level} in English, {chinese.level} in Chinese"
    if english.blocks != chinese.blocks:
        same = next(
            (at for at, (one, other) in enumerate(zip(english.blocks, chinese.blocks, strict=False)) if one != other),
            min(len(english.blocks), len(chinese.blocks)),
        )
        rest = [", ".join(blocks[same:]) or "nothing" for blocks in (english.blocks, chinese.blocks)]
        yield "order of paragraphs, lists, tables", f"after {same} alike: {rest[0]} in English, {rest[1]} in Chinese"
    if english.tables != chinese.tables:
        yield "rows and columns of tables", f"{shape(english)} in English, {shape(chinese)} in Chinese"
    if english.codes != chinese.codes:
        yield "blocks of code", apart(lines(english.codes), lines(chinese.codes)) or "other order of lines"
    for name in ("figures", "spans"):
        if difference := apart(getattr(english, name), getattr(chinese, name)):
            yield {"spans": "code within the text"}.get(name, name), difference
    for text in chinese.texts:
        if len(WORD.findall(text)) > 2 and not HAN.search(text):
            yield "not in Chinese", text
        if found := TORN.search(text):
            yield "torn line or lost emphasis", text[max(0, found.start() - 10) : found.end() + 10]


def shape(section: Section) -> str:
    return ", ".join(f"{len(table)} × {max(table)}" for table in section.tables) or "no table"


def lines(codes: list[str]) -> list[str]:
    return [line for code in codes for line in code.splitlines()]


def differences(english: Path, chinese: Path) -> list[str]:
    """Return in what a page and its twin drifted apart: each with page, section and difference; none is well."""
    ours, theirs = sections(english), sections(chinese)
    page = "/".join(chinese.parts[-2:])
    if len(ours) != len(theirs):
        parts = SequenceMatcher(None, [one.body for one in ours], [one.body for one in theirs], autojunk=False)
        _, *ranges = next(part for part in parts.get_opcodes() if part[0] != "equal")
        titles = [
            f"“{half[at].title}”" if at < len(half) else "the end"
            for half, at in ((ours, ranges[0]), (theirs, ranges[2]))
        ]
        return [
            f"{page}: {len(ours) - 1} headings in English, {len(theirs) - 1} in Chinese;"
            f" they differ from {titles[0]} in English and {titles[1]} in Chinese on"
        ]
    found = []
    for one, other in zip(ours, theirs, strict=True):
        wrong = list(unlike(one, other))
        leads = [translated(english, link) for link in one.links if target(english, link) != (str(chinese), "")]
        come = [target(chinese, link) for link in other.links if target(chinese, link) != (str(english), "")]
        if difference := apart((told(english, to) for to in leads), (told(english, to) for to in come)):
            wrong.append(("links", difference))
        found += [f"{page}, “{other.title}” ({one.title}): {what}: {difference}" for what, difference in wrong]
    for page_from, page_to in ((english, chinese), (chinese, english)):
        links = [link for section in sections(page_from)[:2] for link in section.links]
        if (str(page_to), "") not in [target(page_from, link) for link in links]:
            found.append(
                f"{'/'.join(page_from.parts[-2:])}: the top does not lead to {page_to.name} in the other language"
            )
    return found


def guides(root: Path) -> list[Path]:
    """Return the English pages that have a twin: the README and what stands in docs, but what is in English only."""
    pages = [path for path in sorted((root / "docs").glob("*.md")) if path.name not in ENGLISH_ONLY]
    return [root / "README.md", *pages]


def unpaired(root: Path) -> list[str]:
    """Return what is wrong about which pages there are: a page without its twin, a twin without its page."""
    wanted = {twin(path).relative_to(root).as_posix() for path in guides(root)}
    twins = (*root.glob(f"*.{FOLDER}.md"), *(root / "docs" / FOLDER).rglob("*.md"))
    found = {path.relative_to(root).as_posix() for path in twins}
    missing = [f"{name}: write it, or name the page among ENGLISH_ONLY" for name in sorted(wanted - found)]
    return missing + [f"{name}: has no English page" for name in sorted(found - wanted)]


def marks_file(root: Path) -> Path:
    return root / "docs" / FOLDER / "sections.json"


def marks(root: Path) -> dict[str, tuple[str, str]]:
    """Return the mark of every section of the English pages, by page and heading, with the heading of its twin."""
    return {
        f"{page.relative_to(root).as_posix()}, {one.title}": (one.mark, other.title)
        for page in guides(root)
        for one, other in zip(sections(page), sections(twin(page)), strict=True)
        if one.title
    }


def stale(root: Path) -> list[str]:
    """Return the sections whose English text is another than when their twin was last looked at."""
    known: dict[str, str] = json.loads(marks_file(root).read_text(encoding="utf-8"))
    now = marks(root)
    changed = [
        f"{name}: says something else than when “{title}” was written; bring that into step, then python -m tools.twins"
        for name, (mark, title) in now.items()
        if known.get(name) != mark
    ]
    return changed + [f"{name}: is gone; python -m tools.twins" for name in known if name not in now]


def main(root: Path = ROOT) -> int:
    """Write the marks, naming each section that is taken as in step; refuse while a page differs from its twin."""
    wrong = unpaired(root) or [difference for page in guides(root) for difference in differences(page, twin(page))]
    if wrong:
        print(*wrong, sep="\n")
        return 1
    now = {name: mark for name, (mark, _title) in marks(root).items()}
    file = marks_file(root)
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    print(*(f"in step: {name}" for name, mark in now.items() if known.get(name) != mark), sep="\n")
    file.write_text(json.dumps(now, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
