"""Translations without gettext's programs: extract, check and compile catalogues with Babel.

    python tools/messages.py update [DIR …]   extract strings below each DIR into DIR/locale/zh_Hans/…/django.po
    python tools/messages.py compile          write the .mo beside every .po
    python tools/messages.py check            exit 1, naming every missing, fuzzy, stale or broken translation

Without DIR, every folder that has a catalogue is meant. A folder's strings go to the nearest catalogue above them.
"""

import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "troth"
LOCALE = "zh_Hans"
CATALOGUE = Path("locale") / LOCALE / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "gettext_noop": None, "_": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def catalogue_dirs() -> list[Path]:
    """Return every folder with a catalogue of its own, deepest first."""
    found = [path.parents[3] for path in PACKAGE.rglob(str(CATALOGUE))]
    return sorted(found, key=lambda path: -len(path.parts))


def sources(folder: Path, others: Iterable[Path]) -> Iterator[Path]:
    """Yield the files whose strings belong to the folder's catalogue: all below it but those of deeper catalogues."""
    deeper = [other for other in others if other != folder and folder in other.parents]
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or not path.is_file():
            continue
        if {"tests", "migrations", "static", "node_modules"} & set(path.relative_to(PACKAGE).parts):
            continue
        if path.suffix != ".py" and "templates" not in path.parts:
            continue
        if not any(other in path.parents for other in deeper):
            yield path


def _flat(code: str) -> str:
    """A template's indentation means nothing, but Python's tokenizer would refuse it."""
    return "\n".join(line.lstrip() for line in code.splitlines())


def extracted(folder: Path, others: Iterable[Path]) -> Catalog:
    """Return the catalogue of the folder's strings, untranslated."""
    catalogue = Catalog(locale=LOCALE, project="troth", charset="utf-8")
    for path in sources(folder, others):
        text = path.read_text(encoding="utf-8")
        code = text if path.suffix == ".py" else _flat(templatize(text, origin=str(path)))
        stream = io.BytesIO(code.encode())
        for _line, message, comments, context in extract(
            "python", stream, keywords=KEYWORDS, comment_tags=("Translators:",)
        ):
            flags = {"python-format"} if path.suffix != ".py" and "%(" in str(message) else set()
            place = (path.relative_to(PACKAGE).as_posix(), 0)
            catalogue.add(message, locations=[place], auto_comments=comments, context=context, flags=flags)
    return catalogue


def read(folder: Path) -> Catalog:
    """Return the folder's catalogue as stored."""
    path = folder / CATALOGUE
    if not path.exists():
        return Catalog(locale=LOCALE, project="troth", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE)


def update(folders: list[Path]) -> None:
    """Bring the catalogues up to date with the sources, keeping translations, dropping strings that are gone."""
    everything = set(catalogue_dirs()) | set(folders)
    for folder in folders or catalogue_dirs():
        catalogue = read(folder)
        catalogue.update(extracted(folder, everything), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path = folder / CATALOGUE
        path.parent.mkdir(parents=True, exist_ok=True)
        written = io.BytesIO()
        write_po(written, catalogue, width=110, sort_output=True, omit_header=False, include_lineno=False)
        # Dates and tool versions in the header would change with every run and say nothing.
        text = written.getvalue().decode()
        text = re.sub(
            r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Report-Msgid-Bugs-To|Language-Team):.*\n',
            "",
            text,
            flags=re.M,
        )
        text = re.sub(r"\A(#.*\n)+", "# Chinese (Simplified) translations of Troth.\n", text)
        path.write_text(text, encoding="utf-8")
        missing = sum(1 for message in catalogue if message.id and not message.string)
        print(f"{folder.relative_to(ROOT)}: {missing} of {len(catalogue)} to translate")


def compile_all() -> None:
    """Write the .mo beside every .po."""
    for folder in catalogue_dirs():
        with (folder / CATALOGUE).with_suffix(".mo").open("wb") as file:
            write_mo(file, read(folder))


def placeholders(text: str) -> list[str]:
    """Return the placeholders of a message, sorted."""
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))


def wrongs_of(message: Message) -> Iterator[str]:
    """Yield what is wrong with one translation."""
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    if not all(strings):
        yield "not translated"
    elif message.fuzzy:
        yield "fuzzy"
    elif placeholders(str(strings[0])) not in [placeholders(str(one)) for one in ids]:
        yield f"placeholders differ: {placeholders(str(ids[-1]))} / {placeholders(str(strings[0]))}"


def check() -> int:
    """Print every wrong of every catalogue; return how many there are."""
    everything = catalogue_dirs()
    wrongs = 0
    for folder in everything:
        stored, wanted = read(folder), extracted(folder, everything)
        keys = {(message.id, message.context) for message in stored if message.id}
        for message in wanted:
            if message.id and (message.id, message.context) not in keys:
                print(f"{folder.relative_to(ROOT)}: {message.id!r}: missing; run tools/messages.py update")
                wrongs += 1
        for message in stored:
            for wrong in wrongs_of(message) if message.id else ():
                print(f"{folder.relative_to(ROOT)}: {message.id!r}: {wrong}")
                wrongs += 1
    covered = {path for folder in everything for path in sources(folder, everything)}
    for path in set(sources(PACKAGE, [])) - covered:
        if len(extracted_from(path)):
            print(f"{path.relative_to(ROOT)}: has strings but no catalogue above it; run tools/messages.py update DIR")
            wrongs += 1
    for wrong in contradictions(everything):
        print(wrong)
        wrongs += 1
    return wrongs


def contradictions(folders: Iterable[Path]) -> Iterator[str]:
    """Yield texts that two catalogues translate differently: Django merges them, and one would win everywhere."""
    wordings: dict[tuple[str | None, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for folder in folders:
        for message in read(folder):
            if message.id and message.string:
                english = message.id if isinstance(message.id, str) else message.id[0]
                chinese = message.string if isinstance(message.string, str) else message.string[0]
                wordings[_context(message), english][chinese].append(str(folder.relative_to(ROOT)))
    for (context, english), found in sorted(wordings.items(), key=str):
        if len(found) > 1:
            of = f" ({context})" if context else ""
            said = "; ".join(f"{chinese} in {', '.join(places)}" for chinese, places in found.items())
            yield f"{english!r}{of}: one text, several translations: {said}; choose one, or give a context"


def _context(message: Message) -> str | None:
    context = message.context
    return context if context is None or isinstance(context, str) else context[0]


def extracted_from(path: Path) -> list[str]:
    """Return the translatable strings of one file."""
    text = path.read_text(encoding="utf-8")
    code = text if path.suffix == ".py" else _flat(templatize(text, origin=str(path)))
    return [str(found[1]) for found in extract("python", io.BytesIO(code.encode()), keywords=KEYWORDS)]


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    match arguments:
        case ["update", *names]:
            update([(Path.cwd() / name).resolve() for name in names])
        case ["compile"]:
            compile_all()
        case ["check"]:
            return 1 if check() else 0
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
